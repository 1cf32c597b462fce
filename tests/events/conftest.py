"""Everything that the worked cases make the ledger say, as real bytes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jiesuan_domain.in_force import InForce
from jiesuan_domain.policy.model import Packs
from jiesuan_events.entries.entry import Entry
from jiesuan_events.requests import ReferenceMessage
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.handled import NewEntry
from jiesuan_services.clerk.trial import MemoryPersons, Trial
from jiesuan_services.intake.read import Malformed, read_line
from jiesuan_services.runtime.packs import load_packs

CASES = Path(__file__).parent.parent / "acceptance" / "cases"
MORE = Path(__file__).parent / "every_type.jsonl"


@dataclass(slots=True)
class Heard:
    """What was asked, what was entered and what was answered."""

    asked: list[str]
    answers: list[str]
    entries: list[Entry] = field(default_factory=list)


def entries_of(lines: list[str], packs: Packs) -> list[Entry]:
    """Decide lines in memory and keep what was entered."""
    clerk = Clerk(
        in_force=InForce(packs, {}), persons=MemoryPersons(), partitions=1, writer="try"
    )
    entries: list[Entry] = []
    for line in lines:
        asked = read_line(line)
        if isinstance(asked, Malformed):
            continue
        if isinstance(asked.command, ReferenceMessage):
            clerk.register(asked, recorded_at=asked.time)
            continue
        ruled = clerk.rule(asked, recorded_at=asked.time)
        if isinstance(ruled, NewEntry):
            entries.append(ruled.entry)
    return entries


@pytest.fixture(scope="session")
def heard() -> Heard:
    """Every worked case, and one request of every type."""
    whole, packs = Heard([], []), load_packs()
    worked = [path for path in sorted(CASES.glob("*.jsonl")) if "." not in path.stem]
    for path in (*worked, MORE):
        lines = path.read_text("utf-8").splitlines()
        whole.asked += lines
        whole.answers += Trial(packs).answers(lines)
        whole.entries += entries_of(lines, packs)
    return whole


@pytest.fixture(scope="session")
def entered() -> Callable[[list[str]], list[Entry]]:
    """Decide lines in memory and keep what was entered."""
    packs = load_packs()
    return lambda lines: entries_of(lines, packs)
