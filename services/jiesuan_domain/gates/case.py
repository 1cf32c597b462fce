"""The facts that the gates of one settlement look at, gathered once."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Final, cast

from msgspec import Struct

from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.asked.commands import Bill, ClaimBill
from jiesuan_domain.in_force import InForce, KnownInstitution
from jiesuan_domain.person.enrolment import enrolment_on
from jiesuan_domain.person.state import Enrolment, Person
from jiesuan_domain.policy.model import Pack, Rules
from jiesuan_events.words.codes import NORMAL, SUSPENDED
from jiesuan_events.words.instants import policy_date
from jiesuan_ledger.accumulators.pools import PoolYear


class Reach(Enum):
    """How far from home the care place is."""

    LOCAL = "2"
    IN_PROVINCE = "3"
    CROSS_PROVINCE = "4"


NOT_AWAY: Final = (None, Reach.LOCAL)
"""Care at home, or where nobody knows how far it is."""
_INSURED: Final = (NORMAL, SUSPENDED)


class Case(Struct, frozen=True, gc=False):
    """One bill and all that its gates look at; what is unknown is None.

    ``day`` is the service day: the Beijing date of the latest line (``last_at``),
    ``first_day`` that of the earliest; ``year`` is the benefit year. A claim (手工报销)
    is the agency's; other bills are settled on the spot.
    """

    person: Person
    asked: Asked
    bill: Bill
    is_claim: bool
    first_at: datetime
    last_at: datetime
    first_day: date
    day: date
    year: str
    institution: KnownInstitution | None
    enrolment: Enrolment | None
    pack: Pack | None
    rules: Rules | None
    reach: Reach | None
    prescriber: KnownInstitution | None
    institutions: Mapping[str, KnownInstitution]

    @property
    def pool(self) -> PoolYear:
        """The pool and year that the bill counts in."""
        return self.bill.insured_region, self.bill.scheme, self.year

    @property
    def is_insured(self) -> bool:
        """Whether the enrolment is of the region asked for and not ended.

        Nobody is insured before birth, whatever day the enrolment begins on.
        """
        enrolment = self.enrolment
        return (
            enrolment is not None
            and enrolment.region == self.bill.insured_region
            and enrolment.status in _INSURED
            and enrolment.birth <= self.day
        )


def reach_of(care_region: str, insured_region: str, *, rules: Rules) -> Reach | None:
    """Return how far the care place is; None when the region has no local area."""
    if care_region == insured_region:
        return Reach.LOCAL
    if rules.local_area is None:
        return None
    if care_region.startswith(rules.local_area):
        return Reach.LOCAL
    if care_region[:2] == insured_region[:2]:
        return Reach.IN_PROVINCE
    return Reach.CROSS_PROVINCE


def _span(bill: Bill) -> tuple[datetime, datetime]:
    """Return the first and the last moment; the lines of a visit share one."""
    first = last = bill.lines[0].incurred_at
    for line in bill.lines:
        at = line.incurred_at
        if at < first:
            first = at
        elif at > last:
            last = at
    return first, last


def open_case(person: Person, asked: Asked, *, in_force: InForce) -> Case:
    """Gather what the gates need; the service day is that of the latest line."""
    bill = cast(Bill, asked.command)
    first, last = _span(bill)
    day = policy_date(last)
    pack = in_force.packs.find(bill.insured_region, bill.scheme)
    rules = None if pack is None else pack.on(day)
    return Case(
        person,
        asked,
        bill,
        type(bill) is ClaimBill,
        first,
        last,
        day if first is last else policy_date(first),
        day,
        str(day.year),
        in_force.institutions.get(bill.institution_id),
        enrolment_on(person.head, bill.scheme, on=day),
        pack,
        rules,
        None
        if rules is None
        else reach_of(bill.care_region, bill.insured_region, rules=rules),
        None
        if bill.prescribing_institution is None
        else in_force.institutions.get(bill.prescribing_institution),
        in_force.institutions,
    )
