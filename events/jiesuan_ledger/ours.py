"""Which answers and reference records are ours: all else is a stranger, by name.

The ledger has its chains. These have their exact headers, a checksum over the whole
record, and their cause in the requests: what was copied from elsewhere, cut or changed
on its way is not ours. (Who forges all of that on purpose is kept out by Kafka's own
rules of access.)
"""

import re
import zlib
from collections.abc import Mapping
from enum import Enum
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec
import orjson
from msgspec import Struct
from pydantic import ValidationError

from jiesuan_events.answers import ANSWER_SOURCE, ANSWER_TYPE
from jiesuan_events.entries.entry import Headers
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.requests import CatalogueItem, Institution, ReferenceMessage
from jiesuan_events.words.topics import CLEARING_REQUESTS, REQUESTS
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.reader import Readable

INSTITUTION: Final = "institution:"
CATALOGUE: Final = "catalogue:"
PACK: Final = "pack:"
_CHECKSUM: Final = "checksum"
_IN_ORDER: Final = (
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_time",
    "ce_subject",
    "content-type",
    "cause",
    _CHECKSUM,
)
"""The headers of an answer as they are written."""
_ANSWER_HEADERS: Final = frozenset(_IN_ORDER) - {_CHECKSUM}
_N0, _N1, _N2, _N3, _N4, _N5, _N6, _N7, _ = (name.encode() for name in _IN_ORDER)
_REFERENCE_HEADERS: Final = frozenset(("ce_type", "cause"))
_ANSWER: Final = (ANSWER_TYPE.encode(), ANSWER_SOURCE.encode())


class _Kind(NamedTuple):
    """A kind of registration: its type, its contract, and where its key has its name.

    The name is what the request travelled under: it has a partition of its own.
    """

    type_: str
    model: type[Institution] | type[CatalogueItem]
    entity: int


_REGISTERED: Final = {
    INSTITUTION: _Kind("jiesuan.institution.v1", Institution, 1),
    CATALOGUE: _Kind("jiesuan.catalogue.v1", CatalogueItem, 2),
}
_CAUSE: Final = re.compile(
    rf"(?P<topic>{re.escape(REQUESTS)}|{re.escape(CLEARING_REQUESTS)})"
    r"/(?P<partition>[0-9]{1,9})/(?P<offset>[0-9]{1,18})".encode()
)


class StrangerReason(Enum):
    """Why a record of a topic that only we write to is not ours."""

    NOT_OUR_KEY = "not-our-key"
    """No key that we write."""
    NO_VALUE = "no-value"
    """A tombstone: nothing of ours is taken back so."""
    NOT_OUR_HEADERS = "not-our-headers"
    """Headers are missing, unknown, there twice, or say something else."""
    CHECKSUM_DIFFERS = "checksum-differs"
    """It was changed after it was written."""
    NOT_OUR_CAUSE = "not-our-cause"
    """It comes from no request that could have caused it here."""
    NOT_UNDERSTOOD = "not-understood"
    """Its value is not what its key or its type says."""
    NOT_OUR_SIGNATURE = "not-our-signature"
    """A seal that the key of this ledger has not signed."""
    NOT_THE_TREE = "not-the-tree"
    """A seal whose root is not that of the records which it says it covers."""
    OVERTAKEN = "overtaken"
    """A copy of what was said before, and has been replaced since."""


class AcceptedAnswer(Struct, frozen=True, gc=False):
    """An answer of ours: to which request, and how it came out."""

    topic: str
    request: int
    id: str
    outcome: str


class Order(NamedTuple):
    """Which registration is the later one: all that was imported came before."""

    is_local: bool
    request: int


class AcceptedReference(Struct, frozen=True, gc=False):
    """What an agency registered, under its key, and when its turn was."""

    said: ReferenceMessage
    key: str
    order: Order


class AcceptedPack(Struct, frozen=True, gc=False):
    """An archived policy pack: its digest, which is that of its text."""

    sha256: str
    text: bytes


