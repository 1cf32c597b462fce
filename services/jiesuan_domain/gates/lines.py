"""Gates on the lines of a bill: one year, one disease, and sums that hold."""

from collections.abc import Iterator

from jiesuan_domain.asked.commands import Bill, BillLine
from jiesuan_domain.benefit.lines.bill import BillFault
from jiesuan_domain.benefit.lines.split import NeedsClassBRatio
from jiesuan_domain.gates.case import Case
from jiesuan_domain.person.diseases import same_as
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals.of_bill import (
    lines_do_not_add_up,
    mixed_diseases,
    mixed_years,
)
from jiesuan_domain.refusals.of_person import policy_not_in_force
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import CHRONIC, OUTPATIENT, PHARMACY_PURCHASE
from jiesuan_events.words.instants import policy_date


def one_year(case: Case) -> Refusal | None:
    """Refuse lines of two benefit years (67号第八条: 一个自然年度, A18)."""
    if case.first_day.year != case.day.year:
        years: dict[str, list[str]] = {}
        for line in case.bill.lines:
            year = policy_date(line.incurred_at).year
            years.setdefault(str(year), []).append(line.line_id)
        return mixed_years(years)
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
    ordinary = PHARMACY_PURCHASE if pharmacy else OUTPATIENT
    own = bill.disease or ordinary
    rules = case.rules if chronic else None
    sorted_lines: dict[str, list[str]] = {}
    for line in bill.lines:
        where = _belongs_to(line, bill.disease, rules=rules, ordinary=ordinary)
        sorted_lines.setdefault(where, []).append(line.line_id)
    if any(where != own for where in sorted_lines):
        return mixed_diseases(sorted_lines, is_chronic=chronic, at_pharmacy=pharmacy)
    return None


def bill_faults(case: Case, faults: list[BillFault]) -> Iterator[Refusal]:
    """Name each line or total that does not add up, and each ratio that is missing."""
    missing = any(isinstance(fault, NeedsClassBRatio) for fault in faults)
    if missing and case.rules is not None:
        yield policy_not_in_force("class_b_selfpay_prop", case.day)
    for fault in faults:
        if not isinstance(fault, NeedsClassBRatio):
            yield lines_do_not_add_up(fault)
