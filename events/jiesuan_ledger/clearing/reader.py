"""The rule of all readers of `jiesuan.clearing`: of each care region the next entry.

As for persons, by the same function (`jiesuan_ledger.reader.next_entry`), on one
partition and without a genesis.
"""

from msgspec import Struct

from jiesuan_events.entries.entry import Entry, read_entry
from jiesuan_ledger.clearing.facts import ClearingFact, read_clearing_fact
from jiesuan_ledger.facts import NotAFact
from jiesuan_ledger.reader import ChainHead, Fork, ForkReason, Readable, next_entry

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
    # Of one partition every region is at home in it: the second question never fails.
    entry = next_entry(record, head, partition=CLEARING_PARTITION, partitions=1)
    if isinstance(entry, Fork):
        return entry
    try:
        fact = read_clearing_fact(entry.type, entry.value)
    except NotAFact:
        return Fork(ForkReason.NOT_A_FACT, entry)
    if fact.care_region != entry.person_id:
        return Fork(ForkReason.NOT_A_FACT, entry)
    return AcceptedClearing(entry, fact, bytes.fromhex(entry.claimed_id))
