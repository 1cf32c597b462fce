"""A record of the requests topic, read: its envelope in headers, its data in JSON."""

from collections.abc import Callable
from typing import Any, Final

import orjson
from msgspec import Struct

from jiesuan_domain.asked.asked import Asked
from jiesuan_events.entries.entry import Headers, is_person_id
from jiesuan_ledger.log.record import Incoming
from jiesuan_services.intake.read import (
    ENVELOPE_FIELDS,
    MAX_DATA_BYTES,
    Malformed,
    Parsed,
    answer_id,
    bad,
    read_request,
    short_text,
)

_FIELDS: Final = {f"ce_{name}": name for name in ENVELOPE_FIELDS}


class DeadLetter(Struct, gc=False):
    """A record that is unreadable and has no known sender: why it is put aside."""

    reason: str


class Poison(Struct, gc=False):
    """A record nobody can read, with as much of its envelope as does."""

    reason: str
    wrong: Malformed


Read = Asked | Malformed | Poison | DeadLetter


def read_record(incoming: Incoming, *, is_home: Callable[[str], bool]) -> Read:
    """Read a record; ``is_home`` says whether a person belongs to its partition."""
    parsed = unpack(incoming, is_home=is_home)
    if not isinstance(parsed, Parsed):
        return parsed
    return read_request(parsed.envelope, parsed.data, raw=parsed.raw)


def unpack(
    incoming: Incoming, *, is_home: Callable[[str], bool]
) -> Parsed | Poison | DeadLetter:
    """Take a record apart, whatever kind of request it is."""
    envelope = _envelope(incoming.headers)
    if envelope is None:
        return DeadLetter("bad-headers")
    poison = _misplaced(incoming, envelope.get("subject", ""), is_home=is_home)
    data: Any = None
    if poison is None:
        try:
            data = orjson.loads(incoming.value or b"")
        except orjson.JSONDecodeError:
            poison = "bad-json" if _is_utf8(incoming.value) else "bad-bytes"
    if poison is None and not isinstance(data, dict):
        poison = "bad-json"
    if poison is not None:
        return _poison(envelope, poison)
    return Parsed(envelope, data, incoming.value or b"")


def is_silent(read: Read) -> bool:
    """Whether a record gets no answer, because its sender cannot be identified."""
    return isinstance(read, DeadLetter)


def answer_name(headers: Headers) -> str:
    """Return the name of the answer to a request of these headers."""
    envelope = _envelope(headers) or {}
    source, id_ = (short_text(envelope.get(name)) for name in ("source", "id"))
    return answer_id(source, id_) or ""


def _misplaced(
    incoming: Incoming, subject: str, *, is_home: Callable[[str], bool]
) -> str | None:
    if incoming.value is not None and len(incoming.value) > MAX_DATA_BYTES:
        return "oversize"
    if incoming.key != subject.encode():
        return "wrong-key"
    # What is no person's id is nobody's, here or elsewhere: the contract refuses it.
    if not is_person_id(subject) or is_home(subject):
        return None
    return "wrong-partition"


def _poison(envelope: dict[str, str], reason: str) -> Poison | DeadLetter:
    wrong = bad("data", reason, zh="报文无法识别", envelope=envelope)
    is_named = wrong.source is not None and wrong.id is not None
    return Poison(reason, wrong) if is_named else DeadLetter(reason)


def _envelope(headers: Headers) -> dict[str, str] | None:
    """Read the CloudEvents headers of a record; None if they are no envelope.

    A null header reads as absent; one that is there twice says nothing for sure.
    """
    named = [
        (_FIELDS.get(name) or name[3:], value)
        for name, value in headers
        if value is not None and name.startswith("ce_")
    ]
    try:
        found = {name: value.decode() for name, value in named}
    except UnicodeDecodeError:
        return None
    if len(found) < len(named):
        return None
    return found if "type" in found and "subject" in found else None


def _is_utf8(value: bytes | None) -> bool:
    try:
        (value or b"").decode()
    except UnicodeDecodeError:
        return False
    return True
