"""Accumulators: each fact carries its person's year after it, so the last one wins."""

from operator import attrgetter
from typing import Final

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.facts import (
    BlockFact,
    GapRefunded,
    InpatientReported,
)
from jiesuan_projections.engine.model import Connection, ReadModel, Row
from jiesuan_projections.engine.reading.ledger import LedgerBatch, PlacedEntry
from jiesuan_projections.engine.tables.copy import merge

_totals: Final = attrgetter(
    "ordinary_in_scope",
    "total_in_scope",
    "deductible_sum",
    "over_cap_sum",
    "pool_pay_sum",
    "large_sum_pay_sum",
    "person_burden_sum",
    "settlement_count",
)
Counting = BlockFact | GapRefunded | InpatientReported
Key = tuple[str, str, str]


def _last_settlement(fact: Counting) -> str | None:
    """Name the last settlement or mirror of a fact; a report names none."""
    if isinstance(fact, BlockFact):
        return fact.settlement_id
    if isinstance(fact, GapRefunded):
        last = (fact.reversed + fact.resettled)[-1:]
        return last[0].settlement_id if last else None
    return None


def _row(entry: PlacedEntry, fact: Counting, *, before: Row | None) -> Row:
    last_id = _last_settlement(fact)
    if last_id is None and before is not None:
        last_id = before[-3]
    return (
        entry.person_id,
        fact.scheme,
        fact.year,
        *_totals(fact.totals),
        last_id,
        entry.partition,
        entry.offset,
    )


def rows(batch: LedgerBatch) -> list[Row]:
    """Give the last state of every person's year that a batch changes."""
    latest: dict[Key, Row] = {}
    for entry in batch.entries:
        fact = entry.fact
        if isinstance(fact, Counting):
            key = (entry.person_id, fact.scheme, fact.year)
            latest[key] = _row(entry, fact, before=latest.get(key))
    return list(latest.values())


async def apply(connection: Connection, batch: LedgerBatch) -> None:
    """Merge the last states of a batch."""
    await merge(connection, "person_year", rows=rows(batch))


MODEL: Final = ReadModel("person_year", LEDGER, ("person_year",), apply)
