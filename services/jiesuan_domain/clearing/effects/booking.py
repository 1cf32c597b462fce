"""What a payer deducts of a row: in both kinds of statement, and on its mirror.

A deduction counts in the statement in which the row stands. Where that statement's
audit is over, the next one of the same parties recovers it (118号 六(二): 按原渠道
返回参保地), and what is taken back later goes the way it came.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from jiesuan_domain.clearing.state.region import DeductionInForce, Draft, OfKind
from jiesuan_domain.clearing.state.row import Row
from jiesuan_domain.clearing.state.statement import DONE
from jiesuan_events.words.codes import StatementKind
from jiesuan_ledger.clearing.facts import Deduction

Booking = tuple[Row, StatementKind, int]
"""A row, a kind of statement, and the sign with which a deduction counts there."""


def deduct(draft: Draft, deduction: Deduction, *, by: str) -> None:
    """Enter one deduction of a statement's audit."""
    row = draft.region.rows[deduction.settlement_id]
    amount = deduction.amount
    recovered: list[OfKind] = []
    for booked, kind, sign in _bookings(draft, row):
        if _book(draft, booked, kind=kind, amount=sign * amount):
            recovered.append((kind, booked.settlement_id))
    made = DeductionInForce(by, amount, tuple(recovered))
    known = draft.deductions.get(row.settlement_id) or ()
    draft.deductions[row.settlement_id] = (*known, made)
    audited = draft.audited.get(by) or ()
    if row.settlement_id not in audited:
        draft.audited[by] = (*audited, row.settlement_id)


def take_back(draft: Draft, statement_id: str) -> None:
    """Take back what a statement's own audits deducted, wherever it went."""
    for row_id in draft.audited.get(statement_id) or ():
        row = draft.region.rows[row_id]
        in_force = draft.deductions.get(row_id) or ()
        for one in in_force:
            if one.by == statement_id:
                _undo(draft, row, one=one)
        left = tuple(one for one in in_force if one.by != statement_id)
        if left:
            draft.deductions[row_id] = left
        else:
            draft.deductions.drop(row_id)
    draft.audited.drop(statement_id)


def _bookings(draft: Draft, row: Row) -> Iterator[Booking]:
    """List where a deduction of a row counts: its mirror carries the opposite."""
    for kind in row.kinds:
        yield row, kind, 1
    mirror = draft.region.mirrors.get(row.settlement_id)
    if mirror is not None:
        for kind in row.kinds:
            yield draft.region.rows[mirror], kind, -1


def _undo(draft: Draft, row: Row, *, one: DeductionInForce) -> None:
    for booked, kind, sign in _bookings(draft, row):
        amount = -sign * one.amount
        if (kind, booked.settlement_id) in one.recovered_in:
            _recover(draft, booked, kind=kind, amount=amount)
        else:
            _book(draft, booked, kind=kind, amount=amount)


def _book(draft: Draft, row: Row, *, kind: StatementKind, amount: int) -> bool:
    """Book in the row's statement; tell whether the next one recovers it instead.

    A row that waits takes along what is due of it when it is drawn.
    """
    month = draft.standing_in(row)
    if month is None:
        return False
    id_ = row.statement_id(kind, month)
    statement = draft.statement(id_)
    if statement.state in DONE:
        _recover(draft, row, kind=kind, amount=amount)
        return True
    draft.statements[id_] = replace(statement, deducted=statement.deducted + amount)
    draft.lines[row.settlement_id, month] = None
    return False


def _recover(draft: Draft, row: Row, *, kind: StatementKind, amount: int) -> None:
    """Let the next statement of the same parties, scheme and category recover it."""
    key = row.key(kind)
    pending = (draft.pending.get(key) or 0) + amount
    if pending:
        draft.pending[key] = pending
    else:
        draft.pending.drop(key)
    of_kind = (kind, row.settlement_id)
    draft.recovered[of_kind] = (draft.recovered.get(of_kind) or 0) + amount
