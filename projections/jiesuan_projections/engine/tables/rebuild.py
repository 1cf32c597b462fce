"""Blue/green: a read model is rebuilt beside the live one, compared, and swapped.

The new tables lie in a schema of their own with their own checkpoints and heads; the
same SQL fills them, only the search path differs. While both stand at the same offsets
(the live checkpoints are locked), digests decide; the swap is that same transaction.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

import asyncpg

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.fetch.consumer import LogConsumer
from jiesuan_ledger.parts.checked import NO_CHECKS, Checker
from jiesuan_projections.engine.checks.digest import digest, table_digest
from jiesuan_projections.engine.checks.shape import is_reshaped
from jiesuan_projections.engine.follower import Follower
from jiesuan_projections.engine.logs import (
    bounds,
    identify,
    opened,
    partitions_of,
    read_between,
)
from jiesuan_projections.engine.model import SCHEMA, Connection, ReadModel
from jiesuan_projections.engine.models import MODELS, standing_on
from jiesuan_projections.engine.positions import (
    known_ledger,
    lock_positions,
    read_positions,
)
from jiesuan_projections.engine.tables.certificate import (
    RebuildDigests,
    Sign,
    certificate,
    unsigned,
)
from jiesuan_projections.engine.tables.database import WRITER, connect, create
from jiesuan_projections.engine.tables.giving_way import GivingWay
from jiesuan_projections.engine.tables.sql import engine, query, tables

ONE_REBUILD: Final = 4201_0068
"""Any number, the same in every process: a model is rebuilt once at a time."""


READERS: Final = 2
"""More would only share the same two cores."""
OTHER_SHAPE: Final = "another-shape"
"""In place of a digest: rows of other columns cannot be compared."""
LOCK_SECONDS: Final = 5
"""How long a swap waits for readers that are in the middle of a query."""


class RebuildRefused(RuntimeError):
    """The read model was not swapped: what is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found, and whether the new tables are the live ones now."""

    name: str
    before: str
    after: str
    records: int
    swapped: bool
    certificate: str = ""

    @property
    def agrees(self) -> bool:
        """Whether old and new rows are the same."""
        return self.before == self.after

    @property
    def reshaped(self) -> bool:
        """Whether the old tables were of another version."""
        return self.before == OTHER_SHAPE


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a rebuild was asked for."""

    kafka: str
    dsn: str
    model: ReadModel
    schema: str
    swap: bool
    accept: str | None
    checker: Checker
    sign: Sign = unsigned


@dataclass(frozen=True, slots=True)
class PartitionReader:
    """Some partitions of the log, with a reader and a connection for them alone.

    While one reader waits for PostgreSQL, another decodes. Persons never cross readers:
    each lies in one partition.
    """

    reader: LogConsumer
    connection: Connection
    partitions: tuple[int, ...]
    follower: Follower

    async def catch_up(
        self, upto: Mapping[int, int], *, way: GivingWay | None = None
    ) -> int:
        """Apply the log up to these offsets, inclusive; count the records."""
        topic = self.follower.topic
        have = await read_positions(self.connection, topic)
        start = {partition: have[partition] + 1 for partition in self.partitions}
        end = {partition: upto[partition] + 1 for partition in self.partitions}
        count = 0
        async for records in read_between(self.reader, topic, start=start, end=end):
            applied = await self.follower.apply(self.connection, records)
            if applied.gaps:
                raise RebuildRefused(f"{topic}在{applied.gaps}处缺记录，请先恢复主题")
            count += applied.records
            if way is not None:
                await way.give(self.reader)
        return count


async def begin(one: PartitionReader, partitions: tuple[int, ...]) -> None:
    """Make the tables, and place checkpoints where the log begins.

    Of answers the weeks before are forgotten; a ledger forgets nothing.
    """
    follower = one.follower
    begins, _ = await bounds(one.reader, follower.topic, partitions=partitions)
    async with one.connection.transaction():
        await create(one.connection, follower.models)
        written = [table for model in follower.models for table in model.tables]
        await _log(one.connection, (*written, "chain_head"), logged=False)
        await lock_positions(one.connection, follower.topic, partitions=partitions)
        for partition, offset in begins.items():
            await one.connection.execute(
                query("progress", "forget"), follower.topic, partition, offset - 1
            )


