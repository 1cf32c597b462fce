"""The record digest: 32 bytes that say everything of a record and where it stands.

Every part goes in with its length, so no two records can run into the same bytes.
"""

from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import Final

import msgspec

_NUMBER: Final = Struct(">Q").pack
_PLACE: Final = Struct(">QQ").pack
_ABSENT: Final = _NUMBER(2**64 - 1)
_SHORTS: Final = 128
_SHORT: Final = [_NUMBER(size) for size in range(_SHORTS)]
"""The lengths of most headers, written out once."""


class TreeRecord(msgspec.Struct, frozen=True, gc=False):
    """A record of the ledger topic at its place: what the tree is made of."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


def record_digest(record: TreeRecord) -> bytes:
    """Return the digest of a record: the data of its leaf."""
    headers = record.headers
    parts = [
        _PLACE(record.partition, record.offset),
        *_field(record.key),
        *_field(record.value),
        _NUMBER(len(headers)),
    ]
    add = parts.append
    # Verifying a ledger comes by here eleven times a record: nothing is called twice.
    for name, value in headers:
        add(_name(name))
        if value is None:
            add(_ABSENT)
        else:
            size = len(value)
            add(_SHORT[size] if size < _SHORTS else _NUMBER(size))
            add(value)
    return sha256(b"".join(parts)).digest()


def _field(data: bytes | None) -> tuple[bytes, ...]:
    return (_ABSENT,) if data is None else (_NUMBER(len(data)), data)


@lru_cache(maxsize=256)
def _name(name: str) -> bytes:
    """Return the field of a header's name: its bytes, even if they are no text."""
    return b"".join(_field(name.encode("utf-8", "surrogateescape")))
