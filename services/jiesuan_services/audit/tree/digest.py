"""The record digest: 32 bytes that say everything of a record and where it stands.

Every part goes in with its length, so no two records can run into the same bytes.
"""

from hashlib import sha256
from struct import Struct
from typing import Any, Final

import msgspec

from jiesuan_events.entries.entry import HEADER_NAMES, Said, said_by
from jiesuan_ledger.reader import Readable

_NUMBER: Final = Struct(">Q").pack
_PLACE: Final = Struct(">QQ").pack
_TO_THE_KEY: Final = Struct(">QQQ").pack
_ELEVEN: Final = _NUMBER(len(HEADER_NAMES))
_ABSENT: Final = _NUMBER(2**64 - 1)
_SHORTS: Final = 128


class TreeRecord(msgspec.Struct, frozen=True, gc=False):
    """A record of the ledger topic at its place: what the tree is made of."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


def record_digest(record: TreeRecord) -> bytes:
    """Return the digest of a record: the data of its leaf."""
    return digest_of(record.partition, record.offset, record=record)


def digest_of(
    partition: int, offset: int, *, record: Readable, said: Said | None = None
) -> bytes:
    """Return the digest of a record that stands at an offset of a partition.

    ``said`` is what `said_by` has read of its headers already. Verifying a ledger comes
    by here with every record: the fields of an entry are put together at half the price
    of all others' (`python -m tools.shapes`).
    """
    headers = record.headers
    said = said or said_by(headers)
    if said is not None:
        try:
            return sha256(_of_entry((partition, offset), said, record=record)).digest()
        except (TypeError, IndexError):
            # Anything that is absent, or a header that is long.
            pass
    parts = [_PLACE(partition, offset), *_field(record.key), *_field(record.value)]
    parts.append(_NUMBER(len(headers)))
    parts += [part for name, one in headers for part in (_name(name), *_field(one))]
    return sha256(b"".join(parts)).digest()


def _field(data: bytes | None) -> tuple[bytes, ...]:
    return (_ABSENT,) if data is None else (_NUMBER(len(data)), data)


def _name(name: str) -> bytes:
    """Return the field of a header's name: its bytes, even if they are no text."""
    return b"".join(_field(name.encode("utf-8", "surrogateescape")))


def _of_entry(place: tuple[int, int], values: Said, *, record: Any) -> bytes:
    key, value = record.key, record.value
    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10 = values
    # fmt: off
    return b"".join((
        _TO_THE_KEY(*place, len(key)), key,
        _NUMBER(len(value)), value, _ELEVEN,
        _T0[len(v0)], v0, _T1[len(v1)], v1, _T2[len(v2)], v2, _T3[len(v3)], v3,
        _T4[len(v4)], v4, _T5[len(v5)], v5, _T6[len(v6)], v6, _T7[len(v7)], v7,
        _T8[len(v8)], v8, _T9[len(v9)], v9, _T10[len(v10)], v10,
    ))
    # fmt: on


_T0, _T1, _T2, _T3, _T4, _T5, _T6, _T7, _T8, _T9, _T10 = (
    tuple(_name(name) + _NUMBER(size) for size in range(_SHORTS))
    for name in HEADER_NAMES
)
"""What stands before the values of an entry's headers: its name, and each length."""
