"""Gates on the lines of a bill: one year, one disease, and sums that hold."""

from collections.abc import Iterator
from typing import Final

from jiesuan_domain.asked.asked import CHRONIC, PHARMACY_PURCHASE
from jiesuan_domain.asked.commands import Bill, BillLine
from jiesuan_domain.benefit.lines.bill import BillFault
from jiesuan_domain.benefit.lines.split import NeedsClassBRatio
from jiesuan_domain.gates.case import Case
from jiesuan_domain.gates.insured import policy_missing
from jiesuan_domain.person.diseases import same_as
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals import Code, Refusal
from jiesuan_events.words.instants import policy_date
from jiesuan_events.words.money import yuan

ORDINARY_LINES = "11"
_BELOW_ZERO = "费用明细中{}的合计为{{found}}元，不能小于零"
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


def one_year(case: Case) -> Refusal | None:
    """Refuse lines of two benefit years (67号第八条: 一个自然年度, A18)."""
    if case.first_day.year != case.day.year:
        years: dict[str, list[str]] = {}
        for line in case.bill.lines:
            year = policy_date(line.incurred_at).year
            years.setdefault(str(year), []).append(line.line_id)
        return Refusal(
            Code.MIXED_YEARS,
            f"费用明细跨{'、'.join(sorted(years))}年度，请按年度分开结算。",
            {"lines": dict(sorted(years.items()))},
        )
    return None


def _belongs_to(
    line: BillLine, disease: str | None, *, rules: Rules | None, ordinary: str
) -> str:
    """Say which settlement a line belongs to: a disease, or ordinary care.

    Where the region lists the items of a disease, the item decides (67号第二十二条).
    """
    tagged = line.disease or disease or ordinary
    items = None if rules is None else rules.disease_items
    if rules is None or items is None or disease is None:
        return tagged
    own = same_as(rules, disease)
    listing = [code for code, listed in sorted(items.items()) if line.item in listed]
    if any(code in own for code in listing):
        return disease
    if listing:
        return tagged if tagged in listing else listing[0]
    has_list = any(code in items for code in same_as(rules, tagged))
    return ordinary if has_list else tagged


def _has_tags(bill: Bill) -> bool:
    """Tell whether a line names a disease."""
    for line in bill.lines:  # noqa: SIM110 - a generator costs more than the answer
        if line.disease is not None:
            return True
    return False


def one_disease(case: Case) -> Refusal | None:
    """Refuse lines of several diseases in one request (50号三(二): 分病种单独结算).

    Lines unrelated to the filed disease are ordinary care, or an ordinary purchase at
    a pharmacy (67号第二十六条, 50号三(二)).
    """
    bill = case.bill
    chronic = bill.care_type == CHRONIC
    if not chronic and not _has_tags(bill):
        return None
    pharmacy = case.institution is not None and case.institution.is_pharmacy
    ordinary = PHARMACY_PURCHASE if pharmacy else ORDINARY_LINES
    own = bill.disease or ordinary
    rules = case.rules if chronic else None
    sorted_lines: dict[str, list[str]] = {}
    for line in bill.lines:
        where = _belongs_to(line, bill.disease, rules=rules, ordinary=ordinary)
        sorted_lines.setdefault(where, []).append(line.line_id)
    if any(where != own for where in sorted_lines):
        what = "与本次病种无关的" if chronic else "门诊慢特病"
        rest = "普通药店购药" if pharmacy else "普通门诊"
        return Refusal(
            Code.MIXED_DISEASES,
            f"费用明细含{what}项目，请按病种和{rest}分开结算。",
            {"lines": dict(sorted(sorted_lines.items()))},
        )
    return None


def bill_faults(case: Case, faults: list[BillFault]) -> Iterator[Refusal]:
    """Name each line or total that does not add up, and each ratio that is missing."""
    missing = any(isinstance(fault, NeedsClassBRatio) for fault in faults)
    if missing and case.rules is not None:
        yield policy_missing("class_b_selfpay_prop", case.day.isoformat())
    for fault in faults:
        if isinstance(fault, NeedsClassBRatio):
            continue
        told = _WRONG[fault.what].format(
            line=fault.line_id, expected=yuan(fault.expected), found=yuan(fault.found)
        )
        yield Refusal(
            Code.LINES_DO_NOT_ADD_UP,
            f"{told}，请核对后重新发送。",
            {
                "feedetl_sn": fault.line_id,
                "expected_fen": fault.expected,
                "found_fen": fault.found,
                "what": fault.what,
            },
        )
