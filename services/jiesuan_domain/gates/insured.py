"""Gates on who asks and who is insured: institution, enrolment, policy in force."""

from jiesuan_domain.gates.case import Case
from jiesuan_domain.gates.needed import first_missing, of_gates
from jiesuan_domain.refusals.of_person import (
    enrolment_suspended,
    not_enrolled,
    policy_not_in_force,
)
from jiesuan_domain.refusals.of_request import malformed, unknown_institution
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import (
    AT_PHARMACIES,
    CHRONIC,
    PHARMACY_PURCHASE,
    SUSPENDED,
)


def form(case: Case) -> list[Refusal]:
    """Refuse a region that is not the institution's, and care that it does not give."""
    institution = case.institution
    found: list[Refusal] = []
    if institution is None:
        return found
    if case.bill.care_region != institution.region:
        zh = "与机构所在区划不一致"
        reason = "region is not the institution's"
        found.append(malformed("data.mdtrtarea_admvs", reason, zh=zh))
    care = case.bill.care_type
    if care == PHARMACY_PURCHASE and not institution.is_pharmacy:
        zh = "药店购药仅限定点零售药店使用"
        found.append(malformed("data.med_type", "41 is for pharmacies only", zh=zh))
    if institution.is_pharmacy and care not in AT_PHARMACIES:
        zh = "定点零售药店只能结算药店购药和门诊慢特病"
        reason = "pharmacies settle 14 and 41 only"
        found.append(malformed("data.med_type", reason, zh=zh))
    return found


def known_institution(case: Case) -> Refusal | None:
    """Refuse an institution that no agency has registered."""
    if case.institution is None:
        return unknown_institution()
    return None


def enrolled(case: Case) -> Refusal | None:
    """Refuse without an enrolment of the scheme in the region on the service day."""
    region = case.bill.insured_region
    if not case.is_insured:
        return not_enrolled(region)
    if case.enrolment is not None and case.enrolment.status == SUSPENDED:
        return enrolment_suspended(region)
    return None


def policy_in_force(case: Case) -> Refusal | None:
    """Refuse a day for which the region of enrolment has no pack, or left a hole."""
    pack = case.pack
    if (
        pack is None
        or case.rules is None
        or case.day < pack.first_day
        or (pack.last_day is not None and case.day > pack.last_day)
    ):
        return policy_not_in_force(None, case.day)
    if case.reach is None and not case.is_claim:
        return policy_not_in_force("local_area", case.day)
    if case.bill.care_type == CHRONIC and case.rules.chronic_diseases is None:
        return policy_not_in_force("chronic_diseases", case.day)
    if not case.rules.missing:
        return None
    lacking = first_missing(case.rules, of_gates(case))
    return None if lacking is None else policy_not_in_force(lacking, case.day)
