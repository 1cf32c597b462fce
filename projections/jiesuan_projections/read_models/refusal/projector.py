"""Refusals: what the answers refused; the ledger keeps nothing of it.

What stands among the answers and is none of ours is named as a stranger.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from jiesuan_events.words.instants import appended_at, moment
from jiesuan_events.words.topics import ANSWERS
from jiesuan_ledger.ours import StrangerReason, accept_answer
from jiesuan_projections.engine.model import (
    Connection,
    LogRecord,
    ReadModel,
    Row,
)
from jiesuan_projections.engine.tables.copy import append

COLUMNS: Final = (
    "partition",
    "offset",
    "answered_at",
    "request_source",
    "request_id",
    "request_type",
    "psn_no",
    "code",
    "codes",
    "message",
    "transient",
    "details",
)
STRANGER_COLUMNS: Final = (
    "partition",
    "offset",
    "reason",
    "key",
    "value",
    "appended_at",
)
# PostgreSQL keeps no NUL, and a refusal may quote what its sender wrote.
NUL: Final = b"\\u0000"
REPLACEMENT: Final = b"\\ufffd"


class RefusalReason(Struct, frozen=True):
    """One reason of an answer."""

    code: str
    message: str
    transient: bool = False
    details: Any = None


class RefusedAnswer(Struct, frozen=True):
    """What this read model needs of an answer."""

    outcome: str
    request_source: str | None = None
    request_id: str | None = None
    request_type: str | None = None
    psn_no: str | None = None
    refusals: tuple[RefusalReason, ...] = ()


_ANSWER: Final = msgspec.json.Decoder(RefusedAnswer)
_OUTCOME: Final = b'"refused"'


def stranger_row(record: LogRecord, reason: StrangerReason) -> Row:
    """Return the row of a record that is no answer of ours."""
    return (
        record.partition,
        record.offset,
        reason.value,
        record.key,
        record.value,
        appended_at(record.timestamp),
    )


def row(record: LogRecord) -> Row | None:
    """Return the row of an answer, or None if it refused nothing."""
    value = record.value or b""
    if _OUTCOME not in value:
        return None
    try:
        answer = _ANSWER.decode(value.replace(NUL, REPLACEMENT))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if answer.outcome != "refused" or not answer.refusals:
        return None
    first = answer.refusals[0]
    return (
        record.partition,
        record.offset,
        _answered_at(record),
        answer.request_source,
        answer.request_id,
        answer.request_type,
        answer.psn_no,
        first.code,
        [refusal.code for refusal in answer.refusals],
        first.message,
        first.transient,
        msgspec.json.encode(answer.refusals).decode(),
    )


def _answered_at(record: LogRecord) -> datetime | None:
    try:
        return moment((dict(record.headers).get("ce_time") or b"").decode())
    except ValueError:
        return None


def rows(batch: Sequence[LogRecord]) -> tuple[list[Row], list[Row]]:
    """Return the rows of what was refused, and of what is none of ours."""
    refused: list[Row] = []
    strangers: list[Row] = []
    for record in batch:
        answer = accept_answer(record, record.partition)
        if isinstance(answer, StrangerReason):
            strangers.append(stranger_row(record, answer))
        elif (found := row(record)) is not None:
            refused.append(found)
    return refused, strangers


async def apply(connection: Connection, batch: Sequence[LogRecord]) -> None:
    """Append the refusals of a batch, and the strangers in it."""
    refused, strangers = rows(batch)
    await append(connection, "refusal", columns=COLUMNS, rows=refused)
    await append(connection, "stranger", columns=STRANGER_COLUMNS, rows=strangers)


MODEL: Final = ReadModel(
    "refusal",
    ANSWERS,
    ("refusal", "stranger"),
    apply,
    views=("indicator_refusal",),
)
