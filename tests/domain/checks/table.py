"""What the read model does with its tables, with lists in their place."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from jiesuan_ledger.facts import Fact
from jiesuan_ledger.parts.checked import Checker, Finding, KeptFact
from jiesuan_projections.engine.reading.ledger import LedgerBatch, PlacedEntry
from jiesuan_projections.read_models.finding.projector import (
    NewBills,
    changes,
    final_id,
)

WHEN = datetime(2022, 3, 1, tzinfo=UTC)


@dataclass
class Table:
    """One person's findings and kept facts."""

    checker: Checker
    findings: list[Finding] = field(default_factory=list)
    kept: list[KeptFact] = field(default_factory=list)
    offset: int = 0

    def take(self, facts: list[Fact]) -> None:
        """Take a batch of facts of one person."""
        entries = [
            PlacedEntry(0, self.offset + at, fact.person_id, WHEN, "202203", fact)
            for at, fact in enumerate(facts)
        ]
        self.offset += len(facts)
        changed = changes(LedgerBatch(entries, checker=self.checker), self.checker)
        fresh = [
            new for who, new in changed.settled.items() if who not in changed.whole
        ]
        for new in fresh:
            self.findings += self._new(new)
        self.kept += [KeptFact(*row[1:4]) for row in changed.facts]

        def now(one: KeptFact) -> KeptFact:
            id_ = one.settlement_id
            name = None if id_ is None else final_id(id_, changed.replaced)
            return one._replace(settlement_id=name)

        renamed = list(map(now, self.kept))
        gone = {final_id(one, changed.replaced) for one in changed.undone}
        self.kept = [one for one in renamed if one.settlement_id not in gone]
        if changed.whole:
            self.findings = self.checker.look_over(self.kept)

    def _new(self, new: NewBills) -> list[Finding]:
        first, last, registered = new.asks
        said = [one for one in self.kept if one.settlement_id is None and registered]
        near = [
            one
            for one in self.kept
            if one.settlement_id and (one.day is None or first <= one.day <= last)
        ]
        return self.checker.look_over([*said, *near, *new.bills], new=new.ids)
