"""The sealed tree: the ledger's records in the order of the seals on the log.

Every reader accepts of `jiesuan.seals` what goes on from the seal before it and has
the tree's own root; anything else there is passed over, as forks are in the ledger.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from jiesuan_events.words.topics import LEDGER, SEALS
from jiesuan_ledger.log.port import Log, Stored
from jiesuan_services.audit.sealing.folder import TreeFolder
from jiesuan_services.audit.sealing.keyfile import SealRefused
from jiesuan_services.audit.tree.digest import TreeRecord, record_digest
from jiesuan_services.audit.tree.files.seal import Seal, check_follows, read_seal
from jiesuan_services.audit.tree.merkle import leaf_hash
from jiesuan_services.audit.tree.notes.checkpoint import read_tree_head
from jiesuan_services.audit.tree.notes.keys import VerifierKey
from jiesuan_services.audit.tree.notes.note import opened, read_note
from jiesuan_services.audit.tree.order import Ends, Run, runs
from jiesuan_services.audit.tree.text import FormatError
from jiesuan_services.audit.tree.tiles import TileTree

SEALS_AT_ONCE: Final = 10_000


class SealedTree:
    """The tree up to the last seal, kept in a folder, fed from the log."""

    def __init__(self, log: Log, folder: Path, *, key: VerifierKey | None) -> None:
        self.folder = TreeFolder(folder)
        self.last: Seal | None = None
        self.tree = TileTree()
        self._log = log
        self._key = key

    async def __aenter__(self) -> Self:
        await self.folder.lock()
        try:
            self.tree, self.last = self.folder.open()
            await self._catch_up()
        except BaseException:
            self.folder.unlock()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.folder.unlock()

    async def _catch_up(self) -> None:
        """Follow the seals on the log to their end, some at a time.

        A log reads one range at once, and taking a seal reads the ledger.
        """
        end = await self._log.end_offset(SEALS, 0)
        while (start := self.folder.state.next_seal) < end:
            stop = min(end, start + SEALS_AT_ONCE)
            reading = self._log.read(SEALS, 0, start=start, stop=stop)
            found = [stored async for batch in reading for stored in batch]
            for stored in found:
                await self._take(stored)
            if self.folder.state.next_seal < stop:
                self.folder.pass_over(stop)

    async def _take(self, stored: Stored) -> None:
        next_seal = stored.offset + 1
        try:
            seal = read_seal(stored.record.value or b"")
            check_follows(seal, self.last)
            root = self._signed_root(seal)
        except FormatError:
            self.folder.pass_over(next_seal)
            return
        tree = await self.grown(seal.ends)
        if tree.root() == root:
            self.add(seal, tree, next_seal=next_seal)
        else:
            self.folder.pass_over(next_seal)

    def _signed_root(self, seal: Seal) -> bytes:
        """Return the root that a seal claims; with a key, the root that it signs."""
        note = seal.checkpoint
        text = opened(note, self._key) if self._key else read_note(note).text
        head = read_tree_head(text)
        if head.size != seal.size:
            raise FormatError("封存的大小与检查点不符")
        return head.root

    def add(self, seal: Seal, tree: TileTree, *, next_seal: int) -> None:
        """Take a seal over whose tree has been grown."""
        for tile, data in tree.edge():
            self.folder.write(tile, data)
        self.folder.add(seal, next_seal=next_seal)
        self.tree, self.last = tree, seal

    async def grown(self, ends: Ends) -> TileTree:
        """Return the tree with the records up to these ends; full tiles are written."""
        size = self.tree.size
        edge = dict(self.tree.edge())
        tree = TileTree.resumed(size, edge.__getitem__)
        for run in self._runs(ends):
            await self._append(tree, run)
        return tree

    def _runs(self, ends: Ends) -> list[Run]:
        if self.last is None:
            return list(runs([ends]))
        return [
            run for run in runs([self.last.ends, ends]) if run.index >= self.last.size
        ]

    async def _append(self, tree: TileTree, run: Run) -> None:
        expected = run.first
        # The mark of a stranger's transaction is a leaf too: one that says nothing.
        reading = self._log.read(
            LEDGER, run.partition, start=run.first, stop=run.last + 1, markers=True
        )
        async for batch in reading:
            for stored in batch:
                if stored.offset != expected:
                    raise missing(run.partition, expected)
                leaf = leaf_hash(record_digest(tree_record(run.partition, stored)))
                for tile, data in tree.append(leaf):
                    self.folder.write(tile, data)
                expected += 1
        if expected != run.last + 1:
            raise missing(run.partition, expected)


def tree_record(partition: int, stored: Stored) -> TreeRecord:
    """Return a stored record as the tree takes it."""
    record = stored.record
    return TreeRecord(
        partition, stored.offset, record.key, record.value, tuple(record.headers)
    )


def missing(partition: int, offset: int) -> SealRefused:
    """Return the refusal of a ledger with a hole."""
    return SealRefused(
        f"账本有缺失：partition {partition} offset {offset} 没有记录，"
        "请先从副本恢复 jiesuan.ledger"
    )


async def ledger_ends(log: Log, partitions: int) -> Mapping[int, int]:
    """Return the last offset of every partition as of now, asked for once."""
    ends = {}
    for partition in range(partitions):
        if await log.begin_offset(LEDGER, partition) != 0:
            raise missing(partition, 0)
        ends[partition] = await log.end_offset(LEDGER, partition) - 1
    return ends
