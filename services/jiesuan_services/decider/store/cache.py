"""The cache of a partition's persons on disk: deleting it costs a replay, never money.

One LMDB environment a partition; everything that one acknowledged batch changed is
written in one transaction together with the checkpoint.
"""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from jiesuan_ledger.genesis import LedgerRefused
from jiesuan_services.runtime.disk.cache import DiskCache

MAP_BYTES: Final = 64 * 1024**3
LAYOUT: Final = 7
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


class Store(DiskCache):
    """Keys and values of one partition."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, name="persons", map_bytes=MAP_BYTES, layout=LAYOUT)

    def checkpoint(self) -> Checkpoint | None:
        """Read how far the store has come."""
        raw = self.get(CHECKPOINT)
        return None if raw is None else msgspec.msgpack.decode(raw, type=Checkpoint)

    def commit(
        self, changes: Iterable[tuple[bytes, bytes]], checkpoint: Checkpoint
    ) -> None:
        """Write a batch's changes and the checkpoint, together or not at all."""
        reached = (CHECKPOINT, msgspec.msgpack.encode(checkpoint))
        self.write(chain(changes, (reached,)))


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
