"""Gates on the place of care: filing, disease list, opening, prescription.

A claim passes none of them (A33): what could not be settled on the spot is claimed.
"""

from jiesuan_domain.asked.asked import CHRONIC, EMERGENCY, INPATIENT
from jiesuan_domain.gates.case import NOT_AWAY, Case, Reach
from jiesuan_domain.gates.insured import policy_missing
from jiesuan_domain.person.diseases import same_as
from jiesuan_domain.person.enrolment import CarePlace, filings_on
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals import Code, Refusal

FILING_ADVICE = "请先在参保地办理异地就医备案，或自费后回参保地手工报销。"


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
        return policy_missing("filing_required", case.day.isoformat())
    covering = filings_on(
        case.person.head,
        bill.scheme,
        place=CarePlace(bill.care_region, bill.institution_id),
        rules=rules,
        on=case.day,
    )
    if wanted and next(iter(covering), None) is None:
        return Refusal(
            Code.NO_FILING,
            f"参保人没有覆盖就医地{bill.care_region}的异地就医备案，{FILING_ADVICE}",
            {"mdtrtarea_admvs": bill.care_region},
        )
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
    if bill.care_type == CHRONIC and bill.disease not in rules.cross_province_diseases:
        return Refusal(
            Code.DISEASE_NOT_IN_LIST,
            f"病种{bill.disease}不在跨省直接结算范围内，不能按普通门诊结算，"
            "请自费后回参保地手工报销。",
            {"dise_codg": bill.disease},
        )
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
        return Refusal(
            Code.INSTITUTION_NOT_OPENED,
            "该机构未开通此项跨省直接结算，不能改按其他类别结算，"
            "请自费后回参保地手工报销。",
            {"fixmedins_code": institution.id, "dise_codg": bill.disease},
        )
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
        return Refusal(
            Code.PRESCRIPTION_REQUIRED,
            "药店结算须有定点医疗机构的处方，请补充处方号和处方机构编号后重新发送。",
            {"missing": missing},
        )
    return None
