"""``decide``: one request about one person, under one law, to one outcome.

Total and pure: every request that reads comes to an outcome, and nothing but the
arguments is looked at.
"""

from collections.abc import Iterator, Sequence

from jiesuan_domain.asked import commands
from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.in_force import InForce
from jiesuan_domain.outcome import Again, Decided, Outcome, Quoted, Refused, refused
from jiesuan_domain.person.state import Person
from jiesuan_domain.refusals.of_request import (
    compensated_before,
    duplicate_different,
    malformed,
)
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_domain.requests.compensate import decide_compensation
from jiesuan_domain.requests.gap_refund import decide_gap_refund
from jiesuan_domain.requests.refund import decide_refund
from jiesuan_domain.requests.registering.register import decide_registration
from jiesuan_domain.requests.settle import decide_bills
from jiesuan_events import requests
from jiesuan_events.words.money import MAX_FEN
from jiesuan_ledger.parts.block import Totals


def decide(person: Person, asked: Asked, *, in_force: InForce) -> Outcome:
    """Decide a request: again, refused by its name, or by what it asks for."""
    return decide_each([(person, asked)], in_force=in_force)[0]


def decide_each(
    requests_: Sequence[tuple[Person, Asked]], *, in_force: InForce
) -> list[Outcome]:
    """Decide requests of as many different persons; bills of all step by step."""
    taken = [_by_name(person, asked) for person, asked in requests_]
    bills = [
        one
        for one, known in zip(requests_, taken, strict=True)
        if known is None and isinstance(one[1].command, commands.Bill)
    ]
    of_bills = iter(decide_bills(bills, in_force=in_force))
    return [
        _bounded(_decide(person, asked, of_bills=of_bills, in_force=in_force))
        if known is None
        else known
        for (person, asked), known in zip(requests_, taken, strict=True)
    ]


def _decide(
    person: Person, asked: Asked, *, of_bills: Iterator[Outcome], in_force: InForce
) -> Outcome:
    """Decide a request by its kind; mypy names the kind that is forgotten here."""
    command = asked.command
    match command:
        case commands.SettleBill() | commands.QuoteBill() | commands.ClaimBill():
            return next(of_bills)
        case requests.GapRefund():  # before Refund, of which it is a kind
            return decide_gap_refund(person, asked, in_force=in_force)
        case requests.Refund():
            return decide_refund(person, asked, in_force=in_force)
        case requests.Compensate():
            return decide_compensation(person, asked, in_force=in_force)
        case requests.Institution() | requests.CatalogueItem():
            raise AssertionError("what is registered for everybody is of no person")
        case _:
            return decide_registration(command, person, asked=asked, in_force=in_force)


def _bounded(outcome: Outcome) -> Outcome:
    return outcome if _is_bounded(outcome) else refused(_out_of_bounds())


def _is_bounded(outcome: Outcome) -> bool:
    """Whether the year's sums can be written: readers refuse more than that."""
    if isinstance(outcome, Decided):
        totals: Totals | None = getattr(outcome.fact, "totals", None)
    elif isinstance(outcome, Quoted):
        totals = outcome.totals
    else:
        return True
    return totals is None or (
        totals.total_in_scope <= MAX_FEN and totals.person_burden_sum <= MAX_FEN
    )


def _out_of_bounds() -> Refusal:
    return malformed(
        "data", "the year's sums leave the bounds", zh="年度累计金额超出允许范围"
    )


def _by_name(person: Person, asked: Asked) -> Again | Refused | None:
    """Answer a name that is taken: the same again, or refused (V12e)."""
    seen = person.request(asked.source, asked.id)
    if seen is None:
        return None
    same = seen.content == asked.content
    refusals: list[Refusal] = []
    if not same and seen.content:
        first = {"version": seen.version, "hash": seen.hash.hex()}
        refusals.append(duplicate_different(first))
    if seen.barred:
        refusals.append(compensated_before())
    return refused(*refusals) if refusals else Again(seen)
