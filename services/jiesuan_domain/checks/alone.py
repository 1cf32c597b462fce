"""Rules that look at one bill and at what is known of the items and of the person."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from jiesuan_domain.checks.bills import CheckedBill
from jiesuan_domain.checks.rules import Checks, finding
from jiesuan_domain.person.enrolment import enrolment_on
from jiesuan_domain.person.state import Head
from jiesuan_domain.policy.telling.words import exact
from jiesuan_events.words.codes import CHRONIC, INPATIENT, SEXES
from jiesuan_ledger.parts.checked import Finding

OTHER_SEX: Final = "item-of-other-sex"
"""The one rule of these that looks at what is registered."""
_CARE: Final = {CHRONIC: "chronic", INPATIENT: "inpatient"}


def _other_sex(
    bill: CheckedBill, head: Callable[[], Head], *, value: Any
) -> str | None:
    """An item that is for one sex, in a bill of the other."""
    enrolment = enrolment_on(head(), bill.scheme, on=bill.service_day)
    sex = None if enrolment is None else enrolment.sex
    if sex is None:
        return None
    for other, items in value.items():
        found = _first(bill, items)
        if other != sex and found is not None:
            return f"项目{found}只适用于{SEXES[other]}性，参保人登记为{SEXES[sex]}性"
    return None


def _first(bill: CheckedBill, items: Any) -> str | None:
    return next((item for item, total in bill.items if item in items and total), None)


def _too_young(
    bill: CheckedBill, head: Callable[[], Head], *, value: Any
) -> str | None:
    """An item for people of more years."""
    for item, _ in bill.items:
        if bill.age < value.get(item, 0):
            return f"项目{item}适用于{value[item]}岁及以上，费用发生时{bill.age}岁"
    return None


def _too_old(bill: CheckedBill, head: Callable[[], Head], *, value: Any) -> str | None:
    """An item for people of fewer years."""
    for item, _ in bill.items:
        if item in value and bill.age > value[item]:
            return f"项目{item}适用于{value[item]}岁及以下，费用发生时{bill.age}岁"
    return None


def _beyond_days(
    bill: CheckedBill, head: Callable[[], Head], *, value: Any
) -> str | None:
    """More of an item than its days allow."""
    for one in bill.dispensed:
        most = value.get(one.item)
        if most is not None and one.quantity > one.days * most:
            return (
                f"项目{one.item}配{one.days}天，数量{exact(one.quantity)}，"
                f"按每天最多{exact(most)}只应有{exact(one.days * most)}"
            )
    return None


def _too_long(bill: CheckedBill, head: Callable[[], Head], *, value: Any) -> str | None:
    """An item for more days than may be dispensed at once."""
    limit = value.get(_CARE.get(bill.care_type, "ordinary"))
    if limit is None:
        return None
    for one in bill.dispensed:
        if one.days > limit:
            return f"项目{one.item}一次配{one.days}天，超过规定的{limit}天"
    return None


ALONE: Final = {
    OTHER_SEX: _other_sex,
    "item-of-younger-age": _too_young,
    "item-of-older-age": _too_old,
    "quantity-beyond-days": _beyond_days,
    "supply-too-long": _too_long,
}


def of_one(
    bill: CheckedBill, head: Callable[[], Head], *, checks: Checks
) -> Iterator[Finding]:
    """Look at one bill by itself, and at what ``head`` says is registered."""
    values = checks.on(bill.service_day)
    for rule, look in ALONE.items():
        if rule not in values:
            continue
        zh = look(bill, head, value=values[rule])
        if zh is not None:
            yield finding(rule, bill.settlement_id or None, zh=zh + "，请核实。")
