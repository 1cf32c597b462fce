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
            return
        for new in changed.settled.values():
            self.findings += self._new(new)

    def _new(self, new: NewBills) -> list[Finding]:
        first, last = new.days
        near = [one for one in self.kept if one.day is None or first <= one.day <= last]
        return self.checker.look_over(near, new=new.ids)
