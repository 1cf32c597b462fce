"""The edge where a request is read: from a line of a file, or from a Kafka record.

Either it reads, or it is malformed: with a path, a reason and a plain sentence.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson
from msgspec import Struct
from pydantic import ValidationError

from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.asked.commands import Command, of_contract, read_bill
from jiesuan_domain.refusals.of_request import malformed
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.entries.chain import sha256_hex
from jiesuan_events.envelope import Envelope
from jiesuan_events.requests import (
    AGENCY_TYPES,
    REFUND_TYPES,
    REQUEST_TYPES,
    Institution,
)
from jiesuan_events.words.fields import read_instant
from jiesuan_services.intake.malformed import plain_words

ENVELOPE_FIELDS: Final = (
    "specversion",
    "type",
    "source",
    "id",
    "time",
    "subject",
    "datacontenttype",
    "dataschema",
    "traceparent",
)
_PLAIN_FIELDS: Final = frozenset(ENVELOPE_FIELDS[:6])
_ID: Final = r"[A-Za-z0-9_.:/-]{1,50}"
_PLAIN: Final = re.compile(
    rf"1\.0\n/(?:medins/[A-Za-z0-9_.:-]{{1,50}}|agency/[0-9]{{6}})\n{_ID}\n{_ID}\n{_ID}"
)


class Malformed(Struct, frozen=True):
    """A request that does not read, with as much of its envelope as does."""

    refusal: Refusal
    source: str | None = None
    id: str | None = None
    type: str | None = None
    time: str | None = None
    subject: str | None = None
    person_id: str | None = None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def bad(
    path: str, reason: str, *, zh: str, envelope: Mapping[str, Any], data: Any = None
) -> Malformed:
    """Say what does not read, keeping what does."""
    person = _text(data.get("psn_no")) if isinstance(data, dict) else None
    return Malformed(
        malformed(path, reason, zh=zh),
        _text(envelope.get("source")),
        _text(envelope.get("id")),
        _text(envelope.get("type")),
        _text(envelope.get("time")),
        _text(envelope.get("subject")),
        person,
    )


def _first_error(wrong: ValidationError, prefix: str) -> tuple[str, str, str]:
    error = wrong.errors(include_url=False, include_input=False)[0]
    loc = [str(part) for part in error["loc"]]
    path = ".".join([prefix, *loc] if prefix else loc)
    reason = error["msg"].removeprefix("Value error, ")
    return path, reason, plain_words(error, reason)


def read_line(text: str | bytes) -> Asked | Malformed:
    """Read one line of structured JSON: envelope and data."""
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError as wrong:
        return bad("", f"not JSON: {wrong}", zh="不是合法的JSON", envelope={})
    if not isinstance(message, dict):
        return bad("", "not a JSON object", zh="应为一个JSON对象", envelope={})
    envelope = {key: value for key, value in message.items() if key != "data"}
    if "data" not in message:
        return bad("data", "Field required", zh="缺少必填字段", envelope=envelope)
    data = message["data"]
    if not isinstance(data, dict):
        return bad(
            "data", "not a JSON object", zh="应为一个JSON对象", envelope=envelope
        )
    return read_request(envelope, data, raw=orjson.dumps(data))


def is_plain(envelope: Mapping[str, Any]) -> bool:
    """Tell at one glance that an envelope is in order; a no only means: look closer.

    What the contract refuses is never plain (a property test holds the two together).
    """
    if envelope.keys() != _PLAIN_FIELDS:
        return False
    try:
        joined = "\n".join(
            (
                envelope["specversion"],
                envelope["source"],
                envelope["id"],
                envelope["subject"],
                envelope["type"],
            )
        )
        read_instant(envelope["time"])
    except (TypeError, ValueError):
        return False
    return _PLAIN.fullmatch(joined) is not None


def read_request(
    envelope: Mapping[str, Any], data: dict[str, Any], *, raw: bytes
) -> Asked | Malformed:
    """Read a request whose JSON is read: ``raw`` are the bytes of ``data``."""
    if not is_plain(envelope):
        try:
            Envelope.__pydantic_validator__.validate_python(
                dict(envelope), by_name=False
            )
        except ValidationError as wrong:
            path, reason, zh = _first_error(wrong, "")
            return bad(path, reason, zh=zh, envelope=envelope, data=data)
    type_ = envelope["type"]
    model = REQUEST_TYPES.get(type_)
    if model is None:
        return bad(
            "type", "unknown type", zh="不认识的类型", envelope=envelope, data=data
        )
    command: Command | None = read_bill(type_, data)
    if command is None:
        try:
            command = of_contract(
                model.__pydantic_validator__.validate_json(raw, by_name=False)
            )
        except ValidationError as wrong:
            path, reason, zh = _first_error(wrong, "data")
            return bad(path, reason, zh=zh, envelope=envelope, data=data)
    return _named(envelope, data, command=command)


def _named(
    envelope: Mapping[str, Any], data: dict[str, Any], *, command: Command
) -> Asked | Malformed:
    """Hold subject and source against the data, and name the request's content."""
    subject, source, type_ = envelope["subject"], envelope["source"], envelope["type"]
    entity = (
        command.institution_id
        if isinstance(command, Institution)
        else command.person_id
    )
    if subject != entity:
        return bad(
            "subject",
            "subject is not the entity that the data names",
            zh="与内容中的编号不一致",
            envelope=envelope,
            data=data,
        )
    if not is_entitled(source, type_, command=command):
        return bad(
            "source",
            "this source may not send this request",
            zh="来源与请求类型或内容中的机构不一致",
            envelope=envelope,
            data=data,
        )
    return Asked(
        source=source,
        id=envelope["id"],
        type=type_,
        time=envelope["time"],
        person_id=subject,
        content=digest(type_, subject, data=data),
        command=command,
    )


def digest(type_: str, subject: str, *, data: Any) -> str:
    """Digest a request's content: `jiesuan_events.envelope.content_digest`, faster."""
    return sha256_hex(
        orjson.dumps(
            {"data": data, "subject": subject, "type": type_},
            option=orjson.OPT_SORT_KEYS,
        )
    )


def is_entitled(source: str, type_: str, *, command: Command) -> bool:
    """Tell whether the source is the institution named, or an agency where one asks."""
    if source.startswith("/agency/"):
        return type_ in AGENCY_TYPES or type_ in REFUND_TYPES
    institution = getattr(command, "institution_id", None)
    return type_ not in AGENCY_TYPES and source == f"/medins/{institution}"
