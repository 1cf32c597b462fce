"""What clearing knows, on disk: deleting it costs a replay of two logs, never money.

One LMDB environment; what one request or one stretch of the ledger changed is written
in one transaction together with how far the logs were read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from jiesuan_services.runtime.disk.cache import DiskCache

MAP_BYTES: Final = 256 * 1024**3
LAYOUT: Final = 2
"""Counted up whenever keys or values are written differently."""
CHECKPOINT: Final = b"\xffcheckpoint"
_encode: Final = msgspec.msgpack.Encoder().encode


class ClearingCheckpoint(Struct, frozen=True):
    """How far clearing has come: of which ledger, and where in which log."""

    ledger_id: str
    ledger_next: tuple[int, ...]
    clearing_next: int = 0
    last_hash: bytes = b""
    last_offset: int = -1
    request_next: int = 0
    answers_next: int = 0


class ClearingStore:
    """Keys and values; what changed waits in memory until it is committed."""

    def __init__(self, folder: Path) -> None:
        self._disk = DiskCache(
            folder, name="regions", map_bytes=MAP_BYTES, layout=LAYOUT
        )
        self._changed: dict[bytes, Any] = {}

    def close(self) -> None:
        """Close; what was committed is synced, so that even a new boot may use it."""
        self._disk.close()

    def clear(self) -> None:
        """Forget everything: the logs will tell it again."""
        self._changed.clear()
        self._disk.clear()

    def get(self, key: bytes) -> Any:
        """Read a value as it was put, or the bytes that lie on disk; None if absent."""
        if key in self._changed:
            return self._changed[key]
        return self._disk.get(key)

    def put(self, key: bytes, value: Any) -> None:
        """Change a value; None takes the key away."""
        self._changed[key] = value

    def under(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Read every committed key under a prefix, and its bytes."""
        return self._disk.under(prefix)

    def checkpoint(self) -> ClearingCheckpoint | None:
        """Read how far clearing has come."""
        raw = self._disk.get(CHECKPOINT)
        if raw is None:
            return None
        return msgspec.msgpack.decode(raw, type=ClearingCheckpoint)

    def commit(self, checkpoint: ClearingCheckpoint) -> None:
        """Write what changed and the checkpoint, together or not at all."""
        self._disk.write(self._encoded(checkpoint))
        self._changed.clear()

    def _encoded(
        self, checkpoint: ClearingCheckpoint
    ) -> Iterator[tuple[bytes, bytes | None]]:
        for key, value in self._changed.items():
            yield key, None if value is None else _encode(value)
        yield CHECKPOINT, _encode(checkpoint)

    @property
    def pending(self) -> int:
        """How many keys wait to be committed."""
        return len(self._changed)

    def forget(self) -> None:
        """Discard what was not committed."""
        self._changed.clear()
