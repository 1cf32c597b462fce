"""Gates on the lines of a bill: one year, one disease, and sums that hold."""

from collections.abc import Iterator
from typing import NamedTuple

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
from jiesuan_events.words.codes import (
    INPATIENT,
    OF_A_DISEASE,
    OUTPATIENT,
    PHARMACY_PURCHASE,
)
from jiesuan_events.words.instants import policy_date


def one_year(case: Case) -> Refusal | None:
    """Refuse lines of two benefit years (67号第八条: 一个自然年度, A18).

    A stay in hospital is one, over New Year too: its year is that of its last line.
    """
    if case.first_day.year == case.day.year or case.bill.care_type == INPATIENT:
        return None
    years: dict[str, list[str]] = {}
    for line in case.bill.lines:
        year = policy_date(line.incurred_at).year
        years.setdefault(str(year), []).append(line.line_id)
    return mixed_years(years)


class AskedDisease(NamedTuple):
    """The disease that a chronic bill asks for, all its codes, and the items of each.

    ``other`` is where lines belong that are related to no disease.
    """

    disease: str
    codes: frozenset[str]
    rules: Rules | None
    other: str


def _belongs_to(line: BillLine, asked: AskedDisease) -> str:
    """Say which settlement a line belongs to: a disease, or ordinary care.

    Where the region lists the items of a disease, the item decides (67号第二十二条).
    """
    tagged = line.disease or asked.disease
    rules = asked.rules
    if rules is not None and rules.disease_items is not None:
        items = rules.disease_items
        listing = [code for code, one in sorted(items.items()) if line.item in one]
        if any(code in asked.codes for code in listing):
            return asked.disease
        if listing:
            return tagged if tagged in listing else listing[0]
        if any(code in items for code in same_as(rules, tagged)):
            return asked.other
    return asked.disease if tagged in asked.codes else tagged


def _has_tags(bill: Bill) -> bool:
    """Whether a line names a disease."""
    for line in bill.lines:  # noqa: SIM110 - 0.1 us, a generator 0.4 us: tools.shapes
        if line.disease is not None:
            return True
    return False


def one_disease(case: Case) -> Refusal | None:
    """Refuse lines of several diseases in one request (50号三(二): 分病种单独结算).

    Lines unrelated to the filed disease are ordinary care, or an ordinary purchase at
    a pharmacy (67号第二十六条, 50号三(二)); and what is settled as ordinary care names
    no disease (问答: 不要按普通门诊结算). A local code and its national one are one.
    """
    bill = case.bill
    if bill.care_type == INPATIENT:
        return None
    if bill.care_type in OF_A_DISEASE:
        return _of_other_diseases(case, bill.disease or "")
    if bill.disease is None and not _has_tags(bill):
        return None
    where: dict[str, list[str]] = {}
    for line in bill.lines:
        belongs = line.disease or bill.disease or bill.care_type
        where.setdefault(belongs, []).append(line.line_id)
    return mixed_diseases(
        where, care_type=bill.care_type, other=bill.care_type, rules=case.rules
    )


def _of_other_diseases(case: Case, disease: str) -> Refusal | None:
    institution, rules = case.institution, case.rules
    at_pharmacy = institution is not None and institution.is_pharmacy
    other = PHARMACY_PURCHASE if at_pharmacy else OUTPATIENT
    codes = frozenset((disease,)) if rules is None else same_as(rules, disease)
    asked = AskedDisease(disease, codes, rules, other)
    where: dict[str, list[str]] = {}
    for line in case.bill.lines:
        where.setdefault(_belongs_to(line, asked), []).append(line.line_id)
    if where.keys() == {disease}:
        return None
    return mixed_diseases(
        where, care_type=case.bill.care_type, other=other, rules=rules
    )


def bill_faults(case: Case, faults: list[BillFault]) -> Iterator[Refusal]:
    """Refuse what does not add up, line or total, and a ratio that is missing."""
    missing = any(isinstance(fault, NeedsClassBRatio) for fault in faults)
    if missing and case.rules is not None:
        yield policy_not_in_force("class_b_selfpay_prop", case.day)
    for fault in faults:
        if not isinstance(fault, NeedsClassBRatio):
            yield lines_do_not_add_up(fault)
