"""What is wrong with a bill: its year, diseases, sums, time and amounts."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from jiesuan_domain.benefit.lines.split import Fault
from jiesuan_domain.person.diseases import called
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import (
    CARE_TYPES,
    OF_A_DISEASE,
    PHARMACY_PURCHASE,
    RefusalCode,
)
from jiesuan_events.words.money import Fen, yuan

PLAIN_CARE: Final = CARE_TYPES | {PHARMACY_PURCHASE: "普通药店购药"}
Sorted = Mapping[str, list[str]]
"""The serial numbers of a bill's lines, by where they belong."""

_BELOW_ZERO: Final = "费用明细中{}的合计为{{found}}元，不能小于零"
_WRONG: Final = {
    "product": "费用明细{line}的单价乘数量为{expected}元，与该行金额{found}元不符",
    "parts": "费用明细{line}分割后的四项合计{found}元，与该行金额{expected}元不符",
    "sign": "费用明细{line}分割后有一项为{found}元，与该行金额正负相反",
    "sum": "医疗费总额{found}元与各行明细的合计{expected}元不符",
    "total": "医疗费总额为{found}元，不能小于零",
    "excluded": _BELOW_ZERO.format("全自费金额"),
    "over_limit": _BELOW_ZERO.format("超限价金额"),
    "upfront_copay": _BELOW_ZERO.format("先行自付金额"),
    "in_scope": _BELOW_ZERO.format("政策范围内金额"),
}
"""What is wrong with a line or a total, by what did not add up."""


def mixed_years(lines: Sorted) -> Refusal:
    """Say which lines fall in which year."""
    return Refusal(
        RefusalCode.MIXED_YEARS,
        f"费用明细跨{'、'.join(sorted(lines))}年度，请按年度分开结算。",
        {"lines": dict(sorted(lines.items()))},
    )


def mixed_diseases(
    lines: Sorted, *, care_type: str, other: str, rules: Rules | None
) -> Refusal:
    """Say which lines belong to which disease; ``other`` is care of none."""
    care = PLAIN_CARE[other]
    named = sorted(code for code in lines if code != other)
    diseases = "、".join(called(code, rules) for code in named)
    apart = f"请按{diseases}" + (f"和{care}" if other in lines else "")
    message = f"费用明细含与本次病种无关的项目，{apart}分开结算。"
    if care_type not in OF_A_DISEASE:
        message = (
            f"按{care}结算的费用不能填写病种：病种{diseases}的费用请按门诊慢特病结算，"
            f"与病种无关的费用请不填病种、按{care}结算。"
        )
    return Refusal(
        RefusalCode.MIXED_DISEASES, message, {"lines": dict(sorted(lines.items()))}
    )


def third_party_liable() -> Refusal:
    """Say that whoever caused an injury pays for it (118号三(二)7)."""
    return Refusal(
        RefusalCode.THIRD_PARTY_LIABLE,
        "外伤费用应由第三方负担，不纳入医保基金支付，"
        "请向责任方索赔；没有第三方责任的，请更正标志后重新发送。",
        {},
    )


def lines_do_not_add_up(fault: Fault) -> Refusal:
    """Say which line or total is wrong, and what it should be."""
    what = _WRONG[fault.what].format(
        line=fault.line_id, expected=yuan(fault.expected), found=yuan(fault.found)
    )
    return Refusal(
        RefusalCode.LINES_DO_NOT_ADD_UP,
        f"{what}，请核对后重新发送。",
        {
            "feedetl_sn": fault.line_id,
            "expected_fen": fault.expected,
            "found_fen": fault.found,
            "what": fault.what,
        },
    )


def inpatient_stay(visit_id: str, *, where: str, since: date) -> Refusal:
    """Say that the cost arose during a stay, and during which (67号第二十七条)."""
    return Refusal(
        RefusalCode.INPATIENT_STAY,
        f"费用发生在{where}的住院期间（{since}入院），"
        "不能享受门诊待遇，请并入住院费用结算。",
        {"mdtrt_id": visit_id},
    )


def large_sum_ratio_not_configured(crossing: Fen) -> Refusal:
    """Say how much lies above 24万 while nobody said what is paid of it."""
    return Refusal(
        RefusalCode.LARGE_SUM_RATIO_NOT_CONFIGURED,
        f"年度累计超过大额起付额部分中可报销的{yuan(crossing)}元"
        "应由大额医疗保险按比例支付，"
        "但参保地尚未配置支付比例，请联系参保地经办机构配置后重试。",
        {"crossing_fen": crossing},
    )
