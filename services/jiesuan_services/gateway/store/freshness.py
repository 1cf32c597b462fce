"""Waiting until the read models hold what this counter has entered itself."""

import asyncio
from typing import Any, Final

from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_services.gateway.faults import Unavailable
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query

_HOME: Final = ("store", "messages")
MOST_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.01
BEHIND: Final = "数据正在更新，暂不能办理，请稍候几秒后用同一报文重新发送。"


async def until_projected(db: Connection, psn_no: str) -> None:
    """Wait for the last entry that a message about a person made."""
    rows = await db.fetch(query(*_HOME, name="last_entered"), psn_no)
    await _until(db, rows, topic=LEDGER)


async def until_all_projected(db: Connection, fixmedins_code: str) -> None:
    """Wait for the last entries of an institution, in every partition."""
    await _until_entered(db, fixmedins_code, topic=LEDGER)


async def until_cleared(db: Connection, fixmedins_code: str) -> None:
    """Wait for the last thing that an institution did about its months."""
    await _until_entered(db, fixmedins_code, topic=CLEARING)


async def until_read(db: Connection, partition: int, *, offset: int) -> None:
    """Wait for an entry of the ledger, whoever made it."""
    await _until(db, [{"partition": partition, "offset": offset}], topic=LEDGER)


async def _until_entered(db: Connection, fixmedins_code: str, *, topic: str) -> None:
    statement = query(*_HOME, name="last_entered_here")
    await _until(db, await db.fetch(statement, fixmedins_code, topic), topic=topic)


async def _until(db: Connection, rows: list[Any], *, topic: str) -> None:
    wanted = {row["partition"]: row["offset"] for row in rows}
    if not wanted:
        return
    try:
        async with asyncio.timeout(MOST_SECONDS):
            # Another process writes: there is no event to wait for.
            while not await _are_there(db, wanted, topic=topic):  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise Unavailable(BEHIND) from None


async def _are_there(db: Connection, wanted: dict[int, int], *, topic: str) -> bool:
    rows = await db.fetch(query(*_HOME, name="projected_up_to"), topic, list(wanted))
    have = {row["partition"]: row["offset"] for row in rows}
    return all(have.get(one, -1) >= offset for one, offset in wanted.items())
