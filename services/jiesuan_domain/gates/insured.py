"""Gates on who asks and who is insured: institution, enrolment, policy in force."""

from jiesuan_domain.asked.asked import PHARMACY_PURCHASE
from jiesuan_domain.gates.case import Case
from jiesuan_domain.gates.needed import first_missing, of_gates
from jiesuan_domain.person.enrolment import SUSPENDED
from jiesuan_domain.policy.parameters import ALL
from jiesuan_domain.refusals import Code, Refusal


def form(case: Case) -> list[Refusal]:
    """Refuse a region that is not the institution's, and 41 outside pharmacies."""
    institution = case.institution
    found: list[Refusal] = []
    if institution is None:
        return found
    if case.bill.care_region != institution.region:
        zh = "与机构所在区划不一致"
        reason = "region is not the institution's"
        found.append(malformed("mdtrtarea_admvs", reason, zh=zh))
    if case.bill.care_type == PHARMACY_PURCHASE and not institution.is_pharmacy:
        zh = "药店购药仅限定点零售药店使用"
        found.append(malformed("med_type", "41 is for pharmacies only", zh=zh))
    return found


def malformed(path: str, reason: str, *, zh: str) -> Refusal:
    """Say which field is wrong, why, and that it must be sent again corrected."""
    return Refusal(
        Code.MALFORMED,
        f"报文字段{path}有误：{zh}，请更正后重新发送。",
        {"path": path, "reason": reason},
    )


def known_institution(case: Case) -> Refusal | None:
    """Refuse an institution that no agency has registered."""
    if case.institution is None:
        return unknown_institution()
    return None


def unknown_institution() -> Refusal:
    """Say that the institution must be registered first."""
    return Refusal(
        Code.UNKNOWN_INSTITUTION,
        "该定点医药机构尚未登记，请联系医保经办机构登记后重试。",
        {},
    )


def enrolled(case: Case) -> Refusal | None:
    """Refuse without an enrolment of the scheme in the region on the service day."""
    region = case.bill.insured_region
    if not case.is_insured:
        return not_enrolled(region)
    if case.enrolment is not None and case.enrolment.status == SUSPENDED:
        return Refusal(
            Code.ENROLMENT_SUSPENDED,
            "参保人费用发生当日处于暂停参保状态，请到参保地经办机构恢复参保后再结算。",
            {"insuplc_admdvs": region},
        )
    return None


def not_enrolled(region: str) -> Refusal:
    """Say that nobody is insured there on that day."""
    return Refusal(
        Code.NOT_ENROLLED,
        "参保人费用发生当日在所填参保地没有该险种的有效参保，请核对参保地和险种。",
        {"insuplc_admdvs": region},
    )


def policy_missing(parameter: str | None, on: str) -> Refusal:
    """Say which parameter the region has no value of on that day."""
    what = "没有生效的待遇政策"
    if parameter is not None:
        what = f"没有配置“{ALL[parameter].zh}”"
    return Refusal(
        Code.POLICY_NOT_IN_FORCE,
        f"参保地{on}{what}，请联系参保地经办机构配置后重试。",
        {"parameter": parameter, "on": on},
    )


def policy_in_force(case: Case) -> Refusal | None:
    """Refuse a day for which the region of enrolment has no pack, or left a hole."""
    pack = case.pack
    if (
        pack is None
        or case.rules is None
        or case.day < pack.first_day
        or (pack.last_day is not None and case.day > pack.last_day)
    ):
        return policy_missing(None, case.day.isoformat())
    if case.reach is None and not case.is_claim:
        return policy_missing("local_area", case.day.isoformat())
    if not case.rules.missing:
        return None
    lacking = first_missing(case.rules, of_gates(case))
    return None if lacking is None else policy_missing(lacking, case.day.isoformat())
