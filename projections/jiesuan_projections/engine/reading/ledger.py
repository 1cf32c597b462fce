"""Reading the ledger by the rule of all readers: one next entry a person, else a fork.

Pure: heads come in and go out, and the runner stores them in the transaction that
stores the rows.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec
from msgspec import Struct

from jiesuan_events.entries.chain import GENESIS, follows
from jiesuan_events.entries.entry import GENESIS_TYPE, Entry, EntryError, read_entry
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.instants import moment, policy_date
from jiesuan_projections.engine.model import LogRecord, instant, storable
from jiesuan_projections.engine.reading.facts import Fact, NotAFact, read_fact

_PERSON_ID: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,50}")
MAX_VERSION: Final = 2**63 - 1
PERSONS_REMEMBERED: Final = 65_536
INSTANTS_REMEMBERED: Final = 256


class LedgerRefused(RuntimeError):
    """This is not the ledger that the read models retell."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Which ledger this is, as its first record in every partition says."""

    ledger_id: str
    partitions: int


class Head(Struct, frozen=True, gc=False):
    """Where a person's chain stands."""

    version: int
    hash: bytes
    partition: int
    offset: int


NOBODY: Final = Head(0, GENESIS, -1, -1)


class Told(Struct, frozen=True, gc=False):
    """One accepted entry: its place, its time, and the fact it states."""

    partition: int
    offset: int
    person_id: str
    recorded_at: datetime
    clearing_month: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Fork:
    """One ledger record that is nobody's next entry."""

    record: LogRecord
    reason: str
    person_id: str | None = None
    type: str | None = None
    version: int | None = None
    cause: str | None = None
    writer: str | None = None


@dataclass(slots=True)
class LedgerBatch:
    """What a run of ledger records says, and the heads that it moved."""

    told: list[Told] = field(default_factory=list)
    forks: list[Fork] = field(default_factory=list)
    moved: dict[str, Head] = field(default_factory=dict)


def read_genesis(record: LogRecord) -> Ledger:
    """Read offset 0 of a partition of the ledger, or refuse by name."""
    if (dict(record.headers)).get("ce_type") != GENESIS_TYPE.encode():
        raise LedgerRefused(
            f"partition {record.partition} of the ledger does not begin with its "
            "genesis record: restore it, or begin a new ledger with `jiesuan up`"
        )
    try:
        body = msgspec.json.decode(record.value or b"", type=dict[str, str | int])
        return Ledger(str(body["ledger_id"]), int(body["partitions"]))
    except (msgspec.DecodeError, KeyError, ValueError) as wrong:
        raise LedgerRefused(
            f"the genesis record of partition {record.partition} cannot be read"
        ) from wrong


def check_ledger(found: Ledger, known: Ledger | None) -> None:
    """Refuse a ledger that is not the one retold so far."""
    if known is not None and found != known:
        raise LedgerRefused(
            f"the read models retell ledger {known.ledger_id} with {known.partitions} "
            f"partitions, but this is {found.ledger_id} with {found.partitions}; "
            "give each ledger its own database"
        )


def persons_of(records: Iterable[LogRecord]) -> list[str]:
    """Name the persons whose heads a run of records needs."""
    keys = {record.key for record in records if record.key is not None}
    names = (key.decode("utf-8", "replace") for key in keys)
    return [name for name in names if _PERSON_ID.fullmatch(name)]


def read_entries(
    records: Sequence[LogRecord], heads: dict[str, Head], *, partitions: int
) -> LedgerBatch:
    """Apply the chain rule to records in the order of their partitions."""
    batch = LedgerBatch()
    for record in records:
        if record.offset > 0:
            _read(record, batch, heads=heads, partitions=partitions)
    return batch


def _read(
    record: LogRecord, batch: LedgerBatch, *, heads: dict[str, Head], partitions: int
) -> None:
    try:
        entry = read_entry(record.key, record.value, headers=record.headers)
    except EntryError:
        batch.forks.append(_unreadable(record))
        return
    person_id = entry.person_id
    head = batch.moved.get(person_id) or heads.get(person_id, NOBODY)
    reason = _why_fork(entry, record, head=head, partitions=partitions)
    if reason is None:
        try:
            fact = read_fact(entry.type, entry.value)
        except NotAFact:
            reason = "not-a-fact"
        else:
            batch.moved[person_id] = _next_head(entry, record)
            batch.told.append(_told(entry, record, fact=fact))
            return
    batch.forks.append(_fork(entry, record, reason=reason))


def _why_fork(
    entry: Entry, record: LogRecord, *, head: Head, partitions: int
) -> str | None:
    if _partition_of(entry.person_id, partitions) != record.partition:
        return "wrong-partition"
    if not follows(
        head.version, head.hash, version=entry.version, prev=entry.prev_hash
    ):
        return "does-not-follow"
    return None


_partition_of = lru_cache(PERSONS_REMEMBERED)(partition_of)


def _next_head(entry: Entry, record: LogRecord) -> Head:
    # read_entry has checked that the claimed id is the hash of the stored bytes.
    return Head(
        entry.version,
        bytes.fromhex(entry.claimed_id),
        record.partition,
        record.offset,
    )


def _told(entry: Entry, record: LogRecord, *, fact: Fact) -> Told:
    try:
        recorded_at, month = _recorded(entry.recorded_at)
    except ValueError:
        # Headers are not under the hash: a damaged time must not move the chain.
        recorded_at = instant(record.timestamp)
        month = policy_date(recorded_at).strftime("%Y%m")
    return Told(
        record.partition, record.offset, entry.person_id, recorded_at, month, fact
    )


@lru_cache(INSTANTS_REMEMBERED)
def _recorded(text: str) -> tuple[datetime, str]:
    at = moment(text)
    return at, policy_date(at).strftime("%Y%m")


def _fork(entry: Entry, record: LogRecord, *, reason: str) -> Fork:
    return Fork(
        record,
        reason,
        person_id=entry.person_id,
        type=storable(entry.type),
        version=entry.version if entry.version <= MAX_VERSION else None,
        cause=storable(entry.cause),
        writer=storable(entry.writer),
    )


def _unreadable(record: LogRecord) -> Fork:
    key = (record.key or b"").decode("utf-8", "replace")
    return Fork(
        record,
        "not-an-entry",
        person_id=key if _PERSON_ID.fullmatch(key) else None,
        type=storable(
            dict(record.headers).get("ce_type", b"").decode("utf-8", "replace")
        ),
    )
