"""Dead letters: key, value and headers as received, with where and why."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from jiesuan_events.words.instants import appended_at
from jiesuan_events.words.topics import DEAD_LETTERS
from jiesuan_projections.engine.model import (
    Connection,
    LogRecord,
    ReadModel,
    Row,
    storable,
)
from jiesuan_projections.engine.tables.copy import append

COLUMNS: Final = (
    "topic",
    "partition",
    "offset",
    "reason",
    "key",
    "value",
    "headers",
    "stored_at",
    "letter_partition",
    "letter_offset",
)
ORIGINAL: Final = "x-"
UNKNOWN: Final = -1
BIGGEST: Final = {"partition": 2**31 - 1, "offset": 2**63 - 1}


def _text(value: bytes | None) -> str:
    return storable((value or b"").decode("utf-8", "backslashreplace"))


def _number(headers: Mapping[str, bytes | None], name: str) -> int:
    try:
        number = int(headers.get(name) or b"")
    except ValueError:
        return UNKNOWN
    return number if 0 <= number <= BIGGEST[name] else UNKNOWN


def row(record: LogRecord) -> Row:
    """Return the row of one dead letter, whatever bytes it holds."""
    headers = dict(record.headers)
    received = {
        storable(name.removeprefix(ORIGINAL)): _text(value)
        for name, value in record.headers
        if name.startswith(ORIGINAL)
    }
    return (
        _text(headers.get("topic")),
        _number(headers, "partition"),
        _number(headers, "offset"),
        _text(headers.get("reason")),
        record.key,
        record.value,
        msgspec.json.encode(received).decode().replace("\\u0000", "\\ufffd"),
        appended_at(record.timestamp),
        record.partition,
        record.offset,
    )


async def apply(connection: Connection, batch: Sequence[LogRecord]) -> None:
    """Append the dead letters of a batch."""
    rows = [row(record) for record in batch]
    await append(connection, "dead_letter", columns=COLUMNS, rows=rows)


MODEL: Final = ReadModel("dead_letter", DEAD_LETTERS, ("dead_letter",), apply)