class _AnswerData(Struct, frozen=True):
    outcome: str
    request_source: str | None = None
    request_id: str | None = None


_ANSWER_DATA: Final = msgspec.json.Decoder(_AnswerData)


def with_checksum(record: Record) -> Record:
    """Return a record that says, in a last header, what its bytes come to."""
    mark = (_CHECKSUM, _checksum(record))
    return Record(record.key, record.value, [*record.headers, mark])


def _checksum(record: Readable) -> bytes:
    parts = [record.key or b"", record.value or b""]
    for name, text in record.headers:
        if name != _CHECKSUM:
            parts += (name.encode("utf-8", "surrogateescape"), text or b"")
    return b"%08x" % zlib.crc32(b"\n".join(parts))


class _Stranger(Exception):
    """Not ours, and why."""

    def __init__(self, reason: StrangerReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def _ours(record: Readable, names: frozenset[str]) -> dict[str, bytes]:
    """Return the headers of a record of ours, which are exactly these.

    Records from before there were checksums have none, and nothing in its place.
    """
    headers: Headers = record.headers
    have = {name: text or b"" for name, text in headers}
    try:
        # All at once: one by one costs an answer 2 µs. A line's end joins no letters.
        b"\n".join(have.values()).decode()
    except UnicodeDecodeError:
        raise _Stranger(StrangerReason.NOT_OUR_HEADERS) from None
    claimed = have.pop(_CHECKSUM, None)
    if have.keys() != names or len(headers) > len(names) + (claimed is not None):
        raise _Stranger(StrangerReason.NOT_OUR_HEADERS)
    if claimed is not None and claimed != _checksum(record):
        raise _Stranger(StrangerReason.CHECKSUM_DIFFERS)
    return have


def accept_answer(record: Readable, partition: int) -> AcceptedAnswer | StrangerReason:
    """Accept a record of the answers of a partition, or say why it is a stranger."""
    try:
        return _answer(record, partition)
    except _Stranger as stranger:
        return stranger.reason


def _answer(record: Readable, partition: int) -> AcceptedAnswer:
    claimed, kind, caused_by = as_written(record) or as_found(record)
    if kind != _ANSWER:
        raise _Stranger(StrangerReason.NOT_OUR_HEADERS)
    asked = _CAUSE.fullmatch(caused_by)
    if asked is None or int(asked["partition"]) != partition:
        raise _Stranger(StrangerReason.NOT_OUR_CAUSE)
    try:
        data = _ANSWER_DATA.decode(record.value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _Stranger(StrangerReason.NOT_UNDERSTOOD) from None
    name = f"{data.request_source}:{data.request_id}"
    is_named = None not in (data.request_source, data.request_id)
    id_ = claimed.decode()
    if id_ != (name if is_named else ""):
        raise _Stranger(StrangerReason.NOT_UNDERSTOOD)
    return AcceptedAnswer(
        asked["topic"].decode(), int(asked["offset"]), id_, data.outcome
    )


Says = tuple[bytes, tuple[bytes, bytes], bytes]
"""What an answer's headers say: its id, its type and source, its cause."""


def as_found(record: Readable) -> Says:
    """Return what an answer's headers say, in whatever order; else it is no answer."""
    have = _ours(record, _ANSWER_HEADERS)
    return have["ce_id"], (have["ce_type"], have["ce_source"]), have["cause"]


def as_written(record: Readable) -> Says | None:
    """Return what `as_found` says of an answer that is, to the byte, as we write it.

    Nearly all are, and every reader of the answers comes by here: written out it costs
    half (`python -m tools.shapes`, "answers"). None of any other.
    """
    try:
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
        ) = record.headers
        if (n0, n1, n2, n3, n4, n5, n6, n7, n8) != _IN_ORDER:
            return None
        # fmt: off
        said: tuple[Any, ...] = (
            record.key, record.value,
            _N0, v0, _N1, v1, _N2, v2, _N3, v3, _N4, v4, _N5, v5, _N6, v6, _N7, v7,
        )
        # fmt: on
        if v8 != b"%08x" % zlib.crc32(b"\n".join(said)):
            return None
        b"\n".join(said[3::2]).decode()
    except (ValueError, TypeError):
        # Other headers, one that is absent, or one that is no text.
        return None
    return said[5], (said[9], said[7]), said[17]


def reference_key(command: ReferenceMessage) -> str:
    """Return what a reference message replaces: an earlier one of the same key."""
    if isinstance(command, CatalogueItem):
        day = command.begin_date.isoformat()
        return f"{CATALOGUE}{command.region}:{command.item}:{day}"
    return f"{INSTITUTION}{command.institution_id}"


def accept_reference(
    record: Readable,
    last: Mapping[str, Order],
    *,
    partitions: int,
    is_imported: bool = False,
) -> AcceptedReference | AcceptedPack | StrangerReason:
    """Accept a record of the reference topic, or say why it is a stranger.

    ``last`` says of each key when its last registration had its turn.
    """
    key = (record.key or b"").decode("ascii", "replace")
    try:
        if key.startswith(PACK):
            return _pack(record, key.removeprefix(PACK))
        order = _order(record, key, partitions=partitions, is_imported=is_imported)
        if order < last.get(key, order):
            return StrangerReason.OVERTAKEN
        return _registered(record, key, order=order)
    except _Stranger as stranger:
        return stranger.reason


def turn_of(
    record: Readable, *, partitions: int, is_imported: bool = False
) -> tuple[str, Order] | None:
    """Return key and turn of a registration that was accepted before, if it is one."""
    key = (record.key or b"").decode("ascii", "replace")
    try:
        return key, _order(record, key, partitions=partitions, is_imported=is_imported)
    except _Stranger:
        return None


def _pack(record: Readable, digest: str) -> AcceptedPack:
    text = _value(record)
    if sha256(text).hexdigest() != digest or not _is_json(text):
        raise _Stranger(StrangerReason.NOT_UNDERSTOOD)
    return AcceptedPack(digest, text)


def _value(record: Readable) -> bytes:
    if record.value is None:
        raise _Stranger(StrangerReason.NO_VALUE)
    return record.value


def _is_json(text: bytes) -> bool:
    """Whether a text is JSON, as packs are archived: YAML may unfold to anything."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _order(record: Readable, key: str, *, partitions: int, is_imported: bool) -> Order:
    """Return when a registration had its turn: by its headers, which must be ours."""
    kind = next((prefix for prefix in _REGISTERED if key.startswith(prefix)), None)
    if kind is None:
        raise _Stranger(StrangerReason.NOT_OUR_KEY)
    _value(record)
    have = _ours(record, _REFERENCE_HEADERS)
    if have["ce_type"] != _REGISTERED[kind].type_.encode():
        raise _Stranger(StrangerReason.NOT_OUR_HEADERS)
    found = _CAUSE.fullmatch(have["cause"])
    if found is None or found["topic"] != REQUESTS.encode():
        raise _Stranger(StrangerReason.NOT_OUR_CAUSE)
    entity = key.split(":")[_REGISTERED[kind].entity]
    if int(found["partition"]) != partition_of(entity, partitions):
        raise _Stranger(StrangerReason.NOT_OUR_CAUSE)
    return Order(not is_imported, int(found["offset"]))


def _registered(record: Readable, key: str, *, order: Order) -> AcceptedReference:
    model = next(one.model for kind, one in _REGISTERED.items() if key.startswith(kind))
    try:
        said = model.model_validate_json(_value(record), by_name=False)
    except ValidationError:
        raise _Stranger(StrangerReason.NOT_UNDERSTOOD) from None
    if reference_key(said) != key:
        raise _Stranger(StrangerReason.NOT_UNDERSTOOD)
    return AcceptedReference(said, key, order)
