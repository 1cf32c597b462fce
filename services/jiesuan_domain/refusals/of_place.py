"""What the place of care lacks: a filing, a disease, an opening, a prescription."""

from collections.abc import Sequence
from typing import Final

from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import RefusalCode

_FILE_FIRST: Final = "请先在参保地办理异地就医备案，或自费后回参保地手工报销。"


def no_filing(care_region: str) -> Refusal:
    """Say that no filing covers the place, and how to come to one."""
    return Refusal(
        RefusalCode.NO_FILING,
        f"参保人没有覆盖就医地{care_region}的异地就医备案，{_FILE_FIRST}",
        {"mdtrtarea_admvs": care_region},
    )


def disease_not_in_list(disease: str, *, to_qualify: bool = False) -> Refusal:
    """Say that the disease is not one of those that are recognised or settled."""
    if to_qualify:
        return Refusal(
            RefusalCode.DISEASE_NOT_IN_LIST,
            f"病种{disease}不在参保地门诊慢特病病种范围内，请核对病种编码。",
            {"opsp_dise_code": disease},
        )
    return Refusal(
        RefusalCode.DISEASE_NOT_IN_LIST,
        f"病种{disease}不在跨省直接结算范围内，不能按普通门诊结算，"
        "请自费后回参保地手工报销。",
        {"dise_codg": disease},
    )


def institution_not_opened(institution_id: str, disease: str | None) -> Refusal:
    """Say that the institution does not settle this across provinces."""
    return Refusal(
        RefusalCode.INSTITUTION_NOT_OPENED,
        "该机构未开通此项跨省直接结算，不能改按其他类别结算，"
        "请自费后回参保地手工报销。",
        {"fixmedins_code": institution_id, "dise_codg": disease},
    )


def prescription_required(missing: Sequence[str]) -> Refusal:
    """Say that a pharmacy needs a prescription, and which of its fields are missing."""
    return Refusal(
        RefusalCode.PRESCRIPTION_REQUIRED,
        "药店结算须有定点医疗机构的处方，请补充处方号和处方机构编号后重新发送。",
        {"missing": list(missing)},
    )


def unknown_admission(visit_id: str) -> Refusal:
    """Say that nobody was admitted under that visit."""
    return Refusal(
        RefusalCode.UNKNOWN_ADMISSION,
        "没有找到对应的入院登记，请核对就诊编号，或先补登入院。",
        {"mdtrt_id": visit_id},
    )
