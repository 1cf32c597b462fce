"""Whether rows may be confirmed, or a confirmation be taken back (3261, 3262)."""

from jiesuan_domain.clearing import refusals
from jiesuan_domain.clearing.rules.case import ClearingCase, Verdict
from jiesuan_domain.clearing.state.region import Confirmation
from jiesuan_domain.clearing.state.row import INSTITUTION, Row, months_between
from jiesuan_domain.clearing.state.statement import Statement
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.clearing.requests import Confirm, ConfirmedRow, Unconfirm
from jiesuan_events.words.fields import Flag
from jiesuan_ledger.clearing.facts import Confirmed, RowMark, Unconfirmed

LONGEST_CARRY = 2
"""Months after its own from which a row is carried no further."""
Turn = tuple[Row, Flag | None]
"""A row, and the flag that it comes to; None if nothing confirms it any more."""


def decide_confirm(case: ClearingCase, command: Confirm) -> Verdict:
    """Decide a confirmation: every row is looked at, and every reason listed."""
    month = command.clearing_month
    turns: list[Turn] = []
    strange: list[str] = []
    differing: list[ConfirmedRow] = []
    for asked in command.confirmation_rows:
        row = _member(case, asked.settlement_id, command=command)
        if row is None:
            strange.append(asked.settlement_id)
            continue
        turns.append((row, asked.confirmed))
        if (row.total_charge, row.fund_pay) != _amounts(asked):
            differing.append(asked)
    found = _states(case, turns, month=month) + _carried(turns, month)
    if strange:
        found.append(refusals.not_in_statement(strange))
    if differing:
        found.append(refusals.amounts_differ([_difference(case, d) for d in differing]))
    if found:
        return found
    return Confirmed(
        **case.caused(),
        clearing_month=month,
        institution_id=command.institution_id,
        confirmation_rows=tuple(
            RowMark(settlement_id=one.settlement_id, confirmed=one.confirmed)
            for one in command.confirmation_rows
        ),
    )


def decide_unconfirm(case: ClearingCase, command: Unconfirm) -> Verdict:
    """Decide a rollback: no row of it may have been drawn again."""
    month = command.clearing_month
    by = (case.asked.source, command.request_id)
    known = case.region.confirmations.get(by)
    if known is None or known.is_rolled_back or known.month != month:
        late = case.bad_time(())
        return [*late, refusals.unknown_confirmation(command.request_id)]
    moved = [id_ for id_ in known.row_ids if case.region.placed[id_][-1] != month]
    turns = [
        turn
        for turn in _turned_back(case, known, by=by)
        if turn[0].settlement_id not in moved
    ]
    found = _states(case, turns, month=month)
    if moved:
        found.append(refusals.not_in_statement(moved))
    if found:
        return found
    return Unconfirmed(
        **case.caused(),
        clearing_month=month,
        institution_id=command.institution_id,
        confirmation_id=command.request_id,
    )


def _member(case: ClearingCase, row_id: str, *, command: Confirm) -> Row | None:
    """Find a row of the institution that was last drawn into the month."""
    row = case.region.rows.get(row_id)
    months = case.region.placed.get(row_id)
    if row is None or not months or months[-1] != command.clearing_month:
        return None
    return row if row.institution_id == command.institution_id else None


def _turned_back(
    case: ClearingCase, known: Confirmation, *, by: tuple[str, str]
) -> list[Turn]:
    """Return each row of a confirmation with the flag that is left without it."""
    turns: list[Turn] = []
    for row_id in known.row_ids:
        marks = case.region.marks.get((row_id, known.month), ())
        flags = [mark.flag for mark in marks if mark.by != by]
        turns.append((case.region.rows[row_id], flags[-1] if flags else None))
    return turns


def _states(case: ClearingCase, turns: list[Turn], *, month: str) -> list[Refusal]:
    """Look at state and time of the statements that rows stand in, enter or leave.

    The institution's own must be open even if no row moves; the other kind's only
    where one enters or leaves.
    """
    named: dict[str, Statement] = {}
    must_be_open: dict[str, Statement] = {}
    for row, flag in turns:
        stood = case.draft.standing_in(row) == month
        stands = flag != "0"
        for kind in row.kinds:
            statement = case.draft.statement(row.statement_id(kind, month))
            if stood or stands:
                named[statement.id] = statement
            if kind == INSTITUTION or stood != stands:
                must_be_open[statement.id] = statement
    found = case.bad_time(named.values())
    for statement in must_be_open.values():
        if statement.state not in case.allowed:
            return [*found, refusals.wrong_state(statement, case.allowed)]
    return found


def _carried(turns: list[Turn], month: str) -> list[Refusal]:
    too_long = [
        row.settlement_id
        for row, flag in turns
        if flag == "0" and months_between(row.month, month) >= LONGEST_CARRY
    ]
    return [refusals.carried_too_long(too_long)] if too_long else []


def _amounts(asked: ConfirmedRow) -> tuple[int, int]:
    return asked.total_charge, asked.fund_pay_total


def _difference(case: ClearingCase, asked: ConfirmedRow) -> dict[str, object]:
    row = case.region.rows[asked.settlement_id]
    return {
        "setl_id": asked.settlement_id,
        "expected": {
            "medfee_sumamt_fen": row.total_charge,
            "fund_pay_sumamt_fen": row.fund_pay,
        },
        "found": {
            "medfee_sumamt_fen": asked.total_charge,
            "fund_pay_sumamt_fen": asked.fund_pay_total,
        },
    }
