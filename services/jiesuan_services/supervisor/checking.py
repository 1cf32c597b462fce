"""The law's checks as read models ask for them: kept of facts, found of persons."""

from collections.abc import Container, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from jiesuan_domain.checks.alone import OTHER_SEX
from jiesuan_domain.checks.bills import CheckedBill, of_kept
from jiesuan_domain.checks.look import Looked, Reported, look_over
from jiesuan_domain.checks.rules import Checks
from jiesuan_domain.person.evolve import evolve
from jiesuan_domain.person.state import ChainPlace, Head, KeptSettlement, MemoryPerson
from jiesuan_domain.policy.model import Packs
from jiesuan_events.entries.chain import GENESIS
from jiesuan_events.words.codes import INPATIENT
from jiesuan_ledger.facts import (
    TYPE_OF,
    Admitted,
    Claimed,
    Discharged,
    Disqualified,
    Enrolled,
    Fact,
    InpatientReported,
    Qualified,
    Settled,
    read_fact,
    write_fact,
)
from jiesuan_ledger.parts.checked import Asks, Finding, KeptFact

_REGISTERED: Final = (
    Enrolled,
    Qualified,
    Disqualified,
    Admitted,
    Discharged,
    InpatientReported,
)
_NOWHERE: Final = ChainPlace(0, GENESIS)
_bill: Final = msgspec.msgpack.Decoder(CheckedBill)
_typed: Final = msgspec.msgpack.Decoder(tuple[str, bytes])
_REPORTED: Final = TYPE_OF[InpatientReported]
_encode: Final = msgspec.msgpack.Encoder().encode


class LawChecker:
    """Looks bills over by the rules of the packs in force."""

    def __init__(self, packs: Packs) -> None:
        self._packs = packs
        self._checks = Checks(packs)

    def keep(self, fact: Fact) -> KeptFact | None:
        """Keep a bill as it is looked over, and what was registered as it stands.

        Claims are few, and looked at whatever their day: of them none is told.
        """
        if isinstance(fact, Settled):
            bill = of_kept(KeptSettlement(fact))
            asks = self._asks(bill)
            day = bill.service_day
            return KeptFact(fact.settlement_id, day, _encode(bill), asks, bill)
        if isinstance(fact, Claimed):
            claim = of_kept(KeptSettlement(fact, fact.request_source))
            return KeptFact(fact.settlement_id, None, _encode(claim))
        if isinstance(fact, _REGISTERED):
            typed: Any = (TYPE_OF[type(fact)], write_fact(fact))
            return KeptFact(None, None, _encode(typed))
        return None

    def _asks(self, bill: CheckedBill) -> Asks:
        """Say what a new bill is held against: of others, gates have seen to it."""
        day, reach = bill.service_day, bill.reach
        is_for_one_sex = OTHER_SEX in self._checks.on(day)
        is_registered = is_for_one_sex or bill.care_type == INPATIENT
        return Asks(day - reach, day + reach, is_registered)

    def look_over(
        self, kept: Sequence[KeptFact], *, new: Container[str] | None = None
    ) -> list[Finding]:
        """Look over the bills that stand, beside all that was registered."""
        bills: list[CheckedBill] = []
        reports: list[Reported] = []
        registered = KeptRegistrations()
        overtaken = 0
        for id_, _, said, _, read in kept:
            if id_ is not None:
                bill = read or _bill.decode(said)
                if bill.settlement_id != id_:
                    bill = replace(bill, settlement_id=id_)
                bills.append(bill)
                continue
            type_, value = _typed.decode(said)
            if type_ == _REPORTED:
                reports.append(_report(value))
            else:
                registered.facts.append((type_, value))
                overtaken = len(bills)
        looked = Looked(registered.head, bills, reports, overtaken)
        return look_over(looked, packs=self._packs, checks=self._checks, new=new)


class KeptRegistrations:
    """What is registered of a person: read when a rule asks for it, and once."""

    def __init__(self) -> None:
        self.facts: list[tuple[str, bytes]] = []
        """In the order of the ledger."""
        self._head: Head | None = None

    def head(self) -> Head:
        """Return what the facts come to."""
        if self._head is None:
            person = MemoryPerson()
            for type_, value in self.facts:
                person.apply(evolve(person, read_fact(type_, value), at=_NOWHERE))
            self._head = person.head
        return self._head


def _report(value: bytes) -> Reported:
    fact = read_fact(_REPORTED, value)
    assert isinstance(fact, InpatientReported), "kept under its type"
    return Reported(fact.scheme, fact.year, fact.visit_id, fact.in_scope)
