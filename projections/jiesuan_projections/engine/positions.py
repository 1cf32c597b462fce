"""Where the read models stand: (partition, offset), moved with the rows, never before.

The truth lies in PostgreSQL; the group's offset in Kafka is a hint for its tools.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jiesuan_events.words.instants import appended_at
from jiesuan_ledger.genesis import Ledger
from jiesuan_projections.engine.model import Connection, LogRecord, Row
from jiesuan_projections.engine.reading.ledger import PlacedHead
from jiesuan_projections.engine.tables.copy import merge
from jiesuan_projections.engine.tables.sql import query


@dataclass(slots=True)
class Sieved:
    """Records that come next, in order; and where a partition must be read again."""

    fresh: list[LogRecord] = field(default_factory=list)
    last: dict[int, LogRecord] = field(default_factory=dict)
    gaps: dict[int, int] = field(default_factory=dict)


def sieve(records: Iterable[LogRecord], positions: Mapping[int, int]) -> Sieved:
    """Keep what follows each checkpoint without a hole; skip what came before.

    A hole is never jumped: its partition is read again from the first missing offset.
    """
    result = Sieved()
    at = dict(positions)
    for record in records:
        partition = record.partition
        following = at[partition] + 1
        if record.offset < following or partition in result.gaps:
            continue
        if record.offset > following:
            result.gaps[partition] = following
            continue
        at[partition] = following
        result.fresh.append(record)
        result.last[partition] = record
    return result


async def read_positions(connection: Connection, topic: str) -> dict[int, int]:
    """Read the checkpoints of a topic: the last offset applied of each partition."""
    rows = await connection.fetch(query("progress", "positions"), topic)
    return {row["partition"]: row["offset"] for row in rows}


async def lock_positions(
    connection: Connection, topic: str, *, partitions: Sequence[int]
) -> dict[int, int]:
    """Lock checkpoints for this transaction: another waits, then sees our rows."""
    rows = await connection.fetch(query("progress", "lock"), topic, partitions)
    if len(rows) < len(partitions):
        await connection.execute(query("progress", "begin"), topic, partitions)
        rows = await connection.fetch(query("progress", "lock"), topic, partitions)
    return {row["partition"]: row["offset"] for row in rows}


async def move_positions(
    connection: Connection, topic: str, *, last: Mapping[int, LogRecord]
) -> None:
    """Move checkpoints to the last applied records."""
    records = last.values()
    await connection.execute(
        query("progress", "move"),
        topic,
        list(last),
        [record.offset for record in records],
        [appended_at(record.timestamp) for record in records],
    )


async def load_heads(
    connection: Connection, persons: Sequence[str]
) -> dict[str, PlacedHead]:
    """Read where the chains of these persons stand."""
    rows = await connection.fetch(query("chain", "heads"), persons)
    return {
        row["psn_no"]: PlacedHead(
            row["version"], row["hash"], row["partition"], row["offset"]
        )
        for row in rows
    }


async def save_heads(connection: Connection, moved: Mapping[str, PlacedHead]) -> None:
    """Store where the chains of these persons stand now."""
    if not moved:
        return
    rows: list[Row] = [
        (person, head.version, head.hash, head.partition, head.offset)
        for person, head in moved.items()
    ]
    await merge(connection, "chain", rows=rows, name="move")


async def known_ledger(connection: Connection) -> Ledger | None:
    """Read which ledger is projected here; none before the first start."""
    row = await connection.fetchrow(query("chain", "ledger"))
    return None if row is None else Ledger(row["ledger_id"], row["partitions"])


async def remember_ledger(connection: Connection, ledger: Ledger) -> None:
    """Store which ledger is projected here, once."""
    await connection.execute(query("chain", "remember"), ledger.id, ledger.partitions)
