"""The follower of `jiesuan.reference`: institutions and catalogues into the tables."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import orjson
import structlog
from aiokafka.errors import KafkaError

from jiesuan_events.requests import CatalogueItem, Institution
from jiesuan_events.words.topics import REFERENCE
from jiesuan_ledger.log.imported import imported_reference_end
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions
from jiesuan_ledger.log.port import LogError, Stored
from jiesuan_ledger.ours import (
    AcceptedReference,
    Order,
    StrangerReason,
    accept_reference,
    turn_of,
)
from jiesuan_services.gateway.store.database import AWAY, Connection
from jiesuan_services.gateway.store.sql import query

FOLLOW_SECONDS: Final = 0.5
_HOME: Final = ("store", "reference")

log = structlog.get_logger()


class ReferenceFollower:
    """Takes over what agencies registered, from where the last gateway was."""

    def __init__(self, bootstrap: str, pool: Connection) -> None:
        self._bootstrap = bootstrap
        self._pool = pool
        self._kept: asyncio.Task[None] | None = None
        self._partitions = 0
        self._last: dict[str, Order] | None = None

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
                self._partitions = await count_partitions(self._bootstrap)
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
        at = begin if at > end else max(at, begin)
        start = begin if self._last is None else at
        self._last = {} if self._last is None else self._last
        imported = await imported_reference_end(source)
        async for batch in source.read(REFERENCE, 0, start=start, stop=end):
            new = [one for one in batch if one.offset >= at]
            self._pass(batch[: len(batch) - len(new)], imported=imported)
            if new:
                await self._take(new, imported=imported)

    def _pass(self, old: Sequence[Stored], *, imported: int) -> None:
        """Take note of the turns of what is in the tables already."""
        assert self._last is not None
        for stored in old:
            turn = turn_of(
                stored.record,
                partitions=self._partitions,
                is_imported=stored.offset <= imported,
            )
            if turn is not None:
                key, order = turn
                self._last[key] = max(order, self._last.get(key, order))

    async def _take(self, new: Sequence[Stored], *, imported: int) -> None:
        assert self._last is not None
        places, items = [], []
        for stored in new:
            one = accept_reference(
                stored.record,
                self._last,
                partitions=self._partitions,
                is_imported=stored.offset <= imported,
            )
            if isinstance(one, StrangerReason):
                log.warning("reference.stranger", reason=one.value)
            elif isinstance(one, AcceptedReference):
                self._last[one.key] = one.order
                if isinstance(one.said, Institution):
                    places.append(_place(one.said))
                else:
                    items.append(_item(one.said))
        next_ = new[-1].offset + 1
        async with self._pool.acquire() as db, db.transaction():
            await db.executemany(query(*_HOME, name="put_place"), places)
            await db.executemany(query(*_HOME, name="put_item"), items)
            await db.execute(query(*_HOME, name="moved"), next_)


def _place(said: Institution) -> tuple[Any, ...]:
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


def _item(said: CatalogueItem) -> tuple[Any, ...]:
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
