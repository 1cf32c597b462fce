"""What checks keep of facts and what they find: the law's, stored by the tables."""

from collections.abc import Container, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from jiesuan_ledger.facts import Fact


class Asks(NamedTuple):
    """What a new bill can be held against, besides all claims.

    Bills of these days, both ends among them, and what is registered if it matters.
    """

    first: date
    last: date
    registered: bool

    def together(self, other: "Asks") -> "Asks":
        """Return what two bills ask for."""
        first, last = min(self.first, other.first), max(self.last, other.last)
        return Asks(first, last, self.registered or other.registered)


class KeptFact(NamedTuple):
    """What is kept of a fact: of a bill its id, of a registration none."""

    settlement_id: str | None
    day: date | None
    """The service day: who asks for other days has no need of it. None: for all."""
    said: bytes
    asks: Asks | None = None
    """Of a new bill alone."""
    read: Any = None
    """Of a new bill: as its checker reads ``said``."""


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
