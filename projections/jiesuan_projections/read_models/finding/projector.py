"""Findings: what a batch adds is held against what stands, person by person.

New settlements are looked at with the bills of their days; a registration, a claim or
an undoing may change anything of a person, who is then looked over as a whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.facts import (
    CompensatedByReversal,
    Fact,
    GapRefunded,
    Refunded,
    Settled,
)
from jiesuan_ledger.parts.checked import Asks, Checker, KeptFact
from jiesuan_projections.engine.model import Connection, ReadModel, Row
from jiesuan_projections.engine.reading.ledger import LedgerBatch
from jiesuan_projections.engine.tables.copy import append, array
from jiesuan_projections.engine.tables.sql import query

FACT_COLUMNS: Final = ("psn_no", "setl_id", "near_day", "said", "partition", "offset")
COLUMNS: Final = ("psn_no", "rule", "setl_id", "other_setl_id", "severity", "zh")


@dataclass(slots=True)
class NewBills:
    """New settlements of a person, and what they are held against."""

    bills: list[KeptFact]
    asks: Asks

    def add(self, bill: KeptFact, asks: Asks) -> None:
        """Take one more."""
        self.bills.append(bill)
        self.asks = self.asks.together(asks)

    @property
    def ids(self) -> set[str]:
        """The ids of the settlements."""
        return {bill.settlement_id or "" for bill in self.bills}


@dataclass(slots=True)
class Changed:
    """What a batch changes of what the checks look at."""

    facts: list[Row] = field(default_factory=list)
    undone: dict[str, str] = field(default_factory=dict)
    """Settlements that were taken back, and whose."""
    replaced: dict[str, str] = field(default_factory=dict)
    of: dict[str, str] = field(default_factory=dict)
    """Whose the replaced ones are."""
    whole: set[str] = field(default_factory=set)
    """Persons who are looked over as a whole."""
    settled: dict[str, NewBills] = field(default_factory=dict)
    """New settlements, by person."""


def changes(batch: LedgerBatch, checker: Checker) -> Changed:
    """Sort out what a batch changes; an undoing in it meets what it added as well."""
    changed = Changed()
    for entry in batch.entries:
        fact = entry.fact
        if type(fact) is not Settled:
            # Nearly all facts settle, which is known without asking what they undo.
            _undo(fact, changed)
        kept = checker.keep(fact)
        if kept is None:
            continue
        person, (id_, day, said, asks, _) = entry.person_id, kept
        changed.facts.append((person, id_, day, said, entry.partition, entry.offset))
        if asks is None:
            changed.whole.add(person)
        elif (new := changed.settled.get(person)) is None:
            changed.settled[person] = NewBills([kept], asks)
        else:
            new.add(kept, asks)
    return changed


def _undo(fact: Fact, changed: Changed) -> None:
    if isinstance(fact, (Refunded, CompensatedByReversal)):
        changed.undone[fact.original_settlement_id or ""] = fact.person_id
        changed.whole.add(fact.person_id)
    elif isinstance(fact, GapRefunded):
        changed.undone[fact.target_settlement_id] = fact.person_id
        changed.whole.add(fact.person_id)
        for block in fact.resettled:
            old, new = block.replaces_settlement_id or "", block.settlement_id
            changed.replaced[old] = new
            changed.of[old] = fact.person_id


async def apply(connection: Connection, batch: LedgerBatch) -> None:
    """Keep what the batch says, and look over the persons it is about."""
    checker = batch.checker
    changed = changes(batch, checker)
    if not (changed.facts or changed.undone):
        return
    fresh = {
        person: new
        for person, new in changed.settled.items()
        if person not in changed.whole
    }
    await _look_at(connection, fresh, checker=checker)
    await append(connection, "checked_fact", columns=FACT_COLUMNS, rows=changed.facts)
    await _take_back(connection, changed)
    await _look_over(connection, sorted(changed.whole), checker=checker)


async def _take_back(connection: Connection, changed: Changed) -> None:
    """Follow undoings in their order: what replaced a bill may be taken back, too."""
    if changed.replaced:
        final = {old: final_id(old, changed.replaced) for old in changed.replaced}
        await connection.execute(
            query("finding", "replace"),
            [changed.of[old] for old in final],
            list(final),
            list(final.values()),
        )
    if changed.undone:
        gone = {
            final_id(one, changed.replaced): of for one, of in changed.undone.items()
        }
        await connection.execute(
            query("finding", "undo"), list(gone.values()), list(gone)
        )


def final_id(settlement_id: str, replaced: dict[str, str]) -> str:
    """Return the id under which a bill stands at the end of the batch."""
    while settlement_id in replaced:
        settlement_id = replaced[settlement_id]
    return settlement_id


async def _look_over(
    connection: Connection, persons: Sequence[str], *, checker: Checker
) -> None:
    if not persons:
        return
    rows = await connection.fetch(query("finding", "all_of"), persons)
    await connection.execute(query("finding", "forget"), persons)
    found = [
        (person, *one)
        for person, kept in by_person(rows).items()
        for one in checker.look_over(kept)
    ]
    await append(connection, "finding", columns=COLUMNS, rows=found)


async def _look_at(
    connection: Connection,
    fresh: dict[str, NewBills],
    *,
    checker: Checker,
) -> None:
    """Hold new bills against those before them: all else was found before."""
    if not fresh:
        return
    before = await _before(connection, fresh)
    found = [
        (person, *one)
        for person, new in fresh.items()
        for one in checker.look_over([*before.get(person, ()), *new.bills], new=new.ids)
    ]
    await append(connection, "finding", columns=COLUMNS, rows=found)


async def _before(
    connection: Connection, fresh: dict[str, NewBills]
) -> dict[str, list[KeptFact]]:
    """Return what new bills ask for, as it stood before this batch."""
    asked = [(person, new.asks) for person, new in fresh.items()]
    registered = [person for person, asks in asked if asks.registered]
    rows: list[Any] = []
    if registered:
        rows += await connection.fetch(query("finding", "registered"), registered)
    rows += await connection.fetch(
        query("finding", "near"),
        array([person for person, _ in asked]),
        array([asks.first for _, asks in asked]),
        array([asks.last for _, asks in asked]),
    )
    return by_person(rows)


def by_person(rows: Iterable[Iterable[Any]]) -> dict[str, list[KeptFact]]:
    """Gather what was kept, person by person, each in the order of the ledger."""
    kept: dict[str, list[KeptFact]] = {}
    for person, id_, day, said in rows:
        kept.setdefault(person, []).append(KeptFact(id_, day, said))
    return kept


MODEL: Final = ReadModel("finding", LEDGER, ("finding", "checked_fact"), apply)
