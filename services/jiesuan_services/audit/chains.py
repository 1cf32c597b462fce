"""The chain rule over one partition, and what the facts of each person come to."""

from typing import Final

import msgspec
from msgspec import Struct

from jiesuan_events.chain import GENESIS, entry_hash
from jiesuan_events.glossary import wire_name
from jiesuan_events.partition import partition_of
from jiesuan_services.desk import Record

Amounts = tuple[int, int, int, int, int, int, int, int]
"""The eight accumulators of `cum`, in the order of the contract."""

NOTHING: Final[Amounts] = (0, 0, 0, 0, 0, 0, 0, 0)
ORDINARY: Final = ("11", "13", "41")
MOST_NAMED: Final = 100


class Totals(Struct, rename=wire_name):
    """The accumulators that a fact claims."""

    ordinary_in_scope: int = 0
    total_in_scope: int = 0
    deductible_sum: int = 0
    over_cap_sum: int = 0
    pool_pay_sum: int = 0
    large_sum_pay_sum: int = 0
    person_burden_sum: int = 0
    settlement_count: int = 0

    def amounts(self) -> Amounts:
        """Give them in order."""
        return (
            self.ordinary_in_scope,
            self.total_in_scope,
            self.deductible_sum,
            self.over_cap_sum,
            self.pool_pay_sum,
            self.large_sum_pay_sum,
            self.person_burden_sum,
            self.settlement_count,
        )


class Money(Struct, rename=wire_name):
    """What one block moves."""

    care_type: str = ""
    in_scope: int = 0
    deductible_applied: int = 0
    over_cap: int = 0
    pool_pay: int = 0
    large_sum_pay: int = 0
    person_burden: int = 0
    fund_pay_total: int = 0
    total_charge: int = 0
    settlement_id: str | None = None
    original_settlement_id: str | None = None

    def amounts(self) -> Amounts:
        """Give what it adds to each accumulator."""
        count = 0
        if self.settlement_id is not None:
            count = 1 if self.original_settlement_id is None else -1
        return (
            self.in_scope if self.care_type in ORDINARY else 0,
            self.in_scope,
            self.deductible_applied,
            self.over_cap,
            self.pool_pay,
            self.large_sum_pay,
            self.person_burden,
            count,
        )


class Body(Money, rename=wire_name):
    """As much of a fact as the audit adds up."""

    request_source: str = ""
    request_id: str = ""
    scheme: str = ""
    year: str = ""
    totals: Totals | None = None
    reversed: tuple[Money, ...] = ()
    resettled: tuple[Money, ...] = ()

    def moves(self) -> list[Money]:
        """List every block of the fact."""
        if self.reversed or self.resettled:
            return [*self.reversed, *self.resettled]
        return [self]


_READ: Final = msgspec.json.Decoder(Body)


class Fork(Struct, frozen=True):
    """A record that readers ignore, where it stands, and why."""

    partition: int
    offset: int
    reason: str


class Chains:
    """The heads and the accumulators of one partition's persons."""

    def __init__(self, partition: int, *, partitions: int) -> None:
        self.partition = partition
        self.entries = 0
        self.forks: list[Fork] = []
        self.wrong: list[str] = []
        self.years: dict[str, list[int]] = {}
        self.names: set[int] = set()
        self.shared_names = 0
        self._partitions = partitions
        self._heads: dict[str, tuple[int, bytes]] = {}
        self._totals: dict[tuple[str, str, str], Amounts] = {}

    @property
    def persons(self) -> int:
        """How many persons the partition knows."""
        return len(self._heads)

    def take(self, record: Record, offset: int) -> bool:
        """Take a record over, or note why it is a fork."""
        reason = self._check(record, offset)
        if reason is not None:
            self.forks.append(Fork(self.partition, offset, reason))
        return reason is None

    def _check(self, record: Record, offset: int) -> str | None:
        have = dict(record.headers)
        try:
            person = have["ce_subject"].decode()
            version = int(have["version"])
            previous = bytes.fromhex(have["prev-hash"].decode())
            hash_ = entry_hash(
                previous,
                version,
                type_=have["ce_type"].decode("ascii"),
                value=record.value,
            )
            claimed = bytes.fromhex(have["ce_id"].decode())
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
            return "unreadable-headers"
        reason = self._why_fork(record, person, version=version, previous=previous)
        if reason is None and hash_ != claimed:
            reason = "wrong-hash"
        if reason is not None:
            return reason
        try:
            body = _READ.decode(record.value)
        except msgspec.DecodeError:
            return "unreadable-fact"
        self._heads[person] = (version, hash_)
        self.entries += 1
        self._add(person, body, offset=offset)
        return None

    def _why_fork(
        self, record: Record, person: str, *, version: int, previous: bytes
    ) -> str | None:
        if record.key != person.encode():
            return "wrong-key"
        head = self._heads.get(person)
        if (head or (0, GENESIS)) != (version - 1, previous):
            return "does-not-follow"
        if head is None and partition_of(person, self._partitions) != self.partition:
            return "wrong-partition"
        return None

    def _add(self, person: str, body: Body, *, offset: int) -> None:
        name = hash((body.request_source, body.request_id))
        if name in self.names:
            self.shared_names += 1
        self.names.add(name)
        if body.totals is None:
            return
        key = (person, body.scheme, body.year)
        before = self._totals.get(key, NOTHING)
        year = self.years.setdefault(body.year, [0, 0, 0])
        for block in body.moves():
            before = tuple(map(int.__add__, before, block.amounts()))  # type: ignore[assignment]
            year[0] += block.amounts()[7]
            year[1] += block.total_charge
            year[2] += block.fund_pay_total
        claimed = body.totals.amounts()
        if before != claimed and len(self.wrong) < MOST_NAMED:
            self.wrong.append(
                f"partition {self.partition} offset {offset}: "
                f"cum {claimed} is not the sum of the entries {before}"
            )
        self._totals[key] = claimed
