"""Drawing (清分): the rows of a month become statements of both kinds."""

from collections import defaultdict

from msgspec.structs import replace

from jiesuan_domain.clearing.deadlines import Calendar
from jiesuan_domain.clearing.state.region import Draft
from jiesuan_domain.clearing.state.row import Row, StatementKey, statement_id
from jiesuan_domain.clearing.state.statement import Statement, summed
from jiesuan_ledger.clearing import Drawn


def rows_to_draw(draft: Draft, month: str, *, read: dict[int, int]) -> list[Row]:
    """List, in ledger order, the waiting rows that a draw of a month takes.

    Those recorded up to the end of the month, as far as each partition was read.
    """
    rows = [
        row
        for row in draft.region.waiting.values()
        if row.month <= month and row.place[1] <= read.get(row.place[0], -1)
    ]
    rows.sort(key=lambda row: row.place)
    return rows


def draw(draft: Draft, fact: Drawn, *, calendar: Calendar) -> None:
    """Make the statements of a month out of the rows that wait."""
    month = fact.clearing_month
    read = {one.partition: one.offset for one in fact.read_to}
    rows = rows_to_draw(draft, month, read=read)
    of_key: defaultdict[StatementKey, list[Row]] = defaultdict(list)
    for row in rows:
        for kind in row.kinds:
            of_key[row.key(kind)].append(row)
    touched = draft.deducted_rows()
    for key, members in of_key.items():
        made = _statement(fact, key, rows=members, calendar=calendar)
        recovered = draft.pending.get(key) or 0
        deducted = sum(
            draft.booked(row, key[0]) for row in members if row.settlement_id in touched
        )
        draft.statements[made.id] = replace(
            made, deducted=deducted, recovered=recovered
        )
        draft.members[made.id] = tuple(members)
        if recovered:
            draft.pending.drop(key)
    first: dict[tuple[str, ...], tuple[str, ...]] = {}
    for row in rows:
        months = (*(draft.placed.get(row.settlement_id) or ()), month)
        # Most rows were drawn into the same months: they share one tuple.
        draft.placed[row.settlement_id] = first.setdefault(months, months)
        draft.waiting.drop(row.settlement_id)
    draft.head = replace(draft.head, drawn=month)


def _statement(
    fact: Drawn, key: StatementKey, *, rows: list[Row], calendar: Calendar
) -> Statement:
    month = fact.clearing_month
    sums = summed(rows, month)
    oldest = calendar.of(sums.oldest)
    return Statement(
        id=statement_id(key, month, care_region=fact.care_region),
        month=month,
        care_region=fact.care_region,
        key=key,
        sums=sums,
        declare_by=calendar.of(month).declare_by,
        latest_on=oldest.latest_on,
        hard_stop=oldest.hard_stop,
        drawn_on=fact.counted_on,
        named_at=fact.request_time,
    )
