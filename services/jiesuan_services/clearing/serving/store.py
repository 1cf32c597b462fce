"""What clearing knows, on disk: deleting it costs a replay of two logs, never money.

One LMDB environment; what one request or one stretch of the ledger changed is written
in one transaction together with how far the logs were read.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import lmdb
import msgspec
from msgspec import Struct

MAP_BYTES: Final = 256 * 1024**3
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
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
        self._folder = folder
        self._changed: dict[bytes, Any] = {}
        self._open()

    def _open(self) -> None:
        """Open, after throwing away what a crash of the machine may have torn."""
        marker = self._folder / "boot"
        boot = f"{BOOT_ID.read_text()}{LAYOUT}"
        if self._folder.exists() and (
            not marker.exists() or marker.read_text() != boot
        ):
            shutil.rmtree(self._folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        marker.write_text(boot)
        self._env = lmdb.open(
            str(self._folder / "regions"),
            map_size=MAP_BYTES,
            sync=False,
            metasync=False,
            max_dbs=0,
            readahead=False,
        )
        self._env.reader_check()
        self._reading = self._env.begin(buffers=False)

    def close(self) -> None:
        """Close; what was committed is synced, so that even a new boot may use it."""
        self._reading.abort()
        self._env.sync(True)
        self._env.close()

    def clear(self) -> None:
        """Forget everything: the logs will tell it again."""
        self._changed.clear()
        self._reading.abort()
        self._env.close()
        shutil.rmtree(self._folder)
        self._open()

    def get(self, key: bytes) -> Any:
        """Read a value as it was put, or the bytes that lie on disk; None if absent."""
        if key in self._changed:
            return self._changed[key]
        return self._reading.get(key)

    def put(self, key: bytes, value: Any) -> None:
        """Change a value; None takes the key away."""
        self._changed[key] = value

    def under(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Read every committed key under a prefix, and its bytes."""
        with self._reading.cursor() as cursor:
            found = cursor.set_range(prefix)
            while found and cursor.key().startswith(prefix):
                yield cursor.key(), cursor.value()
                found = cursor.next()

    def checkpoint(self) -> ClearingCheckpoint | None:
        """Read how far clearing has come."""
        raw = self._reading.get(CHECKPOINT)
        if raw is None:
            return None
        return msgspec.msgpack.decode(raw, type=ClearingCheckpoint)

    def commit(self, checkpoint: ClearingCheckpoint) -> None:
        """Write what changed and the checkpoint, together or not at all."""
        self._reading.abort()
        with self._env.begin(write=True) as transaction:
            for key, value in self._changed.items():
                if value is None:
                    transaction.delete(key)
                else:
                    transaction.put(key, _encode(value))
            transaction.put(CHECKPOINT, _encode(checkpoint))
        self._reading = self._env.begin(buffers=False)
        self._changed.clear()

    @property
    def pending(self) -> int:
        """How many keys wait to be committed."""
        return len(self._changed)

    def forget(self) -> None:
        """Discard what was not committed."""
        self._changed.clear()
