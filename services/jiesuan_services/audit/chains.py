"""The chain rule over one partition, and what the facts of each person come to."""

from array import array
from collections.abc import Sequence
from datetime import date
from typing import Final

from msgspec import Struct
from msgspec.structs import astuple

from jiesuan_events.words.glossary import chinese
from jiesuan_events.words.money import yuan
from jiesuan_ledger.accumulators import totals
from jiesuan_ledger.accumulators.pools import (
    Counting,
    Homes,
    add_up,
    blocks_of,
    pool_year,
)
from jiesuan_ledger.facts import BlockFact, Enrolled, Fact, Settled
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.parts.block import Block, Totals
from jiesuan_ledger.reader import (
    NO_HEAD,
    AcceptedEntry,
    Ahead,
    ChainHead,
    accept,
)

PersonYear = tuple[str, str, str, str]
"""A person, and the pool and year of his accumulators."""
NOTHING: Final = Totals()
MOST_NAMED: Final = 100
SHELVES: Final = 64
"""How many heaps names are put on, so that one heap of all partitions is compared at
a time: a set of all names would take eight times what the heaps do.
"""
Shelves = tuple["array[int]", ...]
"""Names of requests, hashed, each on the shelf that its hash says."""


class ForkAt(Struct, frozen=True):
    """A record that readers ignore, where it stands, and why."""

    partition: int
    offset: int
    reason: str


class ChainsState(Struct, frozen=True, array_like=True):
    """All that the chains of a partition have come to, to go on from it later.

    Names of requests are left out: who goes on knows those that came since.
    """

    entries: int
    forks: list[ForkAt]
    wrong: list[str]
    years: dict[str, list[int]]
    shared_names: int
    writers: dict[str, int]
    heads: list[tuple[str, int, bytes]]
    totals: list[tuple[str, str, str, str, tuple[int, ...]]]
    homes: list[tuple[str, str, date, str]]


