"""What a read model is: tables, and how a batch of a log changes them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import asyncpg

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
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


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
    stands_on: tuple[str, ...] = ()
    """Read models whose tables its views look at."""

    @property
    def folder(self) -> str:
        """The folder that holds its SQL."""
        return self.name


def instant(milliseconds: int) -> datetime:
    """Read the timestamp that Kafka gave a record."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def storable(text: str) -> str:
    """Replace what PostgreSQL cannot keep in text."""
    return text.replace("\x00", "\ufffd")
