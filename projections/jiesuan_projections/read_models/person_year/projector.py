"""Accumulators: what each fact adds to the year of its pool."""

from dataclasses import dataclass
from typing import Final

from msgspec.structs import astuple

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.accumulators.pools import (
    Counting,
    Homes,
    add_up,
    blocks_of,
    pool_year,
)
from jiesuan_ledger.facts import Enrolled, Settled
from jiesuan_ledger.parts.block import Totals
from jiesuan_projections.engine.model import Connection, ReadModel, Row
from jiesuan_projections.engine.reading.homes import follow, homes_before
from jiesuan_projections.engine.reading.ledger import LedgerBatch, PlacedEntry
from jiesuan_projections.engine.tables.copy import merge
from jiesuan_projections.engine.tables.sql import query

Key = tuple[str, str, str, str]
"""Person, region of enrolment, scheme, year."""


@dataclass(slots=True)
class Added:
    """What a batch adds to one year, and the last of its entries."""

    totals: Totals
    last_id: str | None
    partition: int
    offset: int


def _add(added: dict[Key, Added], entry: PlacedEntry, *, home: str) -> None:
    fact = entry.fact
    assert isinstance(fact, Counting)
    key = (entry.person_id, *pool_year(fact, home=home))
    one = added.get(key) or added.setdefault(key, Added(Totals(), None, 0, 0))
    one.totals = add_up(one.totals, fact)
    blocks = blocks_of(fact)
    # A report made elsewhere names no settlement of ours: the one before stays named.
    one.last_id = blocks[-1].settlement_id if blocks else one.last_id
    one.partition, one.offset = entry.partition, entry.offset


def rows(batch: LedgerBatch, homes: Homes | None = None) -> list[Row]:
    """Return what a batch adds to every year that it changes.

    ``homes`` are those of before the batch; of a whole life there are none.
    """
    homes = Homes() if homes is None else homes
    added: dict[Key, Added] = {}
    for entry in batch.entries:
        fact = entry.fact
        if type(fact) is Settled:
            # It names its region: who is at home where does not matter.
            _add(added, entry, home="")
            continue
        follow(homes, entry)
        if isinstance(fact, Counting):
            _add(added, entry, home=homes.of(entry.person_id, fact.scheme))
    return [
        (*key, *astuple(one.totals), one.last_id, one.partition, one.offset)
        for key, one in added.items()
    ]


def home_rows(batch: LedgerBatch) -> list[Row]:
    """Return the latest enrolment of each person and scheme that a batch enrols."""
    latest: dict[tuple[str, str], Enrolled] = {}
    for entry in batch.others:
        fact = entry.fact
        if isinstance(fact, Enrolled):
            key = (entry.person_id, fact.scheme)
            known = latest.get(key)
            if known is None or fact.begin_date >= known.begin_date:
                latest[key] = fact
    return [
        (person, scheme, fact.insured_region, fact.begin_date)
        for (person, scheme), fact in latest.items()
    ]


async def apply(connection: Connection, batch: LedgerBatch) -> None:
    """Add what a batch moves, and remember where it enrols whom."""
    statement = query("person_year", "homes")
    homes = await homes_before(connection, batch.others, statement=statement)
    await merge(connection, "person_year", rows=rows(batch, homes))
    await merge(connection, "person_year", rows=home_rows(batch), name="enrol")


MODEL: Final = ReadModel("person_year", LEDGER, ("person_year", "person_home"), apply)
