"""What a fact changed, as whole rows: for its answer and for the read models."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from msgspec.structs import astuple, replace

from jiesuan_domain.clearing.effects.steps import moves
from jiesuan_domain.clearing.state.region import Account, AccountKey, Draft
from jiesuan_domain.clearing.state.row import INSTITUTION, Row, StatementKey
from jiesuan_domain.clearing.state.statement import statement_row
from jiesuan_domain.policy.model import Packs
from jiesuan_events.words.money import MAX_FEN, WHOLE, half_up
from jiesuan_ledger.clearing.facts import (
    ChangingFact,
    ClearingFact,
    ClearingPart,
    PrepaymentMove,
    PrepaymentRow,
    QuotaSet,
    Recovery,
    StatementLine,
    StatementPaid,
    StatementRow,
)

MAX_STATEMENTS: Final = 1000
"""Statements that one fact holds, and that an answer shows."""
MAX_LINES: Final = 5000
"""Lines of statements that one fact holds."""


def with_results(
    draft: Draft, fact: ClearingFact, *, packs: Packs
) -> tuple[ClearingFact, ...]:
    """Complete a fact by what it changed; what does not fit comes before it, in parts.

    The parts come in descending order of their statements, so that the first thousand
    stand in the fact itself, from which the answer is rendered.
    """
    if isinstance(fact, QuotaSet):
        key = (fact.insured_region, fact.scheme, fact.year)
        row = prepayment_row(
            key,
            draft.accounts.get(key) or Account(),
            care_region=fact.care_region,
            packs=packs,
        )
        return (replace(fact, prepayment=row),)
    assert not isinstance(fact, ClearingPart), "parts are made here"
    if isinstance(fact, StatementPaid):
        fact = replace(fact, prepayment_moves=_moves(draft, fact))
    return _in_parts(fact, draft)


def too_large(
    facts: Iterable[ClearingFact],
) -> StatementRow | Recovery | PrepaymentRow | None:
    """Return the first row with an amount that readers refuse; none may be written.

    Persons have bounds of their own; those of a statement leave them together.
    """
    for fact in facts:
        for row in _rows(fact):
            amounts = (one for one in astuple(row) if isinstance(one, int))
            if any(abs(one) > MAX_FEN for one in amounts):
                return row
    return None


def _rows(fact: ClearingFact) -> Iterable[StatementRow | Recovery | PrepaymentRow]:
    match fact:
        case QuotaSet():
            return (fact.prepayment,)
        case ClearingPart():
            return fact.statements
        case _:
            return (*fact.statements, *fact.recoveries)


def _in_parts(fact: ChangingFact, draft: Draft) -> tuple[ClearingFact, ...]:
    statements = _changed(draft)
    lines = _lines(draft)
    of_part = {name: getattr(fact, name) for name in ClearingPart.__struct_fields__}
    parts = [
        ClearingPart(
            **{
                **of_part,
                "statements": statements[at : at + MAX_STATEMENTS],
                "statement_lines": (),
            }
        )
        for at in range(MAX_STATEMENTS, len(statements), MAX_STATEMENTS)
    ] + [
        ClearingPart(
            **{
                **of_part,
                "statements": (),
                "statement_lines": lines[at : at + MAX_LINES],
            }
        )
        for at in range(MAX_LINES, len(lines), MAX_LINES)
    ]
    whole = replace(
        fact,
        parts=len(parts),
        statement_count=len(statements),
        statements=statements[:MAX_STATEMENTS],
        statement_lines=lines[:MAX_LINES],
        recoveries=_recoveries(draft),
    )
    return (*reversed(parts), whole)


def _changed(draft: Draft) -> tuple[StatementRow, ...]:
    """Return the rows of the statements that differ now, by id."""
    found: list[StatementRow] = []
    for id_ in sorted(draft.statements.changed):
        row = statement_row(draft.statement(id_))
        before = draft.region.statements.get(id_)
        if before is None or statement_row(before) != row:
            found.append(row)
    return tuple(found)


def _lines(draft: Draft) -> tuple[StatementLine, ...]:
    """Return the lines that a confirmation or a deduction touched, in every kind."""
    made = [
        line
        for row_id, month in draft.lines
        for line in lines_of(draft, draft.region.rows[row_id], month=month)
    ]
    return tuple(sorted(made, key=lambda one: (one.statement_id, one.settlement_id)))


def lines_of(draft: Draft, row: Row, *, month: str) -> Iterator[StatementLine]:
    """Show a row in its statements of a month, of each kind."""
    months = draft.placed.get(row.settlement_id) or ()
    at = months.index(month)
    stands = draft.standing_in(row) == month
    for kind in row.kinds:
        before = months[at - 1] if at else None
        after = months[at + 1] if at + 1 < len(months) else None
        yield StatementLine(
            statement_id=row.statement_id(kind, month),
            settlement_id=row.settlement_id,
            confirmed=draft.flag(row, month),
            deducted=draft.booked(row, kind) if stands else 0,
            carried_from=None if before is None else row.statement_id(kind, before),
            carried_to=None if after is None else row.statement_id(kind, after),
        )


def _recoveries(draft: Draft) -> tuple[Recovery, ...]:
    return tuple(
        recovery(key, draft.pending.get(key) or 0, care_region=draft.region.care_region)
        for key in sorted(draft.pending.changed)
    )


def recovery(key: StatementKey, pending: int, *, care_region: str) -> Recovery:
    """Show what the next statement of a key recovers."""
    kind, party, scheme, category = key
    return Recovery(
        kind=kind,
        care_region=care_region,
        insured_region=None if kind == INSTITUTION else party,
        institution_id=party if kind == INSTITUTION else None,
        scheme=scheme,
        clearing_category=category,
        pending=pending,
    )


def _moves(draft: Draft, fact: StatementPaid) -> tuple[PrepaymentMove, ...]:
    statement = draft.statement(fact.statement_id)
    if statement.kind == INSTITUTION:
        return ()
    return tuple(
        PrepaymentMove(
            insured_region=region,
            scheme=scheme,
            year=year,
            used=move.used,
            paid=move.paid,
            deducted=move.deducted,
        )
        for (region, scheme, year), move in moves(draft, statement).items()
    )


def prepayment_row(
    key: AccountKey, account: Account, *, care_region: str, packs: Packs
) -> PrepaymentRow:
    """Show a prepayment account; it is warned of by the insured region's own ratio."""
    insured_region, scheme, year = key
    quota, used = account.quota, account.used
    ratio = warn_ratio(packs, key)
    return PrepaymentRow(
        care_region=care_region,
        insured_region=insured_region,
        scheme=scheme,
        year=year,
        quota=quota,
        used=used,
        paid=account.paid,
        deducted=account.deducted,
        used_ratio=_ratio_text(used, quota) if quota else None,
        warned=quota is not None
        and ratio is not None
        and used * WHOLE >= ratio * quota,
    )


def warn_ratio(packs: Packs, key: AccountKey) -> int | None:
    """Return the ratio in force at the end of the account's year."""
    insured_region, scheme, year = key
    pack = packs.find(insured_region, scheme)
    if pack is None or int(year) < date.min.year:
        return None
    return pack.on(date(int(year), 12, 31)).prepay_warn_ratio


def _ratio_text(used: int, quota: int) -> str:
    """Write a ratio that may be negative or above one, four decimals half up.

    >>> _ratio_text(-1, 3), _ratio_text(5, 2)
    ('-0.3333', '2.5000')
    """
    ratio = half_up(used * WHOLE, quota)
    sign, ratio = ("-", -ratio) if ratio < 0 else ("", ratio)
    return f"{sign}{ratio // WHOLE}.{ratio % WHOLE:04d}"
