"""The way of a statement from state to state: declared, audited, cleared, paid."""

from collections import defaultdict
from datetime import date

from msgspec.structs import replace

from jiesuan_domain.clearing.effects.booking import deduct, take_back
from jiesuan_domain.clearing.state.region import (
    Account,
    AccountKey,
    Draft,
    account_of,
)
from jiesuan_domain.clearing.state.row import REGION
from jiesuan_domain.clearing.state.statement import (
    ACCEPTED,
    AUDITED,
    CLEARED,
    DECLARED,
    DRAWN,
    IN_AUDIT,
    PAID,
    REJECTED,
    Statement,
)
from jiesuan_events.words.codes import ClearingState
from jiesuan_ledger.clearing.facts import (
    Audited,
    QuotaSet,
    StatementPaid,
    StatementRejected,
    StatementsDeclared,
)


def declare(draft: Draft, fact: StatementsDeclared) -> None:
    """Declare statements; the first declaration that stands meets the deadlines."""
    day = fact.counted_on
    for id_ in fact.statement_ids:
        statement = draft.statement(id_)
        is_first = not statement.is_met
        draft.statements[id_] = replace(
            statement,
            state=DECLARED,
            named_at=fact.request_time,
            declared_on=day,
            late=statement.late or (is_first and day > statement.declare_by),
            is_met=True,
            is_met_now=is_first,
            exception=fact.exception or statement.exception,
            reason=None,
        )


def withdraw(draft: Draft, id_: str, *, time: str) -> None:
    """Undo a declaration; the deadlines run on if it was the one that met them."""
    statement = draft.statement(id_)
    draft.statements[id_] = replace(
        statement,
        state=DRAWN,
        named_at=time,
        declared_on=None,
        exception=None,
        is_met=statement.is_met and not statement.is_met_now,
        is_met_now=False,
    )


def accept(draft: Draft, id_: str, *, time: str) -> None:
    """Take a declared statement in."""
    _step(draft, id_, state=ACCEPTED, time=time)


def audit(draft: Draft, fact: Audited) -> None:
    """Enter what an audit deducts."""
    _step(draft, fact.statement_id, state=IN_AUDIT, time=fact.request_time)
    for deduction in fact.deductions:
        deduct(draft, deduction, by=fact.statement_id)


def finish_audit(draft: Draft, id_: str, *, time: str) -> None:
    """End an audit: what is deducted from now on goes into the next statement."""
    _step(draft, id_, state=AUDITED, time=time)


def clear(draft: Draft, id_: str, *, time: str, day: date) -> None:
    """Clear a statement; after the first quarter of the next year it is overdue."""
    statement = _step(draft, id_, state=CLEARED, time=time)
    if day > statement.hard_stop:
        draft.statements[id_] = replace(statement, overdue=True)


def reject(draft: Draft, fact: StatementRejected) -> None:
    """Send a statement back; what its own audits deducted falls away."""
    id_ = fact.statement_id
    statement = _step(draft, id_, state=REJECTED, time=fact.request_time)
    draft.statements[id_] = replace(
        statement,
        reason=fact.reason,
        rejected_on=fact.counted_on,
        is_met_now=False,
    )
    take_back(draft, id_)


def fine(draft: Draft, id_: str, *, time: str) -> None:
    """Note that fines of a statement were set; they move no sum (118号 六(二)).

    What they come to is read from the fact: no rule asks for it.
    """
    draft.statements[id_] = replace(draft.statement(id_), named_at=time)


def pay(draft: Draft, fact: StatementPaid) -> None:
    """Note that a statement was paid; its rows use no prepayment any more."""
    id_ = fact.statement_id
    statement = _step(draft, id_, state=PAID, time=fact.request_time)
    draft.statements[id_] = replace(statement, paid=fact.paid, paid_on=fact.paid_on)
    if statement.kind == REGION:
        for key, move in moves(draft, statement).items():
            account = draft.accounts.get(key) or Account()
            draft.accounts[key] = Account(
                account.quota,
                account.used + move.used,
                account.paid + move.paid,
                account.deducted + move.deducted,
            )


def moves(draft: Draft, statement: Statement) -> dict[AccountKey, Account]:
    """Return what paying a statement moves on the accounts of its rows' years.

    What it recovered counts in the year of the statement's own month.
    """
    moved: defaultdict[AccountKey, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in draft.members.get(statement.id) or ():
        if draft.standing_in(row) != statement.month:
            continue
        deducted = draft.booked(row, REGION)
        move = moved[account_of(row)]
        move[0] -= row.fund_pay
        move[1] += row.fund_pay - deducted
        move[2] += deducted
    _, party, scheme, _ = statement.key
    if statement.recovered:
        move = moved[party, scheme, statement.month[:4]]
        move[1] -= statement.recovered
        move[2] += statement.recovered
    return {
        key: Account(None, used, paid, deducted)
        for key, (used, paid, deducted) in sorted(moved.items())
    }


def set_quota(draft: Draft, fact: QuotaSet) -> None:
    """Set the whole quota of an account from now on."""
    key = (fact.insured_region, fact.scheme, fact.year)
    account = draft.accounts.get(key) or Account()
    draft.accounts[key] = replace(account, quota=fact.quota)


def _step(draft: Draft, id_: str, *, state: ClearingState, time: str) -> Statement:
    statement = replace(draft.statement(id_), state=state, named_at=time)
    draft.statements[id_] = statement
    return statement
