"""Gates on the visit: no stay in hospital, nobody else liable, settled once."""

from jiesuan_domain.gates.case import Case
from jiesuan_domain.in_force import institutions_called
from jiesuan_domain.person.state import Person
from jiesuan_domain.refusals.of_bill import inpatient_stay, third_party_liable
from jiesuan_domain.refusals.of_undoing import already_settled
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import INPATIENT
from jiesuan_events.words.instants import policy_date


def outside_stay(case: Case) -> Refusal | None:
    """Refuse a line within [admission, discharge) (67号第二十七条, A22)."""
    if case.bill.care_type == INPATIENT:
        return None
    for stay in case.person.head.admissions:
        if any(
            stay.begin <= line.incurred_at
            and (stay.end is None or line.incurred_at < stay.end)
            for line in case.bill.lines
        ):
            where = institutions_called((stay.institution_id,), case.institutions)
            since = policy_date(stay.begin)
            return inpatient_stay(stay.visit_id, where=where, since=since)
    return None


def no_third_party(case: Case) -> Refusal | None:
    """Refuse an injury for which somebody else is liable (118号三(二)7)."""
    if case.bill.trauma == "1" and case.bill.third_party == "1":
        return third_party_liable()
    return None


def settled_once(case: Case) -> Refusal | None:
    """Refuse a claim of a visit that was settled, and a settlement of one claimed.

    A visit may be settled on the spot bill by bill: only a claim bars the others.
    """
    bill = case.bill
    for claim in case.person.head.claims:
        if (claim.institution_id, claim.visit_id) == (
            bill.institution_id,
            bill.visit_id,
        ):
            kept = case.person.settlements[claim.settlement_id]
            return already_settled(claim.settlement_id, claimed_by=kept.claimed_by)
    if not case.is_claim:
        return None
    settled = _effective_of_visit(
        case.person, institution_id=bill.institution_id, visit_id=bill.visit_id
    )
    return None if settled is None else already_settled(settled, claimed_by=None)


def _effective_of_visit(
    person: Person, *, institution_id: str, visit_id: str
) -> str | None:
    """Return the latest effective settlement of a visit; claims are rare enough."""
    for pool in reversed(person.head.pools):
        for one in person.newest_standing(pool):
            if one.institution_id != institution_id or not one.settlement_id:
                continue
            block = person.settlements[one.settlement_id].block
            if block.visit_id == visit_id:
                return one.settlement_id
    return None
