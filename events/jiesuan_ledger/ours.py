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
from typing import Final

import msgspec
import orjson
from msgspec import Struct
from pydantic import ValidationError

from jiesuan_events.answers import ANSWER_SOURCE, ANSWER_TYPE
from jiesuan_events.entries.entry import Headers
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.requests import Institution
from jiesuan_events.words.topics import REQUESTS
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.reader import Readable

INSTITUTION: Final = "institution:"
PACK: Final = "pack:"
ANOTHER_BROKER: Final = -1
"""The request of a registration that was imported: before all that came here."""
INSTITUTION_TYPE: Final = "jiesuan.institution.v1"
_CHECKSUM: Final = "checksum"
_ANSWER_HEADERS: Final = frozenset(
    (
        "ce_specversion",
        "ce_id",
        "ce_source",
        "ce_type",
        "ce_time",
        "ce_subject",
        "content-type",
        "cause",
    )
)
_REFERENCE_HEADERS: Final = frozenset(("ce_type", "cause"))
_CAUSE: Final = re.compile(rf"{re.escape(REQUESTS)}/([0-9]{{1,9}})/([0-9]{{1,18}})")


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
    OVERTAKEN = "overtaken"
    """A copy of what was said before, and has been replaced since."""


class AcceptedAnswer(Struct, frozen=True, gc=False):
    """An answer of ours: to which request of the partition, and how it came out."""

    request: int
    id: str
    outcome: str


class AcceptedInstitution(Struct, frozen=True, gc=False):
    """A registration: the institution, and which request asked for it."""

    institution: Institution
    request: int


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


def _ours(record: Readable, names: frozenset[str]) -> dict[str, str]:
    """Return the headers of a record of ours, which are exactly these.

    Records from before there were checksums have none, and nothing in its place.
    """
    headers: Headers = record.headers
    try:
        have = {name: (text or b"").decode() for name, text in headers}
    except UnicodeDecodeError:
        raise _Stranger(StrangerReason.NOT_OUR_HEADERS) from None
    claimed = have.pop(_CHECKSUM, None)
    if have.keys() != names or len(headers) > len(names) + (claimed is not None):
        raise _Stranger(StrangerReason.NOT_OUR_HEADERS)
    if claimed is not None and claimed.encode() != _checksum(record):
        raise _Stranger(StrangerReason.CHECKSUM_DIFFERS)
    return have


def request_of(cause: str, partition: int) -> int | None:
    """Return the offset of the request of a partition that a cause names, if one."""
    found = _CAUSE.fullmatch(cause)
    if found is None or int(found[1]) != partition:
        return None
    return int(found[2])


def accept_answer(record: Readable, partition: int) -> AcceptedAnswer | StrangerReason:
    """Accept a record of the answers of a partition, or say why it is a stranger."""
    try:
        return _answer(record, partition)
    except _Stranger as stranger:
        return stranger.reason


def _answer(record: Readable, partition: int) -> AcceptedAnswer:
    have = _ours(record, _ANSWER_HEADERS)
    if (have["ce_type"], have["ce_source"]) != (ANSWER_TYPE, ANSWER_SOURCE):
        raise _Stranger(StrangerReason.NOT_OUR_HEADERS)
    request = request_of(have["cause"], partition)
    if request is None:
        raise _Stranger(StrangerReason.NOT_OUR_CAUSE)
    try:
        data = _ANSWER_DATA.decode(record.value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _Stranger(StrangerReason.NOT_UNDERSTOOD) from None
    name = f"{data.request_source}:{data.request_id}"
    is_named = None not in (data.request_source, data.request_id)
    if have["ce_id"] != (name if is_named else ""):
        raise _Stranger(StrangerReason.NOT_UNDERSTOOD)
    return AcceptedAnswer(request, have["ce_id"], data.outcome)


AcceptedReference = AcceptedInstitution | AcceptedPack


def accept_reference(
    record: Readable, last: Mapping[str, int], *, partitions: int
) -> AcceptedReference | StrangerReason:
    """Accept a record of the reference topic, or say why it is a stranger.

    ``last`` says which request each institution was last registered by.
    """
    try:
        key = (record.key or b"").decode("ascii", "replace")
        if key.startswith(PACK):
            return _pack(record, key.removeprefix(PACK))
        if key.startswith(INSTITUTION):
            return _institution(
                record, key.removeprefix(INSTITUTION), last=last, partitions=partitions
            )
    except _Stranger as stranger:
        return stranger.reason
    return StrangerReason.NOT_OUR_KEY


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


def _institution(
    record: Readable, code: str, *, last: Mapping[str, int], partitions: int
) -> AcceptedInstitution:
    value = _value(record)
    have = _ours(record, _REFERENCE_HEADERS)
    if have["ce_type"] != INSTITUTION_TYPE:
        raise _Stranger(StrangerReason.NOT_OUR_HEADERS)
    request = _request_for(have["cause"], code, partitions=partitions)
    if request < last.get(code, ANOTHER_BROKER):
        raise _Stranger(StrangerReason.OVERTAKEN)
    try:
        institution = Institution.model_validate_json(value, by_name=False)
    except ValidationError:
        raise _Stranger(StrangerReason.NOT_UNDERSTOOD) from None
    if institution.institution_id != code:
        raise _Stranger(StrangerReason.NOT_UNDERSTOOD)
    return AcceptedInstitution(institution, request)


def _request_for(cause: str, code: str, *, partitions: int) -> int:
    """Return the request that registered an institution."""
    if not cause.startswith(f"{REQUESTS}/"):
        return ANOTHER_BROKER
    request = request_of(cause, partition_of(code, partitions))
    if request is None:
        raise _Stranger(StrangerReason.NOT_OUR_CAUSE)
    return request
