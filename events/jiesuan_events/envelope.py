"""The CloudEvents 1.0 envelope of a request, and the identity it gives."""

import json
from typing import Annotated, Any, Literal

from pydantic import Field

from jiesuan_events.entries.chain import sha256_hex
from jiesuan_events.words.fields import Contract, Id, Instant, Text

Source = Annotated[
    str,
    Field(pattern=r"^/(medins/[A-Za-z0-9_.:-]{1,50}|agency/[0-9]{6})$"),
]


class Envelope(Contract):
    """Everything about a request that is not its data."""

    spec_version: Literal["1.0"]
    type: Id
    source: Source
    id: Id
    time: Instant
    subject: Id
    content_type: Text | None = None
    data_schema: Text | None = None
    traceparent: Text | None = None


class Message(Envelope):
    """A request in structured mode: one JSON object a line."""

    data: dict[str, Any]


def canonical(type_: str, subject: str, *, data: Any) -> bytes:
    """Write a request's content in one way: sorted keys, no white space, UTF-8."""
    return json.dumps(
        {"data": data, "subject": subject, "type": type_},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()


def content_digest(type_: str, subject: str, *, data: Any) -> str:
    """Digest a request's content: SHA-256 in hex over its canonical form."""
    return sha256_hex(canonical(type_, subject, data=data))
