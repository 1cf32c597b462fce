"""A cache on disk of what the logs tell: one LMDB environment, one reading snapshot."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import lmdb

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class DiskCache:
    """Keys and values, written in transactions that are not synced."""

    def __init__(self, folder: Path, *, name: str, map_bytes: int, layout: int) -> None:
        self._folder = folder
        self._name = name
        self._map_bytes = map_bytes
        self._layout = layout
        self._open()

    def _open(self) -> None:
        """Open, after throwing away what cannot be trusted.

        Writes are not synced: the system keeps them over a crash of the process, but
        not over one of the machine, which a new boot id tells. What a program with
        another layout wrote would read as if nothing were known.
        """
        marker = self._folder / "boot"
        boot = f"{BOOT_ID.read_text()}{self._layout}"
        if self._folder.exists() and (
            not marker.exists() or marker.read_text() != boot
        ):
            shutil.rmtree(self._folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        marker.write_text(boot)
        self._env = lmdb.open(
            str(self._folder / self._name),
            map_size=self._map_bytes,
            sync=False,
            metasync=False,
            max_dbs=0,
            readahead=False,
        )
        # A killed reader keeps the pages of its snapshot until it is struck off.
        self._env.reader_check()
        # One snapshot is read from one commit to the next: a key costs 0.4 us in it and
        # 0.9 us in one opened for it (`python -m tools.shapes`).
        self._reading = self._env.begin(buffers=False)

    def close(self) -> None:
        """Close; what was committed is synced, so that even a new boot may use it."""
        self._reading.abort()
        self._env.sync(True)
        self._env.close()

    def clear(self) -> None:
        """Forget everything: the log will tell it again."""
        self._reading.abort()
        self._env.close()
        shutil.rmtree(self._folder)
        self._open()

    def get(self, key: bytes) -> bytes | None:
        """Read one committed value."""
        value: bytes | None = self._reading.get(key)
        return value

    def under(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Read every committed key under a prefix, and its bytes."""
        with self._reading.cursor() as cursor:
            found = cursor.set_range(prefix)
            while found and cursor.key().startswith(prefix):
                yield cursor.key(), cursor.value()
                found = cursor.next()

    def write(self, changes: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Write changes together or not at all; None takes a key away."""
        self._reading.abort()
        try:
            with self._env.begin(write=True) as transaction:
                _change(transaction, changes)
        finally:
            # A write that failed must not keep what is there from being read.
            self._reading = self._env.begin(buffers=False)


def _change(
    transaction: lmdb.Transaction, changes: Iterable[tuple[bytes, bytes | None]]
) -> None:
    for key, value in changes:
        if value is None:
            transaction.delete(key)
        else:
            transaction.put(key, value)
