"""The follower of `jiesuan.reference`: institutions and catalogues into the tables."""

import asyncio
import json
from typing import Any, Final

import orjson
import structlog
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from jiesuan_events.requests import CatalogueItem, Institution
from jiesuan_events.words.topics import REFERENCE
from jiesuan_ledger.log.kafka import KafkaLog
from jiesuan_ledger.log.port import LogError
from jiesuan_ledger.log.record import Record
from jiesuan_services.gateway.store.database import AWAY, Connection
from jiesuan_services.gateway.store.sql import query

FOLLOW_SECONDS: Final = 0.5
_HOME: Final = ("store", "reference")
INSTITUTION: Final = b"institution:"
CATALOGUE: Final = b"catalogue:"

log = structlog.get_logger()


class ReferenceFollower:
    """Takes over what agencies registered, from where the last gateway was."""

    def __init__(self, bootstrap: str, pool: Connection) -> None:
        self._bootstrap = bootstrap
        self._pool = pool
        self._kept: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start following."""
        self._kept = asyncio.create_task(self._keep())

    async def end(self) -> None:
        """Stop following."""
        if self._kept is not None:
            self._kept.cancel()
            await asyncio.gather(self._kept, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            source = KafkaLog(self._bootstrap, producer=None)
            try:
                await source.start()
                while True:
                    await self._catch_up(source)
                    await asyncio.sleep(FOLLOW_SECONDS)
            except (KafkaError, LogError, *AWAY) as away:
                log.warning("reference.away", error=type(away).__name__)
            finally:
                await source.stop()
            await asyncio.sleep(FOLLOW_SECONDS)

    async def _catch_up(self, source: KafkaLog) -> None:
        begin = await source.begin_offset(REFERENCE, 0)
        end = await source.end_offset(REFERENCE, 0)
        at = await self._pool.fetchval(query(*_HOME, name="position")) or 0
        # A log that ends before where we were is another log: it is read anew.
        start = begin if at > end else max(at, begin)
        async for batch in source.read(REFERENCE, 0, start=start, stop=end):
            await self._take(
                [stored.record for stored in batch], next_=batch[-1].offset + 1
            )

    async def _take(self, records: list[Record], *, next_: int) -> None:
        places, items = [], []
        for record in records:
            key = record.key or b""
            try:
                if key.startswith(INSTITUTION):
                    places.append(_place(record))
                elif key.startswith(CATALOGUE):
                    items.append(_item(record))
            except ValidationError:
                log.warning("reference.unreadable")
        async with self._pool.acquire() as db, db.transaction():
            await db.executemany(query(*_HOME, name="put_place"), places)
            await db.executemany(query(*_HOME, name="put_item"), items)
            await db.execute(query(*_HOME, name="moved"), next_)


def _place(record: Record) -> tuple[Any, ...]:
    said = Institution.model_validate_json(record.value)
    opened = [one.wire() for one in said.opened or ()]
    return (
        said.institution_id,
        said.institution_name,
        said.region,
        said.institution_type,
        said.institution_level,
        said.outpatient_opened or False,
        orjson.dumps(opened).decode(),
    )


def _item(record: Record) -> tuple[Any, ...]:
    said = CatalogueItem.model_validate(json.loads(record.value))
    return (
        said.region,
        said.item,
        said.begin_date,
        said.end_date,
        said.item_class,
        said.charge_category,
        said.price_limit,
        said.self_pay_ratio,
        said.negotiated,
        said.restricted,
    )
