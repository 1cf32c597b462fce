"""Rules that hold two bills of one person against each other, the later against the
earlier entered."""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from jiesuan_domain.checks.bills import CheckedBill, clock, ends_at_once, times_of
from jiesuan_domain.checks.pairs.earlier import Earlier
from jiesuan_domain.checks.rules import LOOKBACK_DAYS, Called, Checks, finding
from jiesuan_ledger.parts.checked import Finding


def _claimed_and_settled(
    earlier: CheckedBill, later: CheckedBill, *, value: Any, called: Called
) -> str | None:
    """A visit that was settled directly and claimed as well (第二十四条)."""
    if earlier.is_claim == later.is_claim:
        return None
    if (earlier.institution_id, earlier.visit_id) != (
        later.institution_id,
        later.visit_id,
    ):
        return None
    where = f"就诊{later.visit_id}在机构{called(later.institution_id)}"
    return f"{where}既已直接结算，又办理了手工报销"


def _same_bill(
    earlier: CheckedBill, later: CheckedBill, *, value: Any, called: Called
) -> str | None:
    """The same items for the same amounts at one place, on one day, at one time."""
    if earlier.institution_id != later.institution_id:
        return None
    if earlier.service_day != later.service_day or earlier.is_claim != later.is_claim:
        return None
    is_alike = earlier.care_type == later.care_type and (
        sorted(earlier.items) == sorted(later.items)
    )
    if not is_alike or not ends_at_once(earlier, later):
        return None
    return (
        f"机构{called(later.institution_id)}在{later.service_day}"
        f"对同样的{len(later.items)}项费用结算了两次"
    )


def _same_time(
    earlier: CheckedBill, later: CheckedBill, *, value: Any, called: Called
) -> str | None:
    """Two institutions within so many minutes, of bills a day apart at most.

    A pharmacy that sells what the other has prescribed is not another visit.
    """
    if earlier.institution_id == later.institution_id:
        return None
    if _sells(earlier, later) or _sells(later, earlier):
        return None
    apart = [
        (abs((one - other).total_seconds()), one, other)
        for one in times_of(earlier)
        for other in times_of(later)
    ]
    if not apart:
        return None
    seconds, one, other = min(apart)
    if seconds >= 60 * value:
        return None
    return (
        f"{clock(one)}在机构{called(earlier.institution_id)}、{clock(other)}在机构"
        f"{called(later.institution_id)}都有费用，相隔不到{value}分钟"
    )


def _sells(pharmacy: CheckedBill, hospital: CheckedBill) -> bool:
    """Whether one sells what the other has prescribed."""
    if pharmacy.prescription is None:
        return False
    return pharmacy.prescription[0] == hospital.institution_id


def _prescription_twice(
    earlier: CheckedBill, later: CheckedBill, *, value: Any, called: Called
) -> str | None:
    """One prescription, sold in two visits (50号三(一))."""
    prescription = later.prescription
    if prescription is None or earlier.prescription != prescription:
        return None
    if not _are_near(earlier, later):
        return None
    if (earlier.institution_id, earlier.visit_id) == (
        later.institution_id,
        later.visit_id,
    ):
        return None
    return f"机构{called(prescription[0])}的处方{prescription[1]}结算了两次"


def _supply_overlaps(
    earlier: CheckedBill, later: CheckedBill, *, value: Any, called: Called
) -> str | None:
    """An item dispensed again while there is plenty of it."""
    if not _are_near(earlier, later):
        return None
    first, second = sorted((earlier, later), key=lambda bill: bill.service_day)
    again = {one.item for one in second.dispensed}
    for one in first.dispensed:
        left = one.days - (second.service_day - first.service_day).days
        if one.item in again and left > value:
            return (
                f"项目{one.item}在{first.service_day}已配{one.days}天，"
                f"{second.service_day}再配时还剩{left}天"
            )
    return None


class PairRule(NamedTuple):
    """A rule of pairs: which earlier bills it looks at, and what it says of two."""

    candidates: Callable[[Earlier, CheckedBill], Iterator[CheckedBill]]
    says: Callable[..., str | None]


PAIRS: Final = {
    "claimed-and-settled": PairRule(Earlier.claimed, _claimed_and_settled),
    "same-bill-twice": PairRule(Earlier.beside, _same_bill),
    "same-time-elsewhere": PairRule(Earlier.elsewhere, _same_time),
    "prescription-settled-twice": PairRule(Earlier.prescribed, _prescription_twice),
    "supply-overlaps": PairRule(Earlier.dispensing, _supply_overlaps),
}


def of_pairs(
    bill: CheckedBill, earlier: Earlier, *, checks: Checks, called: Called
) -> Iterator[Finding]:
    """Hold a bill against those entered before it: each rule names one, the last.

    Of a hundred equal bills each but the first names the one before it: who follows
    them finds all, and they are ninety-nine findings, not five thousand.
    """
    values = checks.on(bill.service_day)
    for name, rule in PAIRS.items():
        if name not in values:
            continue
        for other in rule.candidates(earlier, bill):
            zh = rule.says(other, bill, value=values[name], called=called)
            if zh is not None:
                of, before = bill.settlement_id or None, other.settlement_id
                yield finding(name, of, other=before, zh=zh + "，请核实。")
                break


def _are_near(earlier: CheckedBill, later: CheckedBill) -> bool:
    return abs((later.service_day - earlier.service_day).days) <= LOOKBACK_DAYS
