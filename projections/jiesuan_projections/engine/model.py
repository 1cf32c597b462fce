"""What a read model is: tables, and how a batch of a log changes them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import asyncpg

from jiesuan_events.entries.entry import Headers

SCHEMA: Final = "jiesuan"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS: Final = (datetime(2, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_LAST_MS: Final = (datetime(9998, 12, 31, tzinfo=UTC) - _EPOCH) // timedelta(
    milliseconds=1
)
"""A year from either end of the calendar: no offset leads out of it."""

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


def instant(milliseconds: int) -> datetime:
    """Read the timestamp that Kafka gave a record: any 64 bits, held in the calendar.

    >>> instant(-(10**15)).year, instant(2**63 - 1).year
    (2, 9998)
    """
    held = min(max(milliseconds, _FIRST_MS), _LAST_MS)
    return _EPOCH + timedelta(milliseconds=held)


def storable(text: str) -> str:
    """Replace what PostgreSQL cannot keep in text, and bytes that were no text."""
    if not text.isascii():
        raw = text.encode("utf-8", "surrogateescape")
        text = raw.decode("utf-8", "backslashreplace")
    return text.replace("\x00", "\ufffd")
