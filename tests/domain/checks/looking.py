"""A ledger in memory, looked over: requests go in, findings come out."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.domain import asking
from tests.domain.asking import Message
from tests.domain.checks.table import Table
from tests.domain.overlays import write_overlay
from tests.events.conftest import entries_of

from jiesuan_domain.policy.model import Packs
from jiesuan_events.entries.entry import Entry
from jiesuan_ledger.facts import Fact, read_fact
from jiesuan_ledger.parts.checked import Finding
from jiesuan_services.runtime.packs import load_packs
from jiesuan_services.supervisor.checking import LawChecker

CHECKS = "000000-checks"


def packs_with(folder: Path | None, **parameters: Any) -> Packs:
    """Load the shipped packs, with these parameters of the checks laid over them."""
    if not parameters or folder is None:
        return load_packs()
    write_overlay(folder, parameters, pack=CHECKS)
    return load_packs(folder)


def facts_of(messages: Iterable[Message], packs: Packs) -> list[Fact]:
    """Decide requests in memory and return the facts that were entered."""
    return [read_fact(one.type, one.value) for one in decided(messages, packs)]


def decided(messages: Iterable[Message], packs: Packs) -> list[Entry]:
    """Decide requests in memory and return what was entered."""
    asked = (*asking.institutions(), *messages)
    return entries_of([asking.text(message) for message in asked], packs)


def found_in(facts: Iterable[Fact], packs: Packs) -> list[Finding]:
    """Look over a whole ledger at once."""
    table = Table(LawChecker(packs))
    table.take(list(facts))
    return table.findings


def sender_ids(facts: Iterable[Fact]) -> dict[str, str]:
    """Return the senders' id of each settlement."""
    names: dict[str, str] = {}
    for fact in facts:
        for block in (fact, *getattr(fact, "resettled", ())):
            id_ = getattr(block, "settlement_id", None)
            if id_ is not None:
                names[id_] = getattr(block, "sender_settlement_id", "")
    return names


def look(
    *messages: Message, folder: Path | None = None, **parameters: Any
) -> list[tuple[str, str | None, str | None]]:
    """Return what is found: the rule and the settlements, by their senders' ids."""
    packs = packs_with(folder, **parameters)
    facts = facts_of(messages, packs)
    names = sender_ids(facts)
    return [
        (
            one.rule,
            None if one.settlement_id is None else names[one.settlement_id],
            None if one.other_settlement_id is None else names[one.other_settlement_id],
        )
        for one in found_in(facts, packs)
    ]
