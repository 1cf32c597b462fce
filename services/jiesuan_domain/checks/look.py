"""What is found of one person: over everything that stands, or of new bills alone.

Both agree: what new bills raise against those before them is what looking over the
whole would say of them (a property test holds the two together).
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from jiesuan_domain.checks.alone import of_one
from jiesuan_domain.checks.bills import CheckedBill
from jiesuan_domain.checks.pairs import of_pair
from jiesuan_domain.checks.registered import of_registered
from jiesuan_domain.checks.rules import (
    LOOKBACK_DAYS,
    Checks,
    finding,
)
from jiesuan_domain.person.enrolment import enrolment_on
from jiesuan_domain.person.state import Head
from jiesuan_domain.policy.model import Packs
from jiesuan_events.words.codes import INPATIENT
from jiesuan_events.words.money import Fen, yuan
from jiesuan_ledger.parts.checked import Finding

REPORTED_TWICE: Final = "visit-reported-twice"


class Reported(Struct, frozen=True, gc=False, array_like=True):
    """An inpatient settlement that was reported, in ledger order."""

    scheme: str
    year: str
    visit_id: str
    in_scope: Fen


class Looked(Struct, frozen=True):
    """All that the rules look at of one person: registered, billed and reported."""

    head: Head
    bills: Sequence[CheckedBill]
    reports: Sequence[Reported]


def look_over(
    all_: Looked, *, packs: Packs, checks: Checks, new: Container[str] | None = None
) -> list[Finding]:
    """Return everything that is found of a person, or of ``new`` settlements alone."""
    found: list[Finding] = []
    before = Earlier()
    for bill in all_.bills:
        if new is None or bill.settlement_id in new:
            near = before.beside(bill)
            found += of_new(bill, near, head=all_.head, checks=checks)
            found += of_registered(bill, all_.head, packs=packs, checks=checks)
        before.add(bill)
    twice = _reported_twice(all_, checks=checks) if all_.reports else ()
    return found + [one for one in twice if new is None or one.settlement_id in new]


class Earlier:
    """The bills entered before another, found by day and by visit."""

    def __init__(self) -> None:
        self._by_span: dict[int, list[CheckedBill]] = {}
        self._by_visit: dict[tuple[str, str], list[CheckedBill]] = {}

    def add(self, bill: CheckedBill) -> None:
        """Remember a bill."""
        span = bill.service_day.toordinal() // LOOKBACK_DAYS
        self._by_span.setdefault(span, []).append(bill)
        visit = (bill.institution_id, bill.visit_id)
        self._by_visit.setdefault(visit, []).append(bill)

    def beside(self, bill: CheckedBill) -> list[CheckedBill]:
        """List those that any rule could hold against a bill, each once."""
        span = bill.service_day.toordinal() // LOOKBACK_DAYS
        found = {
            one.settlement_id: one
            for at in (span - 1, span, span + 1)
            for one in self._by_span.get(at, ())
        }
        visit = self._by_visit.get((bill.institution_id, bill.visit_id), ())
        return list(found.values()) + [
            one for one in visit if one.settlement_id not in found
        ]


def of_new(
    bill: CheckedBill,
    earlier: Iterable[CheckedBill],
    *,
    head: Head,
    checks: Checks,
) -> list[Finding]:
    """Return what a bill raises by itself and against those entered before it.

    What was registered before it was entered, the gates have looked at.
    """
    enrolment = enrolment_on(head, bill.scheme, on=bill.service_day)
    found = list(of_one(bill, enrolment, checks=checks))
    for other in earlier:
        found += of_pair(other, bill, checks=checks)
    return found


def _reported_twice(all_: Looked, *, checks: Checks) -> Iterator[Finding]:
    """Find a stay that counts twice towards 24万: reported so, or settled as well."""
    standing: dict[tuple[str, str, str], list[Fen]] = {}
    for one in all_.reports:
        amounts = standing.setdefault((one.scheme, one.year, one.visit_id), [])
        if -one.in_scope in amounts:
            amounts.remove(-one.in_scope)
        else:
            amounts.append(one.in_scope)
    settled = {
        (bill.scheme, str(bill.service_day.year), bill.visit_id): bill
        for bill in all_.bills
        if bill.care_type == INPATIENT
    }
    for key, amounts in standing.items():
        _, year, visit = key
        if REPORTED_TWICE not in checks.on(date(int(year), 12, 31)):
            continue
        for fen in sorted({fen for fen in amounts if amounts.count(fen) > 1}):
            zh = f"住院{visit}的{yuan(fen)}元在{year}年度报送了不止一次，请核实。"
            yield finding(REPORTED_TWICE, None, zh=zh)
        bill = settled.get(key)
        if bill is not None and sum(amounts) > 0:
            zh = f"住院{visit}已在机构{bill.institution_id}结算，又另行报送，请核实。"
            yield finding(REPORTED_TWICE, bill.settlement_id, zh=zh)
