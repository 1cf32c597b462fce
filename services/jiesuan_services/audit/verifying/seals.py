"""Every seal of the log held against the records that are there now."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from jiesuan_events.words.topics import SEALS
from jiesuan_ledger.log.port import Log, Stored
from jiesuan_ledger.ours import StrangerReason
from jiesuan_services.audit.sealing.sealed import accept_seal
from jiesuan_services.audit.tree.files.seal import Seal
from jiesuan_services.audit.tree.notes.checkpoint import (
    opened_checkpoint,
    read_tree_head,
)
from jiesuan_services.audit.tree.notes.keys import VerifierKey
from jiesuan_services.audit.tree.notes.note import read_note
from jiesuan_services.audit.tree.order import Run, runs
from jiesuan_services.audit.tree.text import HASH_BYTES, FormatError
from jiesuan_services.audit.tree.tiles import WIDTH, Tile, TileTree
from jiesuan_services.audit.verifying.leaves import count_leaves, read_leaves
from jiesuan_services.audit.verifying.report import Report

MOST_NAMED: Final = 20


class SealsCheck:
    """Grows the tree of what was read, and holds each seal's root against it.

    Where the tree of this machine still has the tile of a changed record, the record
    is named; else the records that the seal put into the tree are.
    """

    def __init__(self, leaves: Path, *, tiles: Path, key: VerifierKey | None) -> None:
        self._leaves = leaves
        self._tiles = tiles
        self._key = key
        self._tree = TileTree()
        self._last: Seal | None = None
        self._runs: list[Run] = []
        self._passed_over = 0

    async def check(self, log: Log, report: Report) -> None:
        """Check every seal up to the first that does not hold."""
        async for stored in _seals(log):
            seal = self._seal(stored)
            if seal is None:
                self._passed_over += 1
            elif not self._grow(seal, report) or not self._holds(seal, report):
                break
            else:
                self._last, self._runs = seal, []
                report.seals += 1
                report.sealed = seal.size
        if self._passed_over:
            report.warnings.append(
                f"jiesuan.seals：{self._passed_over} 条记录不是这个账本的封存"
            )

    def _seal(self, stored: Stored) -> Seal | None:
        seal = accept_seal(stored.record, self._last)
        if isinstance(seal, StrangerReason):
            return None
        try:
            if self._key is not None:
                opened_checkpoint(seal.checkpoint, self._key)
            return seal if _root(seal) else None
        except FormatError:
            return None

    def _grow(self, seal: Seal, report: Report) -> bool:
        ends = [seal.ends] if self._last is None else [self._last.ends, seal.ends]
        done = 0 if self._last is None else self._last.size
        for run in runs(ends):
            if run.index < done:
                continue
            there = count_leaves(self._leaves, run.partition)
            if there <= run.last:
                report.wrong.append(
                    f"分区 {run.partition} 偏移 {there}：已封存而缺失，"
                    f"封存覆盖到偏移 {run.last}"
                )
                return False
            self._runs.append(run)
            for leaf in self._read(run):
                self._tree.append(leaf)
        return True

    def _read(self, run: Run) -> Sequence[bytes]:
        return read_leaves(self._leaves, run.partition, first=run.first, last=run.last)

    def _holds(self, seal: Seal, report: Report) -> bool:
        if self._tree.root() == _root(seal):
            return True
        named = [place for run in self._runs for place in self._changed(run, seal)]
        report.wrong += [f"{place}：记录与封存时不同" for place in named[:MOST_NAMED]]
        if not named:
            places = "；".join(
                f"分区 {run.partition} 偏移 {run.first} 至 {run.last}"
                for run in self._runs
            )
            report.wrong.append(
                f"{seal.size} 条记录的封存不成立：它新增的记录此后有改动（{places}）"
            )
        return False

    def _changed(self, run: Run, seal: Seal) -> list[str]:
        """Return the places of a run whose leaves differ from this machine's tiles."""
        found = []
        for at, leaf in enumerate(self._read(run)):
            known = self._known(run.index + at, seal.size)
            if known not in (None, leaf):
                found.append(f"分区 {run.partition} 偏移 {run.first + at}")
        return found

    def _known(self, index: int, size: int) -> bytes | None:
        tile, place = divmod(index, WIDTH)
        for width in (WIDTH, min(WIDTH, size - tile * WIDTH)):
            path = self._tiles / Tile(0, tile, width).path
            if path.exists():
                data = path.read_bytes()
                return data[place * HASH_BYTES : (place + 1) * HASH_BYTES]
        return None


def _root(seal: Seal) -> bytes | None:
    head = read_tree_head(read_note(seal.checkpoint).text)
    return head.root if head.size == seal.size else None


async def _seals(log: Log) -> AsyncIterator[Stored]:
    stop = await log.end_offset(SEALS, 0)
    async for batch in log.read(SEALS, 0, start=0, stop=stop):
        for stored in batch:
            yield stored


async def sealed_ends(log: Log) -> dict[int, int]:
    """Return the last offset of each partition that the last seal says it covers."""
    last: Seal | None = None
    async for stored in _seals(log):
        found = accept_seal(stored.record, last)
        last = found if isinstance(found, Seal) else last
    return {} if last is None else dict(last.ends)
