"""The chain rule over one partition, and what the facts of each person come to."""

from operator import add
from typing import Final, cast

from msgspec import Struct
from msgspec.structs import astuple

from jiesuan_ledger.facts import (
    Block,
    Claimed,
    CompensatedByReversal,
    Fact,
    GapRefunded,
    InpatientReported,
    Refunded,
    Settled,
)
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.reader import (
    NO_HEAD,
    AcceptedEntry,
    ChainHead,
    Fork,
    accept,
    person_of,
)

Amounts = tuple[int, int, int, int, int, int, int, int]
"""The eight accumulators of `cum`, in the order of the contract."""

NOTHING: Final[Amounts] = (0, 0, 0, 0, 0, 0, 0, 0)
ORDINARY: Final = ("11", "13", "41")
MOST_NAMED: Final = 100

Cumulative = (
    Settled
    | Claimed
    | Refunded
    | CompensatedByReversal
    | GapRefunded
    | InpatientReported
)
CUMULATIVE: Final = (
    Settled,
    Claimed,
    Refunded,
    CompensatedByReversal,
    GapRefunded,
    InpatientReported,
)


def plus(one: Amounts, other: Amounts) -> Amounts:
    """Add accumulators, one by one."""
    return cast(Amounts, tuple(map(add, one, other)))


def amounts_of(block: Block) -> Amounts:
    """Give what a block adds to each accumulator."""
    return (
        block.in_scope if block.care_type in ORDINARY else 0,
        block.in_scope,
        block.deductible_applied,
        block.over_cap,
        block.pool_pay,
        block.large_sum_pay,
        block.person_burden,
        1 if block.original_settlement_id is None else -1,
    )


def moves(fact: Cumulative) -> tuple[Block, ...]:
    """List every block of a fact."""
    if isinstance(fact, GapRefunded):
        return fact.reversed + fact.resettled
    return () if isinstance(fact, InpatientReported) else (fact,)


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
        self._totals: dict[tuple[str, str, str], Amounts] = {}

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
        if isinstance(fact, CUMULATIVE):
            self._add_up(person, fact, offset=offset)

    def _add_up(self, person: str, fact: Cumulative, *, offset: int) -> None:
        """Hold the accumulators that a fact claims against the sum of all before."""
        key = (person, fact.scheme, fact.year)
        sums = self._totals.get(key, NOTHING)
        if isinstance(fact, InpatientReported):
            sums = plus(sums, (0, fact.in_scope, 0, 0, 0, 0, 0, 0))
        year = self.years.setdefault(fact.year, [0, 0, 0])
        for block in moves(fact):
            moved = amounts_of(block)
            sums = plus(sums, moved)
            year[0] += moved[7]
            year[1] += block.total_charge
            year[2] += block.fund_pay_total
        claimed = cast(Amounts, astuple(fact.totals))
        if sums != claimed and len(self.wrong) < MOST_NAMED:
            self.wrong.append(
                f"partition {self.partition} offset {offset}: "
                f"cum {claimed} is not the sum of the entries {sums}"
            )
        self._totals[key] = claimed