class Chains:
    """The heads and the accumulators of one partition's persons."""

    def __init__(self, partition: int, *, partitions: int) -> None:
        self.partition = partition
        self.entries = 0
        self.forks: list[ForkAt] = []
        self.wrong: list[str] = []
        self.years: dict[str, list[int]] = {}
        self.names: Shelves = tuple(array("q") for _ in range(SHELVES))
        """Of the entries taken here; processes forked from one hash alike."""
        self.shared_before = 0
        self.writers: dict[str, int] = {}
        self._partitions = partitions
        self.heads: dict[str, ChainHead] = {}
        self.totals: dict[PersonYear, Totals] = {}
        self._homes = Homes()
        self._pools: dict[tuple[str, str], set[str]] = {}
        self._has_moved = False
        """Whether the year of anybody may stand in several pools: few ever move."""

    @classmethod
    def resumed(
        cls, partition: int, state: ChainsState, *, partitions: int
    ) -> "Chains":
        """Return chains that go on from where others stood."""
        chains = cls(partition, partitions=partitions)
        chains.entries = state.entries
        chains.forks = list(state.forks)
        chains.wrong = list(state.wrong)
        chains.years = {name: list(year) for name, year in state.years.items()}
        chains.shared_before = state.shared_names
        chains.writers = dict(state.writers)
        for person, version, hash_ in state.heads:
            chains.heads[person] = ChainHead(version, hash_, partition)
        for person, region, scheme, year, sums in state.totals:
            chains.totals[person, region, scheme, year] = Totals(*sums)
            chains._nothing_yet((person, region, scheme, year))
        for person, scheme, begin, region in state.homes:
            chains._homes.learn(person, scheme, begin=begin, region=region)
        return chains

    def state(self) -> ChainsState:
        """Return where the chains stand now."""
        return ChainsState(
            self.entries,
            self.forks,
            self.wrong,
            self.years,
            self.shared_names,
            self.writers,
            [(person, one.version, one.hash) for person, one in self.heads.items()],
            [(*key, astuple(sums)) for key, sums in self.totals.items()],
            list(self._homes.known()),
        )

    @property
    def shared_names(self) -> int:
        """How many entries are of a request whose name another's in here has."""
        return self.shared_before + shared_among([self.names])

    @property
    def persons(self) -> int:
        """How many persons the partition knows."""
        return len(self.heads)

    def take(
        self, record: Record, offset: int, *, ahead: Ahead = (None, None)
    ) -> AcceptedEntry | None:
        """Return the entry that a record is, or None and note why it is a fork.

        ``ahead`` is what `read_ahead` has read of it, if it has.
        """
        key = record.key
        head = None if key is None else self.heads.get(key.decode("ascii", "replace"))
        one = accept(
            record,
            head or NO_HEAD,
            partition=self.partition,
            partitions=self._partitions,
            ahead=ahead,
        )
        if not isinstance(one, AcceptedEntry):
            self.forks.append(ForkAt(self.partition, offset, one.reason.value))
            return None
        entry = one.entry
        person = entry.person_id
        self.heads[person] = ChainHead(entry.version, one.hash, self.partition)
        self.entries += 1
        self.writers[entry.writer] = self.writers.get(entry.writer, 0) + 1
        self._add(person, one.fact, offset=offset)
        return one

    def _add(self, person: str, fact: Fact, *, offset: int) -> None:
        name = hash((fact.request_source, fact.request_id))
        self.names[name % SHELVES].append(name)
        if isinstance(fact, (Settled, BlockFact)):
            # Nearly all facts are Settled, which is known without asking its class
            # for what it is a kind of; what all others do is written out.
            self._count(fact.year, fact)
            key = (person, fact.insured_region, fact.scheme, fact.year)
            before = self.totals.get(key) or self._nothing_yet(key)
            self._hold(key, fact=fact, sums=totals.add(before, fact), at=offset)
        elif isinstance(fact, Enrolled):
            self._homes.take(fact)
        elif isinstance(fact, Counting):
            self._add_up(person, fact, offset=offset)

    def _add_up(self, person: str, fact: Counting, *, offset: int) -> None:
        self.years.setdefault(fact.year, [0, 0, 0])
        for block in blocks_of(fact):
            self._count(fact.year, block)
        key = (person, *pool_year(fact, home=self._homes.of(person, fact.scheme)))
        before = self.totals.get(key) or self._nothing_yet(key)
        self._hold(key, fact=fact, sums=add_up(before, fact), at=offset)

    def _count(self, name: str, block: Block) -> None:
        """Count a settlement, or a mirror against it, in its year."""
        year = self.years.get(name) or self.years.setdefault(name, [0, 0, 0])
        year[0] += 1 if block.original_settlement_id is None else -1
        year[1] += block.total_charge
        year[2] += block.fund_pay_total

    def _nothing_yet(self, key: PersonYear) -> Totals:
        """Take note of a person's pool, and return what it came to before it began."""
        person, region, scheme, _ = key
        regions = self._pools.setdefault((person, scheme), set())
        regions.add(region)
        self._has_moved |= len(regions) > 1
        return NOTHING

    def _hold(self, key: PersonYear, *, fact: Counting, sums: Totals, at: int) -> None:
        """Compare the accumulators that a fact states with the sum of all before it."""
        expected = sums
        if fact.totals_region is None:
            # Written before pools were kept apart: summed over regions.
            if self._has_moved and (others := self._others(key)):
                expected = totals.summed((sums, *others))
        elif fact.totals_region != key[1]:
            self._note(f"{fact.totals_region}不是这笔所属统筹区", at)
        if expected != fact.totals:
            what = _unequal(fact.totals, expected)
            self._note(f"年度累计与各条账目之和不符：{what}", at)
        self.totals[key] = sums

    def _others(self, key: PersonYear) -> list[Totals]:
        """Return what the same year comes to in the pools of other regions."""
        person, region, scheme, year = key
        return [
            self.totals[person, other, scheme, year]
            for other in self._pools[person, scheme]
            if other != region and (person, other, scheme, year) in self.totals
        ]

    def _note(self, what: str, offset: int) -> None:
        if len(self.wrong) < MOST_NAMED:
            self.wrong.append(f"分区 {self.partition} 偏移 {offset}：{what}")


def shared_among(partitions: Sequence[Shelves]) -> int:
    """Return how many names of some partitions were there already."""
    return sum(
        sum(map(len, shelf)) - len(set().union(*shelf))
        for shelf in zip(*partitions, strict=True)
    )


def _unequal(said: Totals, sums: Totals) -> str:
    """Return each accumulator that differs, what it is and what it should be."""
    return "；".join(
        f"{chinese(name)}记为{_amount(name, one)}，应为{_amount(name, other)}"
        for name, one, other in zip(
            Totals.__struct_fields__, astuple(said), astuple(sums), strict=True
        )
        if one != other
    )


def _amount(name: str, value: int) -> str:
    return f"{value}笔" if name == "settlement_count" else f"{yuan(value)}元"
