"""The rule of all readers: a person's next entry counts, everything else is a fork.

Law, read models, audit, export and verifiers come through here, so that they agree on
what happened: in one order, four questions are asked of every record.
"""

from binascii import unhexlify
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache
from typing import Final, Protocol

from msgspec import Struct

from jiesuan_events.entries.chain import GENESIS, follows
from jiesuan_events.entries.entry import (
    HEADER_NAMES,
    Entry,
    EntryError,
    Headers,
    Said,
    is_person_id,
    read_entry,
    said_by,
    written_entry,
)
from jiesuan_events.entries.partition import partition_of
from jiesuan_ledger.facts import Fact, NotAFact, read_fact, read_facts

PERSONS_REMEMBERED: Final = 65_536
READ_AT_ONCE: Final = 100
"""Records that each step is taken over: more would not stay in the caches."""
_TYPE: Final = HEADER_NAMES.index("ce_type")


class ForkReason(Enum):
    """Why a record is nobody's next entry, in the order in which it is asked."""

    NOT_AN_ENTRY = "not-an-entry"
    """Headers, key or hash are not those of an entry."""
    WRONG_PARTITION = "wrong-partition"
    """An entry of a person who belongs to another partition."""
    DOES_NOT_FOLLOW = "does-not-follow"
    """Its version or the hash before it is not the person's next."""
    NOT_A_FACT = "not-a-fact"
    """Its value is no fact, or a fact of somebody else."""


class ChainHead(Struct, frozen=True, gc=False):
    """Where a person's chain stands, and in which partition."""

    version: int
    hash: bytes
    partition: int


NO_HEAD: Final = ChainHead(0, GENESIS, -1)
"""The head of a person of whom no entry was accepted yet."""


class AcceptedEntry(Struct, frozen=True, gc=False):
    """A person's next entry: its envelope, the fact it states, and its hash."""

    entry: Entry
    fact: Fact
    hash: bytes

    @property
    def person_id(self) -> str:
        """Whose entry it is."""
        return self.entry.person_id

    def head(self, partition: int) -> ChainHead:
        """Return where the person's chain stands after this entry."""
        return ChainHead(self.entry.version, self.hash, partition)


class Fork(Struct, frozen=True, gc=False):
    """A record that readers ignore: why, and its envelope where it has one."""

    reason: ForkReason
    entry: Entry | None = None


class Readable(Protocol):
    """A record as it lies in a log, wherever it was read from."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


Ahead = tuple[Said | None, Fact | None]
"""What was read of a record before its turn: what its headers say, and its fact.

Nothing, nothing of one whose headers are not written as those of an entry.
"""
_NOTHING: Final[Ahead] = (None, None)


def read_ahead(records: Sequence[Readable]) -> list[Ahead]:
    """Read of many records what depends on none before them, for `accept`.

    One step after the other over all of them: it is cheaper than one by one.
    """
    said = [said_by(record.headers) for record in records]
    facts = read_facts(
        (None if one is None else one[_TYPE], record.value or b"")
        for one, record in zip(said, records, strict=True)
    )
    return list(zip(said, facts, strict=True))


def each_ahead(records: Sequence[Readable]) -> Iterator[Ahead]:
    """Read ahead of as many records as come, some at once, and return each."""
    for at in range(0, len(records), READ_AT_ONCE):
        yield from read_ahead(records[at : at + READ_AT_ONCE])


def accept(
    record: Readable,
    head: ChainHead,
    *,
    partition: int,
    partitions: int,
    ahead: Ahead = _NOTHING,
) -> AcceptedEntry | Fork:
    """Accept a record as the next entry after a head, or say why it is a fork.

    ``head`` is that of `person_of`; the record lies in ``partition`` of as many.
    ``ahead`` is what `read_ahead` has read of it, if it has.
    """
    said, fact = ahead
    entry = next_entry(
        record, head, partition=partition, partitions=partitions, said=said
    )
    # Asked in this way round it costs a third: Entry has no metaclass that answers.
    if not isinstance(entry, Entry):
        return entry
    if said is None:
        fact = _fact_of(entry)
    if fact is None or fact.person_id != entry.person_id:
        return Fork(ForkReason.NOT_A_FACT, entry)
    # read_entry has checked that the claimed id is the hash of the stored bytes.
    return AcceptedEntry(entry, fact, unhexlify(entry.claimed_id))


def _fact_of(entry: Entry) -> Fact | None:
    try:
        return read_fact(entry.type, entry.value)
    except NotAFact:
        return None


def next_entry(
    record: Readable,
    head: ChainHead,
    *,
    partition: int,
    partitions: int,
    said: Said | None = None,
) -> Entry | Fork:
    """Return a record's entry if it follows the head, its fact still unread.

    The first three questions of every chain: a person's, and a care region's. ``said``
    is what `said_by` has read of its headers already.
    """
    written = written_entry(
        record.key,
        record.value,
        said=said or said_by(record.headers),
        after=(head.version, head.hash),
    )
    try:
        entry = written or read_entry(record.key, record.value, headers=record.headers)
    except EntryError:
        return Fork(ForkReason.NOT_AN_ENTRY)
    # A person whose chain stands here is at home here: murmur2 is asked once.
    if head.partition != partition and _home(entry.person_id, partitions) != partition:
        return Fork(ForkReason.WRONG_PARTITION, entry)
    if written is None and not follows(
        head.version, head.hash, version=entry.version, prev=entry.prev_hash
    ):
        return Fork(ForkReason.DOES_NOT_FOLLOW, entry)
    return entry


def accepted(record: Readable) -> AcceptedEntry:
    """Return the entry of a record accepted before, without checking its chain.

    Raises EntryError or NotAFact if the record holds no such entry any more.
    """
    entry = read_entry(record.key, record.value, headers=record.headers)
    return AcceptedEntry(entry, read_fact(entry.type, entry.value), entry.hash)


def person_of(record: Readable) -> str | None:
    """Return the person whose head `accept` needs, or None: no key of an entry."""
    if record.key is None:
        return None
    name = record.key.decode("ascii", "replace")
    return name if is_person_id(name) else None


_home = lru_cache(PERSONS_REMEMBERED)(partition_of)
