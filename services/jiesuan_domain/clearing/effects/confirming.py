"""Confirmations of rows (3261, 3262): what is not to be cleared now is carried on."""

from msgspec.structs import replace

from jiesuan_domain.clearing.deadlines import Calendar
from jiesuan_domain.clearing.state.region import Confirmation, Draft, Mark
from jiesuan_domain.clearing.state.row import Row
from jiesuan_domain.clearing.state.statement import summed
from jiesuan_ledger.clearing.facts import Confirmed, Unconfirmed


def confirm(draft: Draft, fact: Confirmed, *, calendar: Calendar) -> None:
    """Put a flag on rows; those flagged ``0`` leave their statements of both kinds."""
    month = fact.clearing_month
    by = (fact.request_source, fact.request_id)
    ids = tuple(one.settlement_id for one in fact.confirmation_rows)
    draft.confirmations[by] = Confirmation(month, ids)
    marks = {
        one.settlement_id: (
            *(draft.marks.get((one.settlement_id, month)) or ()),
            Mark(by, one.confirmed),
        )
        for one in fact.confirmation_rows
    }
    _mark(draft, month, marks=marks, time=fact.request_time, calendar=calendar)


def unconfirm(draft: Draft, fact: Unconfirmed, *, calendar: Calendar) -> None:
    """Take a confirmation away: of several of a row the one before it counts."""
    month = fact.clearing_month
    by = (fact.request_source, fact.confirmation_id)
    known = draft.confirmations.get(by)
    assert known is not None, "only a confirmation that was entered is taken back"
    draft.confirmations[by] = replace(known, is_rolled_back=True)
    marks = {
        row_id: tuple(
            mark for mark in draft.marks.get((row_id, month)) or () if mark.by != by
        )
        for row_id in known.row_ids
    }
    _mark(draft, month, marks=marks, time=fact.request_time, calendar=calendar)


def _mark(
    draft: Draft,
    month: str,
    *,
    marks: dict[str, tuple[Mark, ...]],
    time: str,
    calendar: Calendar,
) -> None:
    changed: dict[str, None] = {}
    named: dict[str, None] = {}
    for row_id, now in marks.items():
        row = draft.region.rows[row_id]
        stood = draft.standing_in(row) == month
        draft.marks[row_id, month] = now
        draft.lines[row_id, month] = None
        stands = draft.standing_in(row) == month
        ids = [row.statement_id(kind, month) for kind in row.kinds]
        if stood or stands:
            named.update(dict.fromkeys(ids))
        if stood != stands:
            changed.update(dict.fromkeys(ids))
            _wait(draft, row, stands=stands)
    for id_ in named:
        draft.statements[id_] = replace(draft.statement(id_), named_at=time)
    for id_ in changed:
        _sum(draft, id_, calendar=calendar)


def _wait(draft: Draft, row: Row, *, stands: bool) -> None:
    if stands:
        draft.waiting.drop(row.settlement_id)
    else:
        draft.waiting[row.settlement_id] = row


def _sum(draft: Draft, id_: str, *, calendar: Calendar) -> None:
    """Sum the rows of a statement that stand in it now."""
    statement = draft.statement(id_)
    members = draft.members.get(id_) or ()
    rows = [row for row in members if draft.standing_in(row) == statement.month]
    touched = draft.deducted_rows()
    sums = summed(rows, statement.month)
    oldest = calendar.of(sums.oldest)
    draft.statements[id_] = replace(
        statement,
        sums=sums,
        latest_on=oldest.latest_on,
        hard_stop=oldest.hard_stop,
        deducted=sum(
            draft.booked(row, statement.kind)
            for row in rows
            if row.settlement_id in touched
        ),
    )
