"""Gates on the place of care: filing, opening, choice, prescription.

A claim passes all but the choice (A33): what could not be settled on the spot is
claimed.
"""

from datetime import date

from jiesuan_domain.gates.case import NOT_AWAY, Case, Reach
from jiesuan_domain.person.diseases import same_as
from jiesuan_domain.person.rights.designation import FOR_ORDINARY_CARE, designated_on
from jiesuan_domain.person.rights.filing import CarePlace, filings_on, last_end
from jiesuan_domain.person.state import Filing
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals.of_person import policy_not_in_force
from jiesuan_domain.refusals.of_place import (
    institution_not_designated,
    institution_not_opened,
    no_filing,
    prescription_required,
)
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import CHRONIC, EMERGENCY, INPATIENT, TWO_DISEASES
from jiesuan_events.words.instants import moment, policy_date


def filed(case: Case) -> Refusal | None:
    """Refuse care away from home without the filing the policy wants (50号二(一)).

    Emergencies count as filed; at home no filing is asked for (50号三(三)).
    """
    bill, rules = case.bill, case.rules
    if rules is None or case.reach in NOT_AWAY:
        return None
    if bill.care_type == EMERGENCY:
        return None
    wanted = _wants_filing(rules, bill.care_type)
    if wanted is None:
        return policy_not_in_force("filing_required", case.day)
    if not wanted or covering(case, rules):
        return None
    ended = last_end(
        case.person.head,
        bill.scheme,
        place=CarePlace(bill.care_region, bill.institution_id),
        rules=rules,
        before=case.day,
    )
    return no_filing(bill.care_region, ended=ended)


def covering(case: Case, rules: Rules) -> list[Filing]:
    """Return the filings that count for a bill, in ledger order.

    For a stay one that covers the day of discharge does as well as one of the service
    day: it may be filed until the stay is settled (118号四(二)).
    """
    bill = case.bill
    days = {case.day}
    if bill.care_type == INPATIENT:
        days.add(discharge_day(case))
    head, place = case.person.head, CarePlace(bill.care_region, bill.institution_id)
    found = [
        filings_on(head, bill.scheme, place=place, rules=rules, on=day) for day in days
    ]
    counting = {id(one) for filings in found for one in filings}
    return [one for one in head.filings if id(one) in counting]


def discharge_day(case: Case) -> date:
    """Return the day on which the stay of a bill ended; not reported: the request's.

    The stay is the visit's own, else the one in which the service day lies.
    """
    here = [
        stay
        for stay in case.person.head.admissions
        if stay.institution_id == case.bill.institution_id
        and stay.end is not None
        and (
            stay.visit_id == case.bill.visit_id
            or policy_date(stay.begin) <= case.day <= policy_date(stay.end)
        )
    ]
    own = [stay for stay in here if stay.visit_id == case.bill.visit_id] or here
    for stay in reversed(own):
        if stay.end is not None:
            return policy_date(stay.end)
    return policy_date(moment(case.asked.time))


def _wants_filing(rules: Rules, care_type: str) -> bool | None:
    """Whether a kind of care wants a filing; None where the region is silent.

    Inpatient care is as ordinary care where the region does not name it, “两病” as
    chronic care: 118号四(四) exempts ordinary care and pharmacies alone.
    """
    table = rules.filing_required or {}
    if care_type == CHRONIC:
        return table.get("chronic")
    if care_type == TWO_DISEASES:
        return table.get("two-disease", table.get("chronic"))
    ordinary = table.get("ordinary")
    return table.get("inpatient", ordinary) if care_type == INPATIENT else ordinary


def opened(case: Case) -> Refusal | None:
    """Refuse an institution that has not opened it across provinces (问答一).

    Never settled as something else.
    """
    bill, institution, rules = case.bill, case.institution, case.rules
    if institution is None or rules is None:
        return None
    if case.reach is not Reach.CROSS_PROVINCE or bill.care_type == INPATIENT:
        return None
    if bill.care_type == CHRONIC and bill.disease is not None:
        is_open = institution.opens(same_as(rules, bill.disease), case.day)
    else:
        is_open = institution.outpatient_opened
    if not is_open:
        return institution_not_opened(institution.id, bill.disease)
    return None


def prescribed(case: Case) -> Refusal | None:
    """Refuse a pharmacy without a prescription of an institution (50号三(一))."""
    bill, institution = case.bill, case.institution
    if institution is None or not institution.is_pharmacy:
        return None
    missing = [
        name
        for name, value in (
            ("rxno", bill.prescription_id),
            ("rxfixmedins_code", bill.prescribing_institution),
        )
        if value is None
    ]
    prescriber = case.prescriber
    by_pharmacy = bill.prescribing_institution == institution.id or (
        prescriber is not None and prescriber.is_pharmacy
    )
    if missing or by_pharmacy:
        return prescription_required(missing, by_pharmacy=by_pharmacy)
    return None


def designated(case: Case) -> Refusal | None:
    """Refuse an institution that the person has not chosen (50号二(三), 问答).

    Emergencies need no choice; chronic care needs one for its disease.
    """
    bill, rules = case.bill, case.rules
    if rules is None or bill.care_type in (EMERGENCY, INPATIENT):
        return None
    chronic = bill.care_type == CHRONIC and bill.disease is not None
    required = rules.designation_required or {}
    if not required.get("chronic" if chronic else "ordinary"):
        return None
    diseases: frozenset[str | None] = FOR_ORDINARY_CARE
    if chronic and bill.disease is not None:
        diseases = frozenset(same_as(rules, bill.disease))
    chosen = designated_on(
        case.person.head, bill.scheme, diseases=diseases, on=case.day
    )
    if bill.institution_id in chosen:
        return None
    return institution_not_designated(chosen, institutions=case.institutions)
