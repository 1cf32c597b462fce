"""Accumulators: each fact carries its person's year after it, so the last one wins."""

from operator import attrgetter
from typing import Final

from jiesuan_projections.engine.model import LEDGER, Connection, ReadModel, Row
from jiesuan_projections.engine.reading.facts import (
    CausedBlock,
    GapRefunded,
    InpatientReported,
)
from jiesuan_projections.engine.reading.ledger import LedgerBatch, Told
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
Counting = CausedBlock | GapRefunded | InpatientReported
Key = tuple[str, str, str]


def _last_settlement(fact: Counting) -> str | None:
    """Name the last settlement or mirror of a fact; a report names none."""
    if isinstance(fact, CausedBlock):
        return fact.settlement_id
    if isinstance(fact, GapRefunded):
        last = (fact.reversed + fact.resettled)[-1:]
        return last[0].settlement_id if last else None
    return None


def _row(told: Told, fact: Counting, *, before: Row | None) -> Row:
    last_id = _last_settlement(fact)
    if last_id is None and before is not None:
        last_id = before[-3]
    return (
        told.person_id,
        fact.scheme,
        fact.year,
        *_totals(fact.totals),
        last_id,
        told.partition,
        told.offset,
    )


def rows(batch: LedgerBatch) -> list[Row]:
    """Give the last state of every person's year that a batch changes."""
    latest: dict[Key, Row] = {}
    for told in batch.told:
        fact = told.fact
        if isinstance(fact, Counting):
            key = (told.person_id, fact.scheme, fact.year)
            latest[key] = _row(told, fact, before=latest.get(key))
    return list(latest.values())


async def apply(connection: Connection, batch: LedgerBatch) -> None:
    """Merge the last states of a batch."""
    await merge(connection, "person_year", rows=rows(batch))


MODEL: Final = ReadModel("person_year", LEDGER, ("person_year",), apply)
