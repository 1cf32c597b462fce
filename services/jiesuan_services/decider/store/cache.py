"""The cache of a partition's persons on disk: deleting it costs a replay, never money.

One LMDB environment a partition; everything that one acknowledged batch changed is
written in one transaction together with the checkpoint.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import lmdb
import msgspec
from msgspec import Struct

from jiesuan_ledger.genesis import LedgerRefused

MAP_BYTES: Final = 64 * 1024**3
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
LAYOUT: Final = 6
"""Counted up whenever keys or values are written differently."""
CHECKPOINT: Final = b"checkpoint"


class Checkpoint(Struct, frozen=True):
    """How far the store has come: of which ledger, and where in which topic."""

    ledger_id: str
    ledger_next: int
    last_hash: bytes
    last_offset: int
    request_next: int
    answers_next: int


class Store:
    """Keys and values of one partition."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open()

    def _open(self) -> None:
        """Open, after throwing away what cannot be trusted.

        Writes are not synced: the system keeps them over a crash of the process, but
        not over one of the machine, which a new boot id tells. What a program with
        another layout wrote would read as persons of whom nothing is known.
        """
        marker = self._folder / "boot"
        boot = f"{BOOT_ID.read_text()}{LAYOUT}"
        if self._folder.exists() and (
            not marker.exists() or marker.read_text() != boot
        ):
            shutil.rmtree(self._folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        marker.write_text(boot)
        self._env = lmdb.open(
            str(self._folder / "persons"),
            map_size=MAP_BYTES,
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
        """Read one value."""
        value: bytes | None = self._reading.get(key)
        return value

    def checkpoint(self) -> Checkpoint | None:
        """Read how far the store has come."""
        raw = self.get(CHECKPOINT)
        return None if raw is None else msgspec.msgpack.decode(raw, type=Checkpoint)

    def commit(
        self, changes: Iterable[tuple[bytes, bytes]], checkpoint: Checkpoint
    ) -> None:
        """Write a batch's changes and the checkpoint, together or not at all."""
        self._reading.abort()
        with self._env.begin(write=True) as transaction:
            for key, value in changes:
                transaction.put(key, value)
            transaction.put(CHECKPOINT, msgspec.msgpack.encode(checkpoint))
        self._reading = self._env.begin(buffers=False)


def fit(checkpoint: Checkpoint | None, ledger_id: str, *, end: int) -> bool:
    """Whether a store knows anything of a ledger that is at least as long.

    Another ledger, or a log shorter than the store, is refused, never papered over.
    """
    if checkpoint is None:
        return False
    if checkpoint.ledger_id != ledger_id:
        raise LedgerRefused(
            f"这个存储属于账本{checkpoint.ledger_id}，而集群上是{ledger_id}："
            "请把JIESUAN_KAFKA指向正确的集群，或为每个账本使用各自的数据目录"
        )
    if checkpoint.ledger_next > end:
        raise LedgerRefused(
            f"账本止于{end}，而已确认过{checkpoint.ledger_next}条账目："
            "末尾的记录丢失，请从副本恢复主题"
        )
    return True
