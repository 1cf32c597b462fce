"""The rule of all readers of `jiesuan.clearing`: of each care region the next entry.

As for persons (`jiesuan_ledger.reader`), on one partition and without a genesis.
"""

from msgspec import Struct

from jiesuan_events.entries.chain import follows
from jiesuan_events.entries.entry import Entry, EntryError, read_entry
from jiesuan_ledger.clearing.facts import ClearingFact, read_clearing_fact
from jiesuan_ledger.facts import NotAFact
from jiesuan_ledger.reader import ChainHead, Fork, ForkReason, Readable

CLEARING_PARTITION = 0
"""The one partition of requests and facts of clearing."""


class AcceptedClearing(Struct, frozen=True, gc=False):
    """A care region's next entry: its envelope, the fact it states, and its hash."""

    entry: Entry
    fact: ClearingFact
    hash: bytes

    @property
    def head(self) -> ChainHead:
        """Where the region's chain stands after this entry."""
        return ChainHead(self.entry.version, self.hash, CLEARING_PARTITION)


def accepted_clearing(record: Readable) -> AcceptedClearing:
    """Return the entry of a record that was accepted before, its chain not asked.

    Raises EntryError or NotAFact if the record holds no such entry any more.
    """
    entry = read_entry(record.key, record.value, headers=record.headers)
    fact = read_clearing_fact(entry.type, entry.value)
    return AcceptedClearing(entry, fact, bytes.fromhex(entry.claimed_id))


def accept_clearing(record: Readable, head: ChainHead) -> AcceptedClearing | Fork:
    """Accept a record as the next entry after a region's head, or say why not."""
    try:
        entry = read_entry(record.key, record.value, headers=record.headers)
    except EntryError:
        return Fork(ForkReason.NOT_AN_ENTRY)
    if not follows(
        head.version, head.hash, version=entry.version, prev=entry.prev_hash
    ):
        return Fork(ForkReason.DOES_NOT_FOLLOW, entry)
    try:
        fact = read_clearing_fact(entry.type, entry.value)
    except NotAFact:
        return Fork(ForkReason.NOT_A_FACT, entry)
    if fact.care_region != entry.person_id:
        return Fork(ForkReason.NOT_A_FACT, entry)
    return AcceptedClearing(entry, fact, bytes.fromhex(entry.claimed_id))
