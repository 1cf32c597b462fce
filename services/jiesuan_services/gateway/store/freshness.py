"""Waiting until the read models hold what this counter has entered itself."""

import asyncio
from typing import Any, Final

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
    await _until(db, rows)


async def until_all_projected(db: Connection, fixmedins_code: str) -> None:
    """Wait for the last entries of an institution, in every partition."""
    rows = await db.fetch(query(*_HOME, name="last_entered_here"), fixmedins_code)
    await _until(db, rows)


async def _until(db: Connection, rows: list[Any]) -> None:
    wanted = {row["partition"]: row["offset"] for row in rows}
    if not wanted:
        return
    try:
        async with asyncio.timeout(MOST_SECONDS):
            # Another process writes: there is no event to wait for.
            while not await _are_there(db, wanted):  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise Unavailable(BEHIND) from None


async def _are_there(db: Connection, wanted: dict[int, int]) -> bool:
    rows = await db.fetch(query(*_HOME, name="projected_up_to"), list(wanted))
    have = {row["partition"]: row["offset"] for row in rows}
    return all(have.get(one, -1) >= offset for one, offset in wanted.items())
