"""The law's checks as read models ask for them: kept of facts, found of persons."""

from collections.abc import Container, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from jiesuan_domain.checks.bills import CheckedBill, of_kept
from jiesuan_domain.checks.look import Looked, Reported, look_over
from jiesuan_domain.checks.rules import Checks
from jiesuan_domain.person.evolve import evolve
from jiesuan_domain.person.state import ChainPlace, KeptSettlement, MemoryPerson
from jiesuan_domain.policy.model import Packs
from jiesuan_events.entries.chain import GENESIS
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
from jiesuan_ledger.parts.checked import Days, Finding, KeptFact

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
_fact: Final = msgspec.msgpack.Decoder(tuple[str, bytes])
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
            day, reach = bill.service_day, bill.reach
            asks = Days(day - reach, day + reach)
            return KeptFact(fact.settlement_id, day, _encode(bill), asks)
        if isinstance(fact, Claimed):
            claim = of_kept(KeptSettlement(fact, fact.request_source))
            return KeptFact(fact.settlement_id, None, _encode(claim))
        if isinstance(fact, _REGISTERED):
            typed: Any = (TYPE_OF[type(fact)], write_fact(fact))
            return KeptFact(None, None, _encode(typed))
        return None

    def look_over(
        self, kept: Sequence[KeptFact], *, new: Container[str] | None = None
    ) -> list[Finding]:
        """Remember what was registered, and look over the bills that stand."""
        person = MemoryPerson()
        bills: list[CheckedBill] = []
        reports: list[Reported] = []
        for one in kept:
            if one.settlement_id is not None:
                bill = _bill.decode(one.said)
                if bill.settlement_id != one.settlement_id:
                    bill = replace(bill, settlement_id=one.settlement_id)
                bills.append(bill)
                continue
            fact = read_fact(*_fact.decode(one.said))
            if isinstance(fact, InpatientReported):
                said = fact.scheme, fact.year, fact.visit_id, fact.in_scope
                reports.append(Reported(*said))
            else:
                person.apply(evolve(person, fact, at=_NOWHERE))
        looked = Looked(person.head, bills, reports)
        return look_over(looked, packs=self._packs, checks=self._checks, new=new)
