"""What is found of one person: over everything that stands, or of new bills alone.

Both agree: what new bills raise against those before them is what looking over the
whole would say of them (a property test holds the two together).
"""

from collections.abc import Callable, Container, Iterator, Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from jiesuan_domain.checks.alone import of_one
from jiesuan_domain.checks.bills import CheckedBill
from jiesuan_domain.checks.pairs.against import of_pairs
from jiesuan_domain.checks.pairs.earlier import Earlier
from jiesuan_domain.checks.registered import of_registered
from jiesuan_domain.checks.rules import Called, Checks, by_code, finding
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

    head: Callable[[], Head]
    """What is registered: asked for by few rules, of few bills."""
    bills: Sequence[CheckedBill]
    reports: Sequence[Reported]
    overtaken: int
    """So many bills, the first, were entered before something was registered."""


def look_over(
    all_: Looked, *, packs: Packs, checks: Checks, new: Container[str] | None = None
) -> list[Finding]:
    """Return everything that is found of a person, or of ``new`` settlements alone."""
    found: list[Finding] = []
    before, last = Earlier(), len(all_.bills) - 1
    for number, bill in enumerate(all_.bills):
        if new is None or bill.settlement_id in new:
            found += of_new(bill, before, head=all_.head, checks=checks, called=by_code)
            if number < all_.overtaken:
                head = all_.head()
                found += of_registered(bill, head, packs=packs, checks=checks)
        if number < last:
            before.add(bill)
    twice = _reported_twice(all_, checks=checks) if all_.reports else ()
    return found + [one for one in twice if new is None or one.settlement_id in new]


def of_new(
    bill: CheckedBill,
    earlier: Earlier,
    *,
    head: Callable[[], Head],
    checks: Checks,
    called: Called,
) -> list[Finding]:
    """Return what a bill raises by itself and against those entered before it.

    What was registered before it was entered, the gates have looked at.
    """
    found = list(of_one(bill, head, checks=checks))
    if not earlier.is_empty:
        found += of_pairs(bill, earlier, checks=checks, called=called)
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
