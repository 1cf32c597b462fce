"""The chain rule over one partition, and what the facts of each person come to."""

from typing import Final

from msgspec import Struct
from msgspec.structs import astuple

from jiesuan_events.words.glossary import chinese
from jiesuan_events.words.money import yuan
from jiesuan_ledger import totals
from jiesuan_ledger.facts import (
    Block,
    Claimed,
    CompensatedByReversal,
    Fact,
    GapRefunded,
    InpatientReported,
    Refunded,
    Settled,
    Totals,
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

NOTHING: Final = Totals()
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
        self.heads: dict[str, ChainHead] = {}
        self.totals: dict[tuple[str, str, str], Totals] = {}

    @property
    def persons(self) -> int:
        """How many persons the partition knows."""
        return len(self.heads)

    def take(self, record: Record, offset: int) -> AcceptedEntry | None:
        """Return the entry that a record is, or None and note why it is a fork."""
        head = self.heads.get(person_of(record) or "", NO_HEAD)
        one = accept(
            record, head, partition=self.partition, partitions=self._partitions
        )
        if isinstance(one, Fork):
            self.forks.append(ForkAt(self.partition, offset, one.reason.value))
            return None
        self.heads[one.person_id] = one.head(self.partition)
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
        sums = self.totals.get(key, NOTHING)
        if isinstance(fact, InpatientReported):
            sums = totals.report(sums, fact.in_scope)
        year = self.years.setdefault(fact.year, [0, 0, 0])
        for block in moves(fact):
            sums = totals.add(sums, block)
            year[0] += 1 if block.original_settlement_id is None else -1
            year[1] += block.total_charge
            year[2] += block.fund_pay_total
        if sums != fact.totals and len(self.wrong) < MOST_NAMED:
            self.wrong.append(
                f"分区 {self.partition} 偏移 {offset}：年度累计与各条账目之和不符："
                f"{_unequal(fact.totals, sums)}"
            )
        self.totals[key] = fact.totals


def _unequal(said: Totals, sums: Totals) -> str:
    """Name each accumulator that differs, with what it is and what it should be."""
    return "；".join(
        f"{chinese(name)}记为{_amount(name, one)}，应为{_amount(name, other)}"
        for name, one, other in zip(
            Totals.__struct_fields__, astuple(said), astuple(sums), strict=True
        )
        if one != other
    )


def _amount(name: str, value: int) -> str:
    return f"{value}笔" if name == "settlement_count" else f"{yuan(value)}元"
