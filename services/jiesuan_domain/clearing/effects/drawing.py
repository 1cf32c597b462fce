"""Drawing (清分): the rows of a month become statements of both kinds."""

from collections import defaultdict
from collections.abc import Mapping
from operator import attrgetter
from typing import Final

from msgspec.structs import replace

from jiesuan_domain.clearing.deadlines import Calendar
from jiesuan_domain.clearing.state.region import Draft, Region
from jiesuan_domain.clearing.state.row import (
    INSTITUTION,
    REGION,
    Row,
    StatementKey,
    statement_id,
)
from jiesuan_domain.clearing.state.statement import Statement, summed
from jiesuan_ledger.clearing.facts import Drawn

NOT_READ: Final = -1
"""The last offset read of a partition that is not named."""
_Party = tuple[str, str, str]
_place: Final = attrgetter("place")


def rows_to_draw(region: Region, month: str, *, read: Mapping[int, int]) -> list[Row]:
    """List, in ledger order, the waiting rows that a draw of a month takes.

    Those recorded up to the end of the month, as far as each partition was read.
    """
    of_partition: defaultdict[int, list[Row]] = defaultdict(list)
    for row in region.waiting.values():
        if row.month <= month:
            of_partition[row.place[0]].append(row)
    rows: list[Row] = []
    for partition in sorted(of_partition):
        last = read.get(partition, NOT_READ)
        found = [row for row in of_partition[partition] if row.place[1] <= last]
        # Rows come in the order of their partition: only carried ones stand apart.
        found.sort(key=_place)
        rows += found
    return rows


def draw(draft: Draft, fact: Drawn, *, calendar: Calendar) -> None:
    """Make the statements of a month out of the rows that wait."""
    month = fact.clearing_month
    read = {one.partition: one.offset for one in fact.read_to}
    rows = rows_to_draw(draft.region, month, read=read)
    touched = draft.deducted_rows()
    for key, members in _by_key(rows).items():
        made = _statement(fact, key, rows=members, calendar=calendar)
        recovered = draft.pending.get(key) or 0
        booked = [row for row in members if row.settlement_id in touched]
        deducted = sum(draft.booked(row, key[0]) for row in booked)
        # A draw lists no rows: those that bring a deduction along are kept apart.
        draft.lines.update(((row.settlement_id, month), None) for row in booked)
        draft.statements[made.id] = replace(
            made, deducted=deducted, recovered=recovered
        )
        draft.members[made.id] = tuple(members)
        if recovered:
            draft.pending.drop(key)
    _place_rows(draft, rows, month=month)
    draft.head = replace(draft.head, drawn=month)


def _by_key(rows: list[Row]) -> dict[StatementKey, list[Row]]:
    """Sort rows into the statements of both kinds, each in ledger order."""
    of_institution: defaultdict[_Party, list[Row]] = defaultdict(list)
    of_region: defaultdict[_Party, list[Row]] = defaultdict(list)
    for row in rows:
        of_institution[row.institution_id, row.scheme, row.category].append(row)
        if row.insured_region != row.care_region:
            of_region[row.insured_region, row.scheme, row.category].append(row)
    return {
        (kind, *party): members
        for kind, of_kind in ((INSTITUTION, of_institution), (REGION, of_region))
        for party, members in of_kind.items()
    }


def _place_rows(draft: Draft, rows: list[Row], *, month: str) -> None:
    """Note where each row stands now: all at once, but for those drawn before."""
    ids = [row.settlement_id for row in rows]
    draft.waiting.changed.update(dict.fromkeys(ids))
    placed = draft.region.placed
    before = {id_: placed[id_] for id_ in ids if id_ in placed}
    draft.placed.changed.update(dict.fromkeys(ids, (month,)))
    for id_, months in before.items():
        draft.placed[id_] = (*months, month)


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
