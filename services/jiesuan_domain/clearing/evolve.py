"""``evolve``: what a fact of clearing changes of its region. Total: it refuses nothing.

A fact that gave ``counted_on`` and the policy was decided under a pack that ruled on
those days, so the calendar has an answer to everything that is asked of it here.
"""

from typing import assert_never

from jiesuan_domain.clearing.deadlines import Calendar
from jiesuan_domain.clearing.effects import steps
from jiesuan_domain.clearing.effects.confirming import confirm, unconfirm
from jiesuan_domain.clearing.effects.drawing import draw
from jiesuan_domain.clearing.state.region import Draft, Region
from jiesuan_ledger.clearing.facts import (
    Accepted,
    Audited,
    AuditFinished,
    Cleared,
    ClearingFact,
    ClearingPart,
    Confirmed,
    Drawn,
    Fined,
    QuotaSet,
    StatementFact,
    StatementPaid,
    StatementRejected,
    StatementsDeclared,
    Unconfirmed,
    Withdrawn,
)


def evolve_region(region: Region, fact: ClearingFact, *, calendar: Calendar) -> Draft:
    """Return what a fact changes of its region, as layers over it."""
    draft = region.draft()
    match fact:
        case Drawn():
            draw(draft, fact, calendar=calendar)
        case Confirmed():
            confirm(draft, fact, calendar=calendar)
        case Unconfirmed():
            unconfirm(draft, fact, calendar=calendar)
        case StatementsDeclared():
            steps.declare(draft, fact)
        case QuotaSet():
            steps.set_quota(draft, fact)
        case ClearingPart():
            pass
        case _:
            _of_statement(draft, fact)
    return draft


def _of_statement(draft: Draft, fact: StatementFact) -> None:
    id_, time = fact.statement_id, fact.request_time
    match fact:
        case Withdrawn():
            steps.withdraw(draft, id_, time=time)
        case Accepted():
            steps.accept(draft, id_, time=time)
        case Audited():
            steps.audit(draft, fact)
        case AuditFinished():
            steps.finish_audit(draft, id_, time=time)
        case Cleared():
            steps.clear(draft, id_, time=time, day=fact.counted_on)
        case StatementPaid():
            steps.pay(draft, fact)
        case StatementRejected():
            steps.reject(draft, fact)
        case Fined():
            steps.fine(draft, id_, time=time)
        case _:
            assert_never(fact)
