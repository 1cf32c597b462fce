"""A run of ledger records, read by the rule of all readers (`jiesuan_ledger.reader`).

Pure: heads come in and go out, and the runner stores them in the transaction that
stores the rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from msgspec import Struct

from jiesuan_events.entries.entry import Entry
from jiesuan_events.words.instants import appended_at, moment, policy_date
from jiesuan_ledger.facts import Fact, Settled
from jiesuan_ledger.genesis import Ledger, LedgerRefused
from jiesuan_ledger.parts.checked import NO_CHECKS, Checker
from jiesuan_ledger.reader import (
    NO_HEAD,
    AcceptedEntry,
    Ahead,
    ChainHead,
    Fork,
    accept,
    each_ahead,
    person_of,
)
from jiesuan_projections.engine.model import LogRecord

INSTANTS_REMEMBERED: Final = 256


class PlacedHead(ChainHead, frozen=True, gc=False):
    """Where a person's chain stands, and at which offset."""

    offset: int


class PlacedEntry(Struct, frozen=True, gc=False):
    """One accepted entry: its place, its time, and the fact it states."""

    partition: int
    offset: int
    person_id: str
    recorded_at: datetime
    clearing_month: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class PlacedFork:
    """One ledger record that is nobody's next entry, and why."""

    record: LogRecord
    fork: Fork


@dataclass(slots=True)
class LedgerBatch:
    """What a run of ledger records says, the heads it moved, and who looks it over."""

    entries: list[PlacedEntry] = field(default_factory=list)
    forks: list[PlacedFork] = field(default_factory=list)
    moved: dict[str, PlacedHead] = field(default_factory=dict)
    checker: Checker = NO_CHECKS

    @property
    def others(self) -> list[PlacedEntry]:
        """The entries that do not settle: few. Who asks for them alone asks these."""
        return [one for one in self.entries if type(one.fact) is not Settled]


def check_ledger(found: Ledger, known: Ledger | None) -> None:
    """Refuse a ledger that is not the one projected so far."""
    if known is not None and found != known:
        raise LedgerRefused(
            f"各表来自账本{known.id}（{known.partitions}个分区），而这是另一个账本"
            f"{found.id}（{found.partitions}个分区）：请为每个账本使用各自的数据库"
        )


def persons_of(records: Iterable[LogRecord]) -> list[str]:
    """Return the persons whose heads a run of records needs."""
    return list({name for record in records if (name := person_of(record))})


def read_entries(
    records: Sequence[LogRecord],
    heads: dict[str, PlacedHead],
    *,
    partitions: int,
    checker: Checker = NO_CHECKS,
) -> LedgerBatch:
    """Apply the chain rule to records in the order of their partitions."""
    batch = LedgerBatch(checker=checker)
    entries = [record for record in records if record.offset > 0]
    for record, ahead in zip(entries, each_ahead(entries), strict=True):
        _read(record, batch, ahead=ahead, heads=heads, partitions=partitions)
    return batch


def _read(
    record: LogRecord,
    batch: LedgerBatch,
    *,
    ahead: Ahead,
    heads: dict[str, PlacedHead],
    partitions: int,
) -> None:
    person_id = person_of(record) or ""
    head = batch.moved.get(person_id) or heads.get(person_id) or NO_HEAD
    partition = record.partition
    one = accept(record, head, partition=partition, partitions=partitions, ahead=ahead)
    if isinstance(one, Fork):
        batch.forks.append(PlacedFork(record, one))
        return
    batch.moved[person_id] = PlacedHead(
        one.entry.version, one.hash, partition, record.offset
    )
    batch.entries.append(placed(one, record))


def placed(one: AcceptedEntry, record: LogRecord) -> PlacedEntry:
    """Return an accepted entry with its place and its time."""
    recorded_at, month = _when(one.entry, record)
    return PlacedEntry(
        record.partition, record.offset, one.person_id, recorded_at, month, one.fact
    )


def _when(entry: Entry, record: LogRecord) -> tuple[datetime, str]:
    try:
        return _recorded(entry.recorded_at)
    except ValueError:
        # Headers are not under the hash: a damaged time must not move the chain.
        recorded_at = appended_at(record.timestamp)
        return recorded_at, policy_date(recorded_at).strftime("%Y%m")


@lru_cache(INSTANTS_REMEMBERED)
def _recorded(text: str) -> tuple[datetime, str]:
    at = moment(text)
    # A plain one, in UTC: asyncpg compares it, which a Moment does slowly.
    plain = datetime.combine(at.date(), at.time(), at.tzinfo).astimezone(UTC)
    return plain, policy_date(at).strftime("%Y%m")
