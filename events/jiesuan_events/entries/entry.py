"""The envelope of one ledger entry, as Kafka headers and as an object.

Headers: CloudEvents binary mode (``ce_id`` is the entry's own hash in hex, ``ce_time``
is when it was recorded) and ``version``, ``prev-hash``, ``cause``, ``writer``.
"""

import re
from binascii import hexlify
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from jiesuan_events.entries.chain import entry_hash

Headers = Sequence[tuple[str, bytes | None]]
"""Of a record as it was read: a value may be absent in anybody's."""
Said = tuple[Any, ...]
"""What the headers of an entry say, in the order of `HEADER_NAMES`."""

LEDGER_SOURCE: Final = "/jiesuan/ledger"
GENESIS_TYPE: Final = "jiesuan.ledger-created.v1"
_SPEC: Final = ("ce_specversion", b"1.0")
_SOURCE: Final = ("ce_source", LEDGER_SOURCE.encode())
_JSON: Final = ("content-type", b"application/json")
_PERSON_ID: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,50}")
_VERSION: Final = re.compile(rb"[1-9][0-9]{0,18}")
_HASH: Final = re.compile(rb"[0-9a-f]{64}")
MAX_VERSION: Final = 2**63 - 1
"""The last that eight signed bytes hold: in the hash, in the tables."""


HEADER_NAMES: Final = (
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_time",
    "ce_subject",
    "content-type",
    "version",
    "prev-hash",
    "cause",
    "writer",
)
"""The headers of an entry, in the order in which they are written."""


class EntryError(ValueError):
    """A record of the ledger that is not an entry."""


class Entry(NamedTuple):
    """One fact about one person, at its place in the chain."""

    person_id: str
    type: str
    version: int
    prev_hash: bytes
    value: bytes
    recorded_at: str
    cause: str = ""
    writer: str = ""
    claimed_id: str = ""

    @property
    def hash(self) -> bytes:
        """The hash of the stored bytes: what the next entry must point to."""
        return entry_hash(
            self.prev_hash, self.version, type_=self.type, value=self.value
        )

    def headers(self) -> list[tuple[str, bytes]]:
        """Render the Kafka headers; their order is fixed."""
        return entry_headers(self, self.hash)


def entry_headers(entry: Entry, hash_: bytes) -> list[tuple[str, bytes]]:
    """Render the headers of an entry whose hash is known already."""
    return [
        _SPEC,
        ("ce_id", hexlify(hash_)),
        _SOURCE,
        ("ce_type", entry.type.encode()),
        ("ce_time", entry.recorded_at.encode()),
        ("ce_subject", entry.person_id.encode()),
        _JSON,
        ("version", b"%d" % entry.version),
        ("prev-hash", hexlify(entry.prev_hash)),
        ("cause", entry.cause.encode()),
        ("writer", entry.writer.encode()),
    ]


def read_entry(key: bytes | None, value: bytes | None, *, headers: Headers) -> Entry:
    """Read a ledger record, or raise EntryError naming what is wrong with it."""
    have: dict[str, Any] = dict(headers)
    try:
        entry = Entry(
            person_id=have["ce_subject"].decode(),
            type=have["ce_type"].decode("ascii"),
            version=int(_text_of(have["version"], _VERSION)),
            prev_hash=bytes.fromhex(_text_of(have["prev-hash"], _HASH)),
            value=value if value is not None else b"",
            recorded_at=have["ce_time"].decode(),
            cause=have.get("cause", b"").decode(),
            writer=have.get("writer", b"").decode(),
            claimed_id=have["ce_id"].decode(),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as wrong:
        # A header of a Kafka record may be null: then it has no text to decode.
        raise EntryError(f"not an entry: {wrong!r}") from wrong
    return _checked(entry, key)


def said_by(headers: Headers) -> Said | None:
    """Return what headers say that are those of an entry, in their order; else None.

    Written out: half the price of `zip` (`python -m tools.shapes`).
    """
    try:
        return _said(headers)
    except (ValueError, TypeError):
        return None


def _said(headers: Headers) -> Said | None:
    (
        (n0, v0),
        (n1, v1),
        (n2, v2),
        (n3, v3),
        (n4, v4),
        (n5, v5),
        (n6, v6),
        (n7, v7),
        (n8, v8),
        (n9, v9),
        (n10, v10),
    ) = headers
    if (n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10) != HEADER_NAMES:
        return None
    return v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10


def written_entry(
    key: bytes | None,
    value: bytes | None,
    *,
    said: Said | None,
    after: tuple[int, bytes],
) -> Entry | None:
    """Read a record that is, to the byte, what is written after a version and hash.

    ``said`` is what `said_by` returns of its headers. None if it is not: then
    `read_entry` says what it is. What it takes, `read_entry` takes as the same entry,
    and it follows: nearly all records come by here, and every form is compared with the
    one text that it can have (half the price).
    """
    if said is None:
        return None
    before, previous = after
    version, value = before + 1, value or b""
    _, id_, _, type_, time, subject, _, number, prev, cause, writer = said
    try:
        if subject != key or prev != hexlify(previous):
            return None
        person, said_type = subject.decode(), type_.decode("ascii")
        claimed = id_.decode()
        hash_ = entry_hash(previous, version, type_=said_type, value=value)
        if claimed != hash_.hex() or number != b"%d" % version or version > MAX_VERSION:
            return None
        rest = (time.decode(), cause.decode(), writer.decode(), claimed)
        # As a tuple, without the call of a NamedTuple: half the price of making one.
        entry = tuple.__new__(
            Entry, (person, said_type, version, previous, value, *rest)
        )
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None
    # The first entry of a chain says who it is of; all later ones have the same key.
    return entry if before or is_person_id(person) else None


def is_person_id(text: str) -> bool:
    """Whether a text can be a person's id (`contracts.md` §1)."""
    return _PERSON_ID.fullmatch(text) is not None


def _text_of(header: bytes, form: re.Pattern[bytes]) -> str:
    """Return the text of a header; raise EntryError if it has a second form."""
    if form.fullmatch(header) is None:
        raise ValueError(f"{header[:80]!r} is not in its one form")
    return header.decode("ascii")


def _checked(entry: Entry, key: bytes | None) -> Entry:
    if key is None or key != entry.person_id.encode():
        raise EntryError("the record's key is not the entry's subject")
    if not is_person_id(entry.person_id):
        raise EntryError("the subject is no person's id")
    if entry.version > MAX_VERSION:
        raise EntryError("the version is out of bounds")
    if entry.claimed_id != entry.hash.hex():
        raise EntryError("ce_id is not the hash of the stored bytes")
    return entry
