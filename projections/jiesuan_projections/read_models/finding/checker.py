"""Who looks bills over: the law does, and read models know no law, so it is handed in.

What a checker keeps of facts is its own to read: here it is stored and given back.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple, Protocol

from jiesuan_ledger.facts import Fact


class KeptForChecks(NamedTuple):
    """What is kept of a fact: of a bill its id and service day, of others neither."""

    setl_id: str | None
    day: date | None
    said: bytes


class Found(NamedTuple):
    """What is found of a settlement, or of it and another."""

    rule: str
    setl_id: str | None
    other_setl_id: str | None
    severity: str
    zh: str


class Checker(Protocol):
    """Looks over what is known of one person."""

    @property
    def reach(self) -> timedelta:
        """How far apart two bills may lie to be held against each other."""
        ...

    def keep(self, fact: Fact) -> KeptForChecks | None:
        """Return what must be known of a fact later on, or None."""
        ...

    def look_over(self, kept: Sequence[KeptForChecks]) -> list[Found]:
        """Return everything found, given what was kept in the order of the ledger."""
        ...


class NoChecks:
    """Keeps nothing and finds nothing."""

    reach: timedelta = timedelta(0)

    def keep(self, fact: Fact) -> KeptForChecks | None:
        """Keep nothing."""
        return None

    def look_over(self, kept: Sequence[KeptForChecks]) -> list[Found]:
        """Find nothing."""
        return []


NO_CHECKS: Final = NoChecks()
