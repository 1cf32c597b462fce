"""The edge where a request is read: from a line of a file, or from a Kafka record.

Either it reads, or it is malformed: with a path, a reason and a plain sentence.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson
from msgspec import Struct
from pydantic import ValidationError

from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.asked.commands import ClaimBill, Command, of_contract, read_bill
from jiesuan_domain.refusals.of_request import malformed
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_domain.requests.registering.entitled import AGENCY
from jiesuan_events.entries.chain import sha256_hex
from jiesuan_events.envelope import Envelope
from jiesuan_events.requests import (
    AGENCY_TYPES,
    REFUND_TYPES,
    REQUEST_TYPES,
    Enrol,
    ReferenceMessage,
    entity_of,
)
from jiesuan_events.words.fields import read_instant
from jiesuan_events.words.regions import covers
from jiesuan_events.words.topics import MAX_RECORD_BYTES
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
MAX_DATA_BYTES: Final = 900_000
MAX_LINE_BYTES: Final = MAX_RECORD_BYTES
"""The longest line of a file that is read, its end included."""
MAX_NESTING: Final = 64
MAX_NAME_BYTES: Final = 1_024
"""What is longer is read as no id, and said again nowhere."""
MAX_SHOWN: Final = 200
"""How much is shown of a field's name that is none of ours."""
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


def answer_id(source: str | None, id_: str | None) -> str | None:
    """Return the id of an answer, made from its request's."""
    return None if source is None or id_ is None else f"{source}:{id_}"


def short_text(value: Any) -> str | None:
    """Return a text that may be said again: a longer one can name nothing."""
    if not isinstance(value, str) or len(value.encode()) > MAX_NAME_BYTES:
        return None
    return value


def bad(
    path: str, reason: str, *, zh: str, envelope: Mapping[str, Any], data: Any = None
) -> Malformed:
    """Say what does not read, keeping what does."""
    person = short_text(data.get("psn_no")) if isinstance(data, dict) else None
    return Malformed(
        malformed(_shown(path), _shown(reason), zh=zh),
        short_text(envelope.get("source")),
        short_text(envelope.get("id")),
        short_text(envelope.get("type")),
        short_text(envelope.get("time")),
        short_text(envelope.get("subject")),
        person,
    )


def _shown(text: str) -> str:
    """Return what is shown of a sender's own words."""
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _first_error(wrong: ValidationError, prefix: str) -> tuple[str, str, str]:
    error = wrong.errors(include_url=False, include_input=False)[0]
    loc = [str(part) for part in error["loc"]]
    path = ".".join([prefix, *loc] if prefix else loc)
    reason = error["msg"].removeprefix("Value error, ")
    return path, reason, plain_words(error, reason)


def is_nested(data: Any, raw: bytes) -> bool:
    """Whether data, which ``raw`` is the text of, is nested deeper than is read."""
    if raw.count(b"{") + raw.count(b"[") <= MAX_NESTING:
        return False
    level = [data]
    for _ in range(MAX_NESTING):
        level = [
            part
            for one in level
            for part in (one.values() if isinstance(one, dict) else one)
            if isinstance(part, dict | list)
        ]
        if not level:
            return False
    return True


class Parsed(NamedTuple):
    """A line whose JSON is read: envelope, data, and the bytes of the data."""

    envelope: dict[str, Any]
    data: dict[str, Any]
    raw: bytes


def read_line(text: str | bytes) -> Asked | Malformed:
    """Read one line of structured JSON: envelope and data."""
    parsed = parse_line(text)
    if isinstance(parsed, Malformed):
        return parsed
    return read_request(parsed.envelope, parsed.data, raw=parsed.raw)


def parse_line(text: str | bytes) -> Parsed | Malformed:
    """Take one line of structured JSON apart, whatever kind of request it is."""
    line = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    message = _object(line)
    if isinstance(message, Malformed):
        return message
    envelope = {key: value for key, value in message.items() if key != "data"}
    if "data" not in message:
        return bad("data", "Field required", zh="缺少必填字段", envelope=envelope)
    data = message["data"]
    if not isinstance(data, dict):
        return bad(
            "data", "not a JSON object", zh="应为一个JSON对象", envelope=envelope
        )
    if is_nested(data, line):
        return _too_deep(envelope, data)
    return Parsed(envelope, data, orjson.dumps(data))


def _object(line: bytes) -> dict[str, Any] | Malformed:
    """Read the JSON of a line, if it is one object and no longer than is read."""
    if len(line) > MAX_LINE_BYTES:
        reason = f"longer than {MAX_LINE_BYTES} bytes"
        return bad("", reason, zh=f"超过{MAX_LINE_BYTES}字节", envelope={})
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError as wrong:
        return bad("", f"not JSON: {wrong}", zh="不是合法的JSON", envelope={})
    if not isinstance(message, dict):
        return bad("", "not a JSON object", zh="应为一个JSON对象", envelope={})
    return message


def _too_deep(envelope: Mapping[str, Any], data: dict[str, Any]) -> Malformed:
    reason = f"nested deeper than {MAX_NESTING} levels"
    zh = f"嵌套超过{MAX_NESTING}层"
    return bad("data", reason, zh=zh, envelope=envelope, data=data)


def is_plain(envelope: Mapping[str, Any]) -> bool:
    """Whether an envelope is surely valid; False means that the contract must decide.

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
    wrong_envelope = bad_envelope(envelope, data, raw=raw)
    if wrong_envelope is not None:
        return wrong_envelope
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
            return bad_data(wrong, envelope, data=data)
    return _named(envelope, data, command=command)


def bad_envelope(
    envelope: Mapping[str, Any], data: dict[str, Any], *, raw: bytes
) -> Malformed | None:
    """Say what of an envelope does not read, or which bound its data breaks."""
    if is_nested(data, raw):
        return _too_deep(envelope, data)
    if len(raw) > MAX_DATA_BYTES:
        reason = f"longer than {MAX_DATA_BYTES} bytes"
        zh = f"内容超过{MAX_DATA_BYTES}字节"
        return bad("data", reason, zh=zh, envelope=envelope, data=data)
    if is_plain(envelope):
        return None
    try:
        Envelope.__pydantic_validator__.validate_python(dict(envelope), by_name=False)
    except ValidationError as wrong:
        path, reason, zh = _first_error(wrong, "")
        return bad(path, reason, zh=zh, envelope=envelope, data=data)
    return None


def bad_data(
    wrong: ValidationError, envelope: Mapping[str, Any], *, data: dict[str, Any]
) -> Malformed:
    """Say which field of the data does not read."""
    path, reason, zh = _first_error(wrong, "data")
    return bad(path, reason, zh=zh, envelope=envelope, data=data)


def _named(
    envelope: Mapping[str, Any], data: dict[str, Any], *, command: Command
) -> Asked | Malformed:
    """Hold subject and source against the data, and name the request's content."""
    subject, source, type_ = envelope["subject"], envelope["source"], envelope["type"]
    entity = (
        entity_of(command)
        if isinstance(command, ReferenceMessage)
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
    """Whether the source is the institution named, or an agency where one asks.

    An agency acts for the region that an enrolment or a claim names; where the ledger
    must be asked for the region, the law does (`registering.entitled`).
    """
    if source.startswith(AGENCY):
        if isinstance(command, (Enrol, ClaimBill)):
            return covers(source.removeprefix(AGENCY), command.insured_region)
        return type_ in AGENCY_TYPES or type_ in REFUND_TYPES
    institution = getattr(command, "institution_id", None)
    return type_ not in AGENCY_TYPES and source == f"/medins/{institution}"
