"""Gates on the place of care: filing, disease list, opening, prescription.

A claim passes none of them (A33): what could not be settled on the spot is claimed.
"""

from jiesuan_domain.gates.case import NOT_AWAY, Case, Reach
from jiesuan_domain.person.diseases import same_as
from jiesuan_domain.person.enrolment import CarePlace, filings_on
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals.of_person import policy_not_in_force
from jiesuan_domain.refusals.of_place import (
    disease_not_in_list,
    institution_not_opened,
    no_filing,
    prescription_required,
)
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import CHRONIC, EMERGENCY, INPATIENT


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
    covering = filings_on(
        case.person.head,
        bill.scheme,
        place=CarePlace(bill.care_region, bill.institution_id),
        rules=rules,
        on=case.day,
    )
    if wanted and next(iter(covering), None) is None:
        return no_filing(bill.care_region)
    return None


def _wants_filing(rules: Rules, care_type: str) -> bool | None:
    """Tell whether a kind of care wants a filing; None where the region is silent.

    Inpatient care is as ordinary care where the region does not name it (118号四(四)).
    """
    table = rules.filing_required or {}
    if care_type == CHRONIC:
        return table.get("chronic")
    ordinary = table.get("ordinary")
    return table.get("inpatient", ordinary) if care_type == INPATIENT else ordinary


def listed(case: Case) -> Refusal | None:
    """Refuse a cross-province disease outside the ten codes (50号附件1, 问答二)."""
    bill, rules = case.bill, case.rules
    if rules is None or case.reach is not Reach.CROSS_PROVINCE:
        return None
    if bill.care_type != CHRONIC or bill.disease is None:
        return None
    if bill.disease not in rules.cross_province_diseases:
        return disease_not_in_list(bill.disease)
    return None


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
    if bill.prescription_id is None or bill.prescribing_institution is None:
        missing = [
            name
            for name, value in (
                ("rxno", bill.prescription_id),
                ("rxfixmedins_code", bill.prescribing_institution),
            )
            if value is None
        ]
        return prescription_required(missing)
    return None
