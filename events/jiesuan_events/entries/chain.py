"""The chain of one person's entries: the hash over stored bytes, and what follows it.

``hash = SHA-256(prev-hash ‖ version ‖ type ‖ value)``: 32 raw bytes, 8 bytes big
endian, the CloudEvents type in ASCII, the stored bytes of the value.
"""

from hashlib import sha256
from typing import Final

GENESIS: Final = bytes(32)
"""The hash before a person's first entry."""


def entry_hash(previous: bytes, version: int, *, type_: str, value: bytes) -> bytes:
    """Hash one entry over its stored bytes; upcasting never changes the hash."""
    parts = (previous, version.to_bytes(8, "big"), type_.encode("ascii"), value)
    return sha256(b"".join(parts)).digest()


def follows(head_version: int, head_hash: bytes, *, version: int, prev: bytes) -> bool:
    """Whether an entry is the next one of its person; else it is a fork."""
    return version == head_version + 1 and prev == head_hash


def sha256_hex(data: bytes) -> str:
    """Digest bytes: SHA-256 in lower-case hex."""
    return sha256(data).hexdigest()
