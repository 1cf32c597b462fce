"""What changed between two points: which entries, and what moved by how much."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jiesuan_ledger.facts import Fact, GapRefunded
from jiesuan_ledger.parts.block import Block
from jiesuan_ledger.reader import accepted
from jiesuan_projections.engine.reading.ledger import LedgerBatch
from jiesuan_projections.read_models.person_year import projector as person_year
from jiesuan_services.audit.history.ledger import PastLedger
from jiesuan_services.audit.history.person import checked, entries_of
from jiesuan_services.audit.history.rows import as_stored
from jiesuan_services.audit.history.totals import (
    CUM,
    NOTHING,
    Amounts,
    YearKey,
    plus,
    totals_at,
)
from jiesuan_services.audit.index.store import IndexedRecord
from jiesuan_services.audit.points import AsOf, check_order, said

Points = tuple[AsOf, AsOf]
Sums = dict[YearKey, Amounts]
"""Accumulators by scheme and year, summed over pools."""


async def person_difference(
    past: PastLedger, points: Points, *, psn_no: str
) -> dict[str, Any]:
    """Return what changed of a person between two points."""
    first, second = points
    check_order(first, second)
    entries = entries_of(past, second, psn_no=psn_no)
    known = entries_of(past, first, psn_no=psn_no)
    before, after = [sums_of(await checked(past, some)) for some in (known, entries)]
    rows = [entry_row(one) for one in entries[len(known) :]]
    return _difference(points, rows, moved=moved(before, after))


async def total_difference(past: PastLedger, points: Points) -> dict[str, Any]:
    """Return what changed of the whole ledger between two points."""
    first, second = points
    check_order(first, second)
    rows = [
        entry_row(record)
        for partition in sorted(second)
        async for record in past.records(
            partition, first=first[partition] + 1, last=second[partition]
        )
    ]
    before, after = await totals_at(past, points)
    return _difference(points, rows, moved=moved(before.years, after.years))


def sums_of(batch: LedgerBatch) -> Sums:
    """Return the accumulators that a person's entries come to."""
    sums: Sums = {}
    rows = person_year.rows(batch)
    for row in as_stored("person_year", "person_year", rows=rows):
        key = (row["insutype"], row["year"])
        amounts = tuple(row[name] for name in CUM)
        sums[key] = plus(sums.get(key, NOTHING), amounts)
    return sums


def entry_row(record: IndexedRecord) -> dict[str, Any]:
    """Return an entry as a difference names it, with both of its times."""
    one = accepted(record)
    return {
        "partition": record.partition,
        "offset": record.offset,
        "psn_no": one.person_id,
        "type": one.entry.type,
        "setl_id": settlement_of(one.fact),
        "happened_at": one.fact.request_time,
        "recorded_at": one.entry.recorded_at,
    }


def settlement_of(fact: Fact) -> str | None:
    """Return the settlement that a fact is about, None where there is none."""
    if isinstance(fact, GapRefunded):
        return fact.target_settlement_id
    return fact.settlement_id if isinstance(fact, Block) else None


def moved(before: Mapping[YearKey, Amounts], after: Sums) -> Iterator[dict[str, Any]]:
    """Return what moved, by scheme, year and name; what stayed is left out."""
    for key in sorted(after):
        pairs = zip(CUM, before.get(key, NOTHING), after[key], strict=True)
        for name, was, is_ in sorted(pairs):
            if was != is_:
                scheme, year = key
                yield {
                    "insutype": scheme,
                    "year": year,
                    "name": name,
                    "from": was,
                    "to": is_,
                    "difference": is_ - was,
                }


def _difference(
    points: Points, entries: list[dict[str, Any]], *, moved: Iterable[dict[str, Any]]
) -> dict[str, Any]:
    first, second = points
    return {
        "from": said(first),
        "to": said(second),
        "entries": entries,
        "moved": list(moved),
    }
