"""A cache on disk of what the logs tell: one LMDB environment, one reading snapshot.

One process works in it at a time. LMDB would let in a second, which would read what the
first has written as if it had decided that itself.
"""

import contextlib
import fcntl
import os
import shutil
import time
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import lmdb

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
LOCK: Final = "lock"
"""A file that is never taken away: another one would be another lock."""
ENDING_SECONDS: Final = 1.0
"""How long a process that was killed a moment ago may hold its folder yet."""
POLL_SECONDS: Final = 0.02
PID_BYTES: Final = 20


class FolderInUse(RuntimeError):
    """A folder in which another process works."""


def _locked(folder: Path) -> int:
    """Hold a lock that ends with its process, and say whose it is."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    until = time.monotonic() + ENDING_SECONDS
    while not _try_lock(lock):
        if time.monotonic() > until:
            holder = os.pread(lock, PID_BYTES, 0).decode()
            os.close(lock)
            raise FolderInUse(
                f"{folder} 正由另一进程（{holder}）使用：请先停止它，或另设数据目录"
            )
        time.sleep(POLL_SECONDS)
    # Whose it is is said for people: a full disk keeps nobody from his folder.
    with contextlib.suppress(OSError):
        os.truncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class DiskCache:
    """Keys and values, written in transactions that are not synced."""

    def __init__(self, folder: Path, *, name: str, map_bytes: int, layout: int) -> None:
        self._folder = folder
        self._name = name
        self._map_bytes = map_bytes
        self._layout = layout
        # Who forgets to close lets go of the folder as of LMDB's: with the object.
        self._let_go = weakref.finalize(self, os.close, _locked(folder))
        try:
            self._open()
        except BaseException:
            self._let_go()
            raise

    def _open(self) -> None:
        """Open, after throwing away what cannot be trusted.

        Writes are not synced: the system keeps them over a crash of the process, but
        not over one of the machine, which a new boot id tells. What a program with
        another layout wrote would read as if nothing were known.
        """
        marker = self._folder / "boot"
        boot = f"{BOOT_ID.read_text()}{self._layout}"
        if not marker.exists() or marker.read_text() != boot:
            self._empty()
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

    def _empty(self) -> None:
        """Throw away everything but the lock."""
        for path in self._folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != LOCK:
                path.unlink()

    def close(self) -> None:
        """Close; what was committed is synced, so that even a new boot may use it."""
        try:
            self._reading.abort()
            self._env.sync(True)
            self._env.close()
        finally:
            self._let_go()

    def clear(self) -> None:
        """Forget everything: the log will tell it again."""
        self._reading.abort()
        self._env.close()
        self._empty()
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
