"""The chain rule over one partition, and what the facts of each person come to."""

from typing import Final

from msgspec import Struct
from msgspec.structs import astuple

from jiesuan_ledger import totals
from jiesuan_ledger.facts import Enrolled, Fact, Totals
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.pools import Counting, Homes, add_up, blocks_of, pool_year
from jiesuan_ledger.reader import (
    NO_HEAD,
    AcceptedEntry,
    ChainHead,
    Fork,
    accept,
    person_of,
)

NOTHING: Final = Totals()
PoolTotals = tuple[tuple[str, Totals], ...]
"""What one year of a person and scheme comes to, pool by pool."""
MOST_NAMED: Final = 100


class ForkAt(Struct, frozen=True):
    """A record that readers ignore, where it stands, and why."""

    partition: int
    offset: int
    reason: str


class Chains:
    """The heads and the accumulators of one partition's persons."""

    def __init__(self, partition: int, *, partitions: int) -> None:
        self.partition = partition
        self.entries = 0
        self.forks: list[ForkAt] = []
        self.wrong: list[str] = []
        self.years: dict[str, list[int]] = {}
        self.requests: set[int] = set()
        self.shared_names = 0
        self._partitions = partitions
        self._heads: dict[str, ChainHead] = {}
        self._homes = Homes()
        self._years: dict[tuple[str, str, str], PoolTotals] = {}

    @property
    def persons(self) -> int:
        """How many persons the partition knows."""
        return len(self._heads)

    def take(self, record: Record, offset: int) -> AcceptedEntry | None:
        """Return the entry that a record is, or None and note why it is a fork."""
        head = self._heads.get(person_of(record) or "", NO_HEAD)
        one = accept(
            record, head, partition=self.partition, partitions=self._partitions
        )
        if isinstance(one, Fork):
            self.forks.append(ForkAt(self.partition, offset, one.reason.value))
            return None
        self._heads[one.person_id] = one.head(self.partition)
        self.entries += 1
        self._add(one.person_id, one.fact, offset=offset)
        return one

    def _add(self, person: str, fact: Fact, *, offset: int) -> None:
        name = hash((fact.request_source, fact.request_id))
        if name in self.requests:
            self.shared_names += 1
        self.requests.add(name)
        if isinstance(fact, Enrolled):
            self._homes.take(fact)
        if isinstance(fact, Counting):
            self._add_up(person, fact, offset=offset)

    def _add_up(self, person: str, fact: Counting, *, offset: int) -> None:
        """Hold the accumulators that a fact states against the sum of all before."""
        year = self.years.setdefault(fact.year, [0, 0, 0])
        for block in blocks_of(fact):
            year[0] += 1 if block.original_settlement_id is None else -1
            year[1] += block.total_charge
            year[2] += block.fund_pay_total
        pool = pool_year(fact, home=self._homes.of(person, fact.scheme))
        key = (person, fact.scheme, fact.year)
        others, before = _apart(self._years.get(key, ()), pool[0])
        sums = add_up(before, fact)
        expected = sums
        if others and fact.totals_region is None:
            # Written before pools were kept apart: summed over regions.
            expected = totals.summed((sums, *(one for _, one in others)))
        elif fact.totals_region not in (None, pool[0]):
            self._note(f"{fact.totals_region} is not the region of the pool", offset)
        if expected != fact.totals:
            self._note(
                f"cum {astuple(fact.totals)} is not the sum of the entries "
                f"{astuple(expected)}",
                offset,
            )
        if expected is sums:
            sums = fact.totals
        self._years[key] = (*others, (pool[0], sums))

    def _note(self, what: str, offset: int) -> None:
        if len(self.wrong) < MOST_NAMED:
            self.wrong.append(f"partition {self.partition} offset {offset}: {what}")


def _apart(years: PoolTotals, region: str) -> tuple[PoolTotals, Totals]:
    """Set the pool of a region apart from those of the others."""
    if len(years) == 1 and years[0][0] == region:
        return (), years[0][1]
    others = tuple(one for one in years if one[0] != region)
    mine = next((one for of, one in years if of == region), NOTHING)
    return others, mine
