"""Rules that hold a bill against what was registered since it was entered."""

from typing import Final, Protocol

from jiesuan_domain.checks.bills import CheckedBill, clock, times_of
from jiesuan_domain.checks.rules import Checks, finding
from jiesuan_domain.person.diseases import called, same_as
from jiesuan_domain.person.enrolment import (
    enrolment_on,
    qualifications_on,
    revoked_after,
)
from jiesuan_domain.person.state import Admission, Head
from jiesuan_domain.policy.model import Packs
from jiesuan_events.words import regions
from jiesuan_events.words.codes import (
    CHRONIC,
    INPATIENT,
    NORMAL,
    SCHEMES,
    SUSPENDED,
    with_name,
)
from jiesuan_events.words.instants import policy_date
from jiesuan_ledger.parts.checked import Finding


class LooksBack(Protocol):
    """Says what is wrong of a bill, or nothing."""

    def __call__(self, bill: CheckedBill, head: Head, *, packs: Packs) -> str | None:
        """Look."""
        ...


def _in_a_stay(bill: CheckedBill, head: Head, *, packs: Packs) -> str | None:
    """A bill of outpatient care within a stay in hospital (第二十七条)."""
    if bill.care_type == INPATIENT:
        return None
    for stay in head.admissions:
        when = _within(bill, stay)
        if when is not None:
            until = "尚未出院" if stay.end is None else f"{clock(stay.end)}出院"
            return (
                f"费用发生于{when}，参保人当时在机构{stay.institution_id}住院"
                f"（就诊{stay.visit_id}，{clock(stay.begin)}入院，{until}）"
            )
    return None


def _within(bill: CheckedBill, stay: Admission) -> str | None:
    """Say when within a stay a bill arose; where only its day is known, a whole day."""
    times = times_of(bill)
    for at in times:
        if stay.begin <= at and (stay.end is None or at < stay.end):
            return clock(at)
    if times:
        return None
    after = policy_date(stay.begin) < bill.service_day
    before = stay.end is None or bill.service_day < policy_date(stay.end)
    return bill.service_day.isoformat() if after and before else None


def _not_enrolled(bill: CheckedBill, head: Head, *, packs: Packs) -> str | None:
    """A bill of a day on which the person is not insured there any more."""
    day = bill.service_day
    scheme = with_name(bill.scheme, SCHEMES)
    enrolment = enrolment_on(head, bill.scheme, on=day)
    if enrolment is None or enrolment.birth > day:
        return f"{day}参保人已没有险种{scheme}的有效参保"
    if enrolment.region != bill.insured_region:
        now, then = (
            regions.called(enrolment.region),
            regions.called(bill.insured_region),
        )
        return f"{day}参保人的参保地为{now}，不是结算所用的{then}"
    if enrolment.status == SUSPENDED:
        return f"{day}参保人处于暂停参保状态"
    if enrolment.status != NORMAL:
        return f"{day}参保人已没有险种{scheme}的有效参保"
    return None


def _not_qualified(bill: CheckedBill, head: Head, *, packs: Packs) -> str | None:
    """A chronic bill of a day on which the qualification had ended (第二十条)."""
    if bill.care_type != CHRONIC or bill.disease is None:
        return None
    day, pack = bill.service_day, packs.find(bill.insured_region, bill.scheme)
    rules = None if pack is None else pack.on(day)
    codes = (
        frozenset((bill.disease,)) if rules is None else same_as(rules, bill.disease)
    )
    if qualifications_on(head, bill.scheme, diseases=codes, on=day):
        return None
    ended = revoked_after(head, bill.scheme, diseases=codes, on=day)
    when = "" if ended is None else f"，已于{ended}终止"
    named = called(bill.disease, rules)
    return f"{day}参保人没有门诊慢特病{named}的待遇资格{when}"


OVER: Final[dict[str, LooksBack]] = {
    "stay-over-settlement": _in_a_stay,
    "enrolment-over-settlement": _not_enrolled,
    "qualification-over-settlement": _not_qualified,
}
"""What a gate refuses where it is known in time."""


def of_registered(
    bill: CheckedBill, head: Head, *, packs: Packs, checks: Checks
) -> list[Finding]:
    """Hold a bill against all that is registered by now, some of it after it."""
    found = []
    values = checks.on(bill.service_day)
    for rule, look in OVER.items():
        if rule not in values:
            continue
        zh = look(bill, head, packs=packs)
        if zh is not None:
            found.append(finding(rule, bill.settlement_id, zh=zh + "，请追回或更正。"))
    return found
