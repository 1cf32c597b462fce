"""What facts of the months say of statements, one fact after the other.

As the read model tells it (`read_models/clearing`), without its tables: whole rows as
facts give them, carried rows by draws.
"""

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from jiesuan_ledger.clearing.facts import (
    Audited,
    ChangedRows,
    ClearingFact,
    ClearingPart,
    Deduction,
    Drawn,
    Fined,
    StatementLine,
    StatementRejected,
    StatementRow,
)

LineKey = tuple[str, str]
"""A statement's id, and a row's."""
CARRIED_ON = "0"


class MonthDrawn(Struct, frozen=True):
    """A draw: its month, and the last offset read of each partition."""

    month: str
    read: dict[int, int]


class Deducted(Struct, frozen=True):
    """A deduction of an audit, and whether it still counts."""

    deduction: Deduction
    in_force: bool = True


class PastMonths:
    """Statements, lines, deductions, fines and draws, as far as the facts went."""

    def __init__(self, facts: Iterable[ClearingFact]) -> None:
        self.statements: dict[str, StatementRow] = {}
        self.lines: dict[LineKey, StatementLine] = {}
        self.deductions: defaultdict[str, list[Deducted]] = defaultdict(list)
        self.fines: dict[str, Fined] = {}
        """The latest list of fines of each statement that ever had any."""
        self.draws: defaultdict[str, list[MonthDrawn]] = defaultdict(list)
        self._parts: defaultdict[str, list[ClearingPart]] = defaultdict(list)
        for fact in facts:
            self._take(fact)

    def carried_into(self, statement_id: str) -> list[str]:
        """Return the rows that came from earlier statements, in no order."""
        return [
            row_id
            for (of, row_id), line in self.lines.items()
            if of == statement_id and line.carried_from is not None
        ]

    def _take(self, fact: ClearingFact) -> None:
        parts = self._parts[fact.care_region]
        if isinstance(fact, ClearingPart):
            parts.append(fact)
            return
        if isinstance(fact, Drawn):
            self._draw(fact)
        if isinstance(fact, ChangedRows):
            # Of a request whose process died between, parts come twice.
            for rows in (*parts[len(parts) - fact.parts :], fact):
                self.statements |= {one.statement_id: one for one in rows.statements}
                self.lines |= {
                    (one.statement_id, one.settlement_id): one
                    for one in rows.statement_lines
                }
        parts.clear()
        if isinstance(fact, Audited):
            self.deductions[fact.statement_id] += map(Deducted, fact.deductions)
        if isinstance(fact, Fined):
            self.fines[fact.statement_id] = fact
        if isinstance(fact, StatementRejected):
            own = self.deductions[fact.statement_id]
            own[:] = [Deducted(one.deduction, in_force=False) for one in own]

    def _draw(self, fact: Drawn) -> None:
        """Carry into the month's statements what waits, and note how far was read."""
        month = fact.clearing_month
        for (id_, row_id), line in list(self.lines.items()):
            kind, _, region, *party = id_.split(":")
            waits = line.confirmed == CARRIED_ON and line.carried_to is None
            if not waits or region != fact.care_region:
                continue
            into = ":".join((kind, month, region, *party))
            self.lines[id_, row_id] = replace(line, carried_to=into)
            self.lines[into, row_id] = StatementLine(
                statement_id=into, settlement_id=row_id, deducted=0, carried_from=id_
            )
        read = {one.partition: one.offset for one in fact.read_to}
        self.draws[fact.care_region].append(MonthDrawn(month, read))
