"""Where persons are at home: for inpatient reports that name no region."""

from collections.abc import Iterable
from typing import Any

from jiesuan_ledger.accumulators.pools import Homes
from jiesuan_ledger.facts import Enrolled, InpatientReported
from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.reading.ledger import PlacedEntry


async def homes_before(
    connection: Connection, entries: Iterable[PlacedEntry], *, statement: str
) -> Homes:
    """Return the homes that a run of entries asks for, as they were before it.

    The statement gives the latest enrolment of each person and scheme: ``psn_no``,
    ``insutype``, ``insuplc_admdvs``, ``begndate``. Mostly nobody asks.
    """
    homes = Homes()
    persons = sorted({one.person_id for one in entries if asks_for_home(one.fact)})
    if not persons:
        return homes
    for row in await connection.fetch(statement, persons):
        homes.learn(
            row["psn_no"],
            row["insutype"],
            begin=row["begndate"],
            region=row["insuplc_admdvs"],
        )
    return homes


def asks_for_home(fact: Any) -> bool:
    """Whether a fact counts where the person is at home."""
    return isinstance(fact, InpatientReported) and fact.insured_region is None


def follow(homes: Homes, entry: PlacedEntry) -> None:
    """Take note of an entry, in ledger order."""
    if isinstance(entry.fact, Enrolled):
        homes.take(entry.fact)
