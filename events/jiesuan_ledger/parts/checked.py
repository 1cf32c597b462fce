"""What checks keep of facts and what they find: the law's, stored by the tables."""

from collections.abc import Container, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from jiesuan_ledger.facts import Fact


class Days(NamedTuple):
    """Days, both ends among them."""

    first: date
    last: date


class KeptFact(NamedTuple):
    """What is kept of a fact: of a bill its id, of a registration none."""

    settlement_id: str | None
    day: date | None
    """The service day: who asks for other days has no need of it. None: for all."""
    said: bytes
    asks: Days | None = None
    """Of a new bill: the days of those that it can be held against."""


class Finding(NamedTuple):
    """Something that should be looked at, or taken back: by which rule, and of what."""

    rule: str
    settlement_id: str | None
    other_settlement_id: str | None
    severity: str
    zh: str


class Checker(Protocol):
    """Looks over what is known of one person."""

    def keep(self, fact: Fact) -> KeptFact | None:
        """Return what must be known of a fact later on, or None."""
        ...

    def look_over(
        self, kept: Sequence[KeptFact], *, new: Container[str] | None = None
    ) -> list[Finding]:
        """Return what is found, given what was kept in the order of the ledger.

        Everything, or what ``new`` settlements alone raise.
        """
        ...


class NoChecks:
    """Keeps nothing and finds nothing."""

    def keep(self, fact: Fact) -> KeptFact | None:
        """Keep nothing."""
        return None

    def look_over(
        self, kept: Sequence[KeptFact], *, new: Container[str] | None = None
    ) -> list[Finding]:
        """Find nothing."""
        return []


NO_CHECKS = NoChecks()