async def _log(connection: Connection, names: Sequence[str], *, logged: bool) -> None:
    """Say whether tables survive a crash of PostgreSQL: what is swapped in must.

    Until then nothing need: a rebuild that dies is begun again.
    """
    for table in names:
        how = "logged" if logged else "unlogged"
        await connection.execute(engine(how, table=table))


async def catch_up(
    readers: Sequence[PartitionReader],
    upto: Mapping[int, int],
    *,
    way: GivingWay | None = None,
) -> int:
    """Let every reader catch up; raise a failure only after all have ended."""
    counts = await asyncio.gather(
        *(one.catch_up(upto, way=way) for one in readers), return_exceptions=True
    )
    for count in counts:
        if isinstance(count, BaseException):
            raise count
    return sum(count for count in counts if isinstance(count, int))


async def rebuild(
    kafka: str,
    dsn: str,
    *,
    name: str,
    accept: str | None = None,
    checker: Checker = NO_CHECKS,
    sign: Sign = unsigned,
) -> Rebuilt:
    """Rebuild a read model from the log and swap it in; readers notice nothing.

    What was found is signed and kept in `rebuild_history`.

    Raises RebuildRefused, and leaves everything as it was, if the digests differ at the
    same offsets and no reason to accept the difference is given.
    """
    model = _model(name)
    schema = f"{SCHEMA}_next_{name}"
    return await _alone(Wanted(kafka, dsn, model, schema, True, accept, checker, sign))


async def compare_with_log(
    kafka: str, dsn: str, *, name: str, checker: Checker = NO_CHECKS
) -> Rebuilt:
    """Retell a read model beside the live one and compare; swap nothing."""
    model = _model(name)
    schema = f"{SCHEMA}_check_{name}"
    return await _alone(Wanted(kafka, dsn, model, schema, False, None, checker))


def _model(name: str) -> ReadModel:
    if name not in MODELS:
        raise RebuildRefused(f"没有读模型{name}，应为{'、'.join(MODELS)}之一")
    return MODELS[name]


async def _alone(wanted: Wanted) -> Rebuilt:
    """Run one rebuild at a time in a schema of its own, dropped at the end."""
    admin = await asyncpg.connect(wanted.dsn)
    try:
        if not await admin.fetchval(engine("rebuild_lock"), ONE_REBUILD, wanted.schema):
            raise RebuildRefused("正在重建，请等它完成")
        drop = engine("drop_schema", schema=wanted.schema)
        await admin.execute(drop)
        await admin.execute(engine("create_schema", schema=wanted.schema, owner=WRITER))
        try:
            return await _beside(wanted)
        finally:
            await admin.execute(drop)
    finally:
        await admin.close()


async def _beside(wanted: Wanted) -> Rebuilt:
    model = wanted.model
    async with AsyncExitStack() as stack:
        live = await connect(wanted.dsn)
        stack.push_async_callback(live.close)
        reader = await stack.enter_async_context(opened(wanted.kafka))
        ledger = await identify(
            reader,
            await known_ledger(live),
            partitions=await partitions_of(wanted.kafka, LEDGER),
        )
        partitions = await partitions_of(wanted.kafka, model.topic)
        follower = Follower(model.topic, (model,), ledger, wanted.checker)
        readers = [
            await _partition_reader(
                wanted, stack, follower=follower, partitions=partitions[at::READERS]
            )
            for at in range(min(READERS, len(partitions)))
        ]
        await begin(readers[0], partitions)
        return await _race(wanted, live, readers=readers)


