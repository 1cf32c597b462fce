"""Statements as of a point: what their commands showed, from both logs alone."""

from collections.abc import AsyncIterator
from typing import Any, Final

from jiesuan_domain.clearing.state.entries import rows_of
from jiesuan_domain.clearing.state.statement import rows_digest
from jiesuan_ledger.clearing.facts import Fined, StatementLine, StatementRow
from jiesuan_projections.engine.reading.ledger import LedgerBatch, PlacedEntry
from jiesuan_projections.read_models.clearing.rows import statement_values
from jiesuan_projections.read_models.settlement import projector as settlement
from jiesuan_services.audit.history.ledger import HistoryRefused, PastLedger
from jiesuan_services.audit.history.months.kept import KeptMonths, months_at
from jiesuan_services.audit.history.months.past import (
    CARRIED_ON,
    MonthDrawn,
    PastMonths,
)
from jiesuan_services.audit.history.rows import Row, as_stored
from jiesuan_services.audit.history.settlement import place_of
from jiesuan_services.audit.points import Before, read_point, said

FROM_THE_LEDGER: Final = (
    "medins_setl_id",
    "fixmedins_code",
    "service_day",
    "refd_setl_flag",
    "medfee_sumamt_fen",
    "fund_pay_sumamt_fen",
)
"""What a row of a statement says of its settlement."""
FIRST: Final = 1
"""The offset after the genesis."""


async def statements_as_of(
    past: PastLedger, point: str, *, clr_ym: str
) -> dict[str, Any]:
    """Return the object that `jiesuan statements` showed of a month."""
    kept = await months_at(past, point)
    rows = PastMonths(kept.facts).statements.values()
    of_month = [one for one in rows if one.clearing_month == clr_ym]
    of_month.sort(key=lambda one: one.statement_id)
    return {"clr_ym": clr_ym, "statements": _shown(of_month), **_places(kept)}


async def statement_as_of(
    past: PastLedger, point: str, *, statement_id: str
) -> dict[str, Any] | None:
    """Return what `jiesuan statement` showed, without postings; None before its draw.

    Raises HistoryRefused if the ledger no longer holds the rows that were drawn.
    """
    kept = await months_at(past, point)
    months = PastMonths(kept.facts)
    row = months.statements.get(statement_id)
    if row is None:
        return None
    return {
        "statement": _shown([row])[0],
        "rows": await _rows(past, months, row=row),
        "deductions": [
            {
                "setl_id": one.deduction.settlement_id,
                "amount_fen": one.deduction.amount,
                "article": one.deduction.article,
                "reason": one.deduction.reason,
                "in_force": one.in_force,
            }
            for one in months.deductions[statement_id]
        ],
        "fines": _fines(months.fines.get(statement_id)),
        **_places(kept),
    }


def _fines(fact: Fined | None) -> list[dict[str, Any]]:
    if fact is None:
        return []
    return [
        {
            "amount_fen": one.amount,
            "kind": one.kind,
            "article": one.article,
            "reason": one.reason,
            "fined_on": fact.counted_on,
        }
        for one in fact.fines
    ]


def _shown(rows: list[StatementRow]) -> list[Row]:
    return as_stored("clearing", "clearing_statement", rows=map(statement_values, rows))


def _places(kept: KeptMonths) -> dict[str, Any]:
    return {"as_of": said(kept.ledger), "clearing_as_of": said({0: kept.last})}


async def _rows(
    past: PastLedger, months: PastMonths, *, row: StatementRow
) -> list[Row]:
    """Return a statement's rows in ledger order, held against its digest."""
    id_ = row.statement_id
    carried = set(months.carried_into(id_))
    batch, ids = LedgerBatch(), set(carried)
    async for entry, drawn in _drawn(past, months, row=row):
        ids |= drawn
        batch.entries.append(entry)
    for place in {await place_of(past, one) for one in carried}:
        assert place is not None, "a row that was carried is one of the ledger"
        entries = past.entries(place[0], first=place[1], last=place[1])
        batch.entries += [one async for one in entries]
    found = as_stored(
        "settlement",
        "settlement",
        rows=settlement.rows(batch),
        names=settlement.COLUMNS,
    )
    own = [one for one in found if one["setl_id"] in ids]
    own.sort(key=lambda one: (one["partition"], one["offset"], one["seq"]))
    lines = [(one, months.lines.get((id_, one["setl_id"]))) for one in own]
    _check(row, lines)
    return [_row(one, line) for one, line in lines]


async def _drawn(
    past: PastLedger, months: PastMonths, *, row: StatementRow
) -> AsyncIterator[tuple[PlacedEntry, set[str]]]:
    """Return the entries of which a draw took rows not carried, and those rows' ids."""
    draws = months.draws[row.care_region]
    at = [one.month for one in draws].index(row.clearing_month)
    before = draws[at - 1] if at else None
    for partition, last in sorted(draws[at].read.items()):
        first = _first(past, partition, before=before)
        async for entry in past.entries(partition, first=first, last=last):
            if not _was_read(entry, before) and (ids := _taken(entry, row)):
                yield entry, ids


def _taken(entry: PlacedEntry, statement: StatementRow) -> set[str]:
    """Return the ids of the rows of an entry that belong into a statement."""
    kind, month = statement.kind, statement.clearing_month
    if entry.clearing_month > month:
        return set()
    rows = rows_of(
        entry.fact,
        partition=entry.partition,
        offset=entry.offset,
        month=entry.clearing_month,
    )
    return {
        one.settlement_id
        for one in rows
        if kind in one.kinds and one.statement_id(kind, month) == statement.statement_id
    }


def _was_read(entry: PlacedEntry, before: MonthDrawn | None) -> bool:
    """Whether the draw before took an entry."""
    if before is None or entry.clearing_month > before.month:
        return False
    return entry.offset <= before.read.get(entry.partition, 0)


def _first(past: PastLedger, partition: int, *, before: MonthDrawn | None) -> int:
    """Return the first offset that the draw before can have left."""
    if before is None:
        return FIRST
    unread = before.read.get(partition, 0) + 1
    end = read_point(before.month)
    assert isinstance(end, Before), "a month is a point"
    later = past.index.store.first_after(partition, end.nanoseconds)
    return unread if later is None else min(unread, later)


def _check(row: StatementRow, lines: list[tuple[Row, StatementLine | None]]) -> None:
    standing = [
        one["setl_id"]
        for one, line in lines
        if line is None or line.confirmed != CARRIED_ON
    ]
    if rows_digest(standing) != row.digest:
        raise HistoryRefused(
            f"清算单{row.statement_id}的明细与其摘要不符：账本或清算日志被改动过，"
            "请运行 jiesuan verify"
        )


def _row(found: Row, line: StatementLine | None) -> Row:
    return {
        "setl_id": found["setl_id"],
        "cnfm_flag": None if line is None else line.confirmed,
        "deducted_fen": 0 if line is None else line.deducted,
        "carried_from": None if line is None else line.carried_from,
        "carried_to": None if line is None else line.carried_to,
        **{name: found[name] for name in FROM_THE_LEDGER},
    }
