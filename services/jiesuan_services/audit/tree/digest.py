"""The record digest: 32 bytes that say everything of a record and where it stands.

Every part goes in with its length, so no two records can run into the same bytes.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Final

from msgspec import Struct

_ABSENT: Final = (2**64 - 1).to_bytes(8, "big")


class TreeRecord(Struct, frozen=True, gc=False):
    """A record of the ledger topic at its place: what the tree is made of."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


def record_digest(record: TreeRecord) -> bytes:
    """Return the digest of a record: the data of its leaf."""
    parts = [
        _number(record.partition),
        _number(record.offset),
        _field(record.key),
        _field(record.value),
        _number(len(record.headers)),
    ]
    for name, value in record.headers:
        parts.append(_name(name))
        parts.append(_field(value))
    return sha256(b"".join(parts)).digest()


def _number(number: int) -> bytes:
    return number.to_bytes(8, "big")


def _field(data: bytes | None) -> bytes:
    return _ABSENT if data is None else len(data).to_bytes(8, "big") + data


@lru_cache(maxsize=256)
def _name(name: str) -> bytes:
    """Return the field of a header's name: its bytes, even if they are no text."""
    return _field(name.encode("utf-8", "surrogateescape"))