async def _partition_reader(
    wanted: Wanted,
    stack: AsyncExitStack,
    *,
    follower: Follower,
    partitions: tuple[int, ...],
) -> PartitionReader:
    reader = await stack.enter_async_context(opened(wanted.kafka))
    connection = await connect(wanted.dsn, schema=wanted.schema)
    await connection.execute(engine("hasty"))
    stack.push_async_callback(connection.close)
    return PartitionReader(reader, connection, partitions, follower)


async def _race(
    wanted: Wanted, live: Connection, *, readers: Sequence[PartitionReader]
) -> Rebuilt:
    """Catch up beside the live tables, lock them, catch up fully, compare, swap."""
    topic = wanted.model.topic
    way = GivingWay(live, topic)
    count = await catch_up(readers, await read_positions(live, topic), way=way)
    if wanted.swap:
        await _log(readers[0].connection, wanted.model.tables, logged=True)
        # Tables are written anew for that: what came meanwhile must not wait for us.
        held = await read_positions(live, topic)
        count += await catch_up(readers, held, way=way)
    partitions = sorted(part for one in readers for part in one.partitions)
    async with live.transaction():
        held = await lock_positions(live, topic, partitions=partitions)
        count += await catch_up(readers, held)
        before = OTHER_SHAPE
        if not await is_reshaped(live, wanted.model):
            before = await _digest(live, wanted.model, schema=SCHEMA)
        after = await _digest(live, wanted.model, schema=wanted.schema)
        note = ""
        if wanted.swap:
            note = await _swap(wanted, live, digests=(before, after), held=held)
    return Rebuilt(wanted.model.name, before, after, count, wanted.swap, note)


async def _digest(live: Connection, model: ReadModel, *, schema: str) -> str:
    """Digest the model's rows, and the chains they stand on."""
    rows = await digest(live, model.name, schema=schema)
    if model.topic != LEDGER:
        return rows
    chains = await table_digest(live, "chain_head", schema=schema)
    return f"{rows} chain_head={chains}"


async def _swap(
    wanted: Wanted,
    live: Connection,
    *,
    digests: tuple[str, str],
    held: Mapping[int, int],
) -> str:
    """Swap the new tables in, and return the certificate that is kept of it."""
    before, after = digests
    accept = wanted.accept
    # Answers are kept for weeks: to lose older refusals is for somebody to decide.
    if before == OTHER_SHAPE and wanted.model.topic == LEDGER:
        accept = accept or "表属于另一版本"
    if before != after and accept is None:
        raise RebuildRefused(
            f"{wanted.model.name}在相同偏移处新旧不一致：现有{before}，重建{after}；"
            "保留现有的。请查明原因，或用--accept-difference REASON接受差异"
        )
    reason = accept if before != after else None
    text = await certificate(
        live,
        wanted.model,
        schema=wanted.schema,
        held=held,
        compared=RebuildDigests(before, after, reason, before != OTHER_SHAPE),
    )
    note = wanted.sign(text)
    try:
        await _replace(live, wanted.model, schema=wanted.schema)
    except asyncpg.LockNotAvailableError:
        raise RebuildRefused(f"{wanted.model.name}一直有人在读，请稍后再试") from None
    except asyncpg.DependentObjectsStillExistError as kept:
        raise RebuildRefused(
            f"{wanted.model.name}上有他人建的视图：{kept.detail}"
        ) from None
    await live.execute(query("progress", "grant"))
    swapped = query("progress", "swapped")
    await live.execute(swapped, wanted.model.name, before, after, reason, note)
    return note


async def _replace(live: Connection, model: ReadModel, *, schema: str) -> None:
    await live.execute(engine("patience"), f"{LOCK_SECONDS}s")
    above = [one for one in standing_on(model.name) if not await is_reshaped(live, one)]
    for one in (*above, model):
        for view in reversed(one.views):
            await live.execute(engine("drop_view", schema=SCHEMA, view=view))
    for table in model.tables:
        await live.execute(engine("drop_table", schema=SCHEMA, table=table))
        await live.execute(engine("move_table", schema=schema, table=table, to=SCHEMA))
    for one in (model, *above):
        await live.execute(tables(one.folder))
