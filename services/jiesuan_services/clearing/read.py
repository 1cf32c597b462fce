"""The edge where a request about a month is read."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.clearing.asked import ClearingAsked
from jiesuan_events.clearing.requests import CLEARING_REQUEST_TYPES
from jiesuan_services.intake.read import (
    Malformed,
    bad,
    bad_data,
    bad_envelope,
    digest,
    parse_line,
    read_request,
)


def is_of_clearing(type_: Any) -> bool:
    """Whether a request of this type is about a month."""
    return isinstance(type_, str) and type_ in CLEARING_REQUEST_TYPES


def read_either_line(text: str | bytes) -> Asked | ClearingAsked | Malformed:
    """Read one line of structured JSON: a request of the ledger, or about a month."""
    parsed = parse_line(text)
    if isinstance(parsed, Malformed):
        return parsed
    read = (
        read_clearing_request
        if is_of_clearing(parsed.envelope.get("type"))
        else read_request
    )
    return read(parsed.envelope, parsed.data, raw=parsed.raw)


def read_clearing_request(
    envelope: Mapping[str, Any], data: dict[str, Any], *, raw: bytes
) -> ClearingAsked | Malformed:
    """Read a request whose JSON is read: ``raw`` are the bytes of ``data``."""
    wrong_envelope = bad_envelope(envelope, data, raw=raw)
    if wrong_envelope is not None:
        return wrong_envelope
    type_, subject = envelope["type"], envelope["subject"]
    model = CLEARING_REQUEST_TYPES.get(type_)
    if model is None:
        zh = "不认识的类型"
        return bad("type", "unknown type", zh=zh, envelope=envelope, data=data)
    try:
        command = model.__pydantic_validator__.validate_json(raw, by_name=False)
    except ValidationError as wrong:
        return bad_data(wrong, envelope, data=data)
    return ClearingAsked(
        source=envelope["source"],
        id=envelope["id"],
        type=type_,
        time=envelope["time"],
        care_region=subject,
        content=digest(type_, subject, data=data),
        command=command,
    )
