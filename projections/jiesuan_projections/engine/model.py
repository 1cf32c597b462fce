"""What a read model is: tables, and how a batch of a log changes them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import asyncpg

from jiesuan_events.entries.entry import Headers

SCHEMA: Final = "jiesuan"
if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection
Row = tuple[Any, ...]


class LogRecord(Protocol):
    """A record as it lies in a log."""

    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


@dataclass(frozen=True, slots=True)
class ReadModel:
    """One read model: the log it follows, its tables, and how a batch changes them.

    `apply` runs inside the transaction that moves the checkpoint. Its batch is a
    `LedgerBatch` for models of the ledger, else the records themselves.
    """

    name: str
    topic: str
    tables: tuple[str, ...]
    apply: Callable[[Connection, Any], Awaitable[None]]
    views: tuple[str, ...] = ()
    """In the order in which they are made: one may look at those before it."""
    stands_on: tuple[str, ...] = ()
    """Read models whose tables its views look at."""

    @property
    def folder(self) -> str:
        """The folder that holds its SQL."""
        return self.name


def storable(text: str) -> str:
    """Replace what PostgreSQL cannot keep in text, and bytes that were no text."""
    if not text.isascii():
        raw = text.encode("utf-8", "surrogateescape")
        text = raw.decode("utf-8", "backslashreplace")
    return text.replace("\x00", "\ufffd")
