"""Clearing in memory, for `jiesuan try`: no broker, no clock.

An entry is recorded at its request's time, in partition 0, after the genesis; a draw
has read exactly what stands before it.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import orjson

from jiesuan_domain.clearing.rules.case import PartitionReach
from jiesuan_domain.clearing.showing.settlements import settlement_rows
from jiesuan_domain.clearing.showing.views import VIEWS
from jiesuan_domain.clearing.state.entries import rows_of
from jiesuan_domain.clearing.state.region import Region
from jiesuan_domain.policy.model import Packs
from jiesuan_events.entries.entry import Entry
from jiesuan_events.words.instants import clearing_month
from jiesuan_events.words.topics import CLEARING
from jiesuan_ledger.facts import Fact
from jiesuan_ledger.log.record import Record
from jiesuan_services.clearing.clerk import ClearingClerk, Placed
from jiesuan_services.clearing.read import read_clearing_request
from jiesuan_services.clerk.answers import to_malformed
from jiesuan_services.intake.read import Malformed, Parsed

PARTITION = 0


class Keep(Protocol):
    """Called with every record that would be written to a ledger."""

    def __call__(self, topic: str, record: Record, *, time: str) -> None:
        """Take a record of a topic, written at a time."""
        ...


class MemoryClearing:
    """What a trial knows of the months; entries of the ledger are read when asked."""

    def __init__(self, packs: Packs, *, keep: Keep | None = None) -> None:
        self._packs = packs
        self._keep = keep
        self._clerk = ClearingClerk(packs, writer="try")
        self.entries: list[Entry] = []
        """What was entered about months, in order."""
        self._ledger: list[tuple[Fact, str]] = []
        self._heard = 0
        self._first_answers: dict[tuple[str, str, str], str] = {}

    @property
    def regions(self) -> dict[str, Region]:
        """What is known of the care regions."""
        return self._clerk.regions

    def note(self, fact: Fact, recorded_at: str) -> None:
        """Note an entry of the ledger: the first stands at offset 1."""
        self._ledger.append((fact, recorded_at))

    def answer(self, parsed: Parsed, number: int) -> str:
        """Answer one line about a month; ``number`` counts lines from 1."""
        asked = read_clearing_request(parsed.envelope, parsed.data, raw=parsed.raw)
        if isinstance(asked, Malformed):
            return to_malformed(asked, time=asked.time, line=number).line()
        self._hear()
        end = len(self._ledger)
        ruled = self._clerk.rule(
            asked, recorded_at=asked.time, reach=(PartitionReach(PARTITION, end, end),)
        )
        name = (asked.care_region, asked.source, asked.id)
        if ruled.answer is None:
            return self._first_answers[name]
        line = ruled.answer.line()
        if ruled.entries:
            self._first_answers[name] = line
            self._enter(ruled.entries, asked.time)
        return line

    def _enter(self, entries: Sequence[Placed], time: str) -> None:
        for placed in entries:
            self.entries.append(placed.entry)
            if self._keep is not None:
                self._keep(CLEARING, placed.record(), time=time)

    def _hear(self) -> None:
        """Take in what was entered since the last request about a month."""
        new = self._ledger[self._heard :]
        for offset, (fact, recorded_at) in enumerate(new, self._heard + 1):
            month = clearing_month(recorded_at)
            self._clerk.hear(
                rows_of(fact, partition=PARTITION, offset=offset, month=month)
            )
        self._heard = len(self._ledger)

    def views(self) -> Iterator[str]:
        """Render every read model of settlements and clearing, one line a row."""
        self._hear()
        for offset, (fact, recorded_at) in enumerate(self._ledger, 1):
            for row in settlement_rows(
                fact, partition=PARTITION, offset=offset, recorded_at=recorded_at
            ):
                yield _line("settlement", row)
        regions = list(self._clerk.regions.values())
        for name, view in VIEWS.items():
            for row in view(regions, self._packs):
                yield _line(name, row)


def _line(view: str, row: dict[str, Any]) -> str:
    return orjson.dumps({"view": view, **row}).decode()
