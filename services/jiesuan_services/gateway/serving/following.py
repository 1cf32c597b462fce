"""The follower of `jiesuan.reference`: institutions and catalogues into the tables."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import orjson
import structlog
from aiokafka.errors import KafkaError

from jiesuan_events.requests import CatalogueItem, Institution
from jiesuan_events.words.topics import REFERENCE
from jiesuan_ledger.log.failures import halt_of
from jiesuan_ledger.log.fetch.slow import Halt
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions
from jiesuan_ledger.log.port import LogError
from jiesuan_ledger.ours import AcceptedReference, StrangerReason
from jiesuan_ledger.reference import Read, ReferenceReader
from jiesuan_services.gateway.store.database import AWAY, Connection
from jiesuan_services.gateway.store.sql import query

FOLLOW_SECONDS: Final = 0.5
_HOME: Final = ("store", "reference")
_TOPIC: Final = f"{REFERENCE}/0"
_NUL: Final = "\x00"
"""JSON may say it in a name, and PostgreSQL keeps no text with it."""

log = structlog.get_logger()


class ReferenceFollower:
    """Takes over what agencies registered, from where the last gateway was."""

    def __init__(self, bootstrap: str, pool: Connection) -> None:
        self.strangers = 0
        self.standing: dict[str, Halt] = {}
        """Where the topic cannot be read, if so."""
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
                await self._follow(await self._reader(source))
            except (KafkaError, LogError, asyncpg.PostgresError, *AWAY) as away:
                log.warning("reference.away", error=type(away).__name__)
            finally:
                await source.stop()
            await asyncio.sleep(FOLLOW_SECONDS)

    async def _follow(self, reader: ReferenceReader) -> None:
        while True:
            try:
                async for batch in reader.read():
                    await self._take(batch)
            except LogError as unread:
                log.warning("reference.unread", error=str(unread))
                self._stand(reader.halt)
            except asyncpg.PostgresError as refused:
                if isinstance(refused, AWAY):
                    raise
                # What one transaction is refused another may not be: it is tried again.
                log.warning("reference.refused", error=type(refused).__name__)
                self._stand(halt_of(refused, reader.next))
            else:
                self.standing = {}
            await asyncio.sleep(FOLLOW_SECONDS)

    def _stand(self, halt: Halt | None) -> None:
        """Say where it stands, since when it has stood there."""
        known = self.standing.get(_TOPIC)
        if halt is not None and (known is None or known.offset != halt.offset):
            self.standing = {_TOPIC: halt}

    async def _reader(self, source: KafkaLog) -> ReferenceReader:
        """Read on from where the tables are; what came before is only counted."""
        end = await source.end_offset(REFERENCE, 0)
        at = await self._pool.fetchval(query(*_HOME, name="position")) or 0
        partitions = await count_partitions(self._bootstrap)
        # A log that ends before where we were is another log: it is read anew.
        known = 0 if at > end else at
        return ReferenceReader(source, partitions=partitions, known=known)

    async def _take(self, batch: Sequence[Read]) -> None:
        if not batch:
            return
        places, items = [], []
        for one in batch:
            match one.said:
                case AcceptedReference(Institution() as said):
                    places.append(_place(said))
                case AcceptedReference(CatalogueItem() as said):
                    items.append(_item(said))
                case StrangerReason() as reason:
                    self.strangers += 1
                    log.warning(
                        "reference.stranger", offset=one.offset, reason=reason.value
                    )
        async with self._pool.acquire() as db, db.transaction():
            await db.executemany(query(*_HOME, name="put_place"), places)
            await db.executemany(query(*_HOME, name="put_item"), items)
            await db.execute(query(*_HOME, name="moved"), batch[-1].offset + 1)


def _place(said: Institution) -> tuple[Any, ...]:
    opened = [one.wire() for one in said.opened or ()]
    return (
        said.institution_id,
        said.institution_name.replace(_NUL, "\ufffd"),
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
