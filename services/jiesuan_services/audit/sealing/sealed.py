"""The sealed tree: the ledger's records in the order of the seals on the log.

Every reader accepts of `jiesuan.seals` what goes on from the seal before it and has
the tree's own root; anything else there is a stranger: named, counted and passed over,
as forks are in the ledger.
"""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Self

from jiesuan_events.words.topics import LEDGER, SEALS
from jiesuan_ledger.log.imported import MARKS
from jiesuan_ledger.log.port import Log, Stored
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.ours import StrangerReason
from jiesuan_services.audit.sealing.folder import TreeFolder
from jiesuan_services.audit.sealing.keyfile import SealRefused
from jiesuan_services.audit.tree.digest import TreeRecord, digest_of
from jiesuan_services.audit.tree.files.seal import Seal, check_follows, read_seal
from jiesuan_services.audit.tree.merkle import leaf_hash
from jiesuan_services.audit.tree.notes.checkpoint import read_tree_head
from jiesuan_services.audit.tree.notes.keys import VerifierKey
from jiesuan_services.audit.tree.notes.note import opened, read_note
from jiesuan_services.audit.tree.order import Ends, Run, runs
from jiesuan_services.audit.tree.text import FormatError
from jiesuan_services.audit.tree.tiles import TileTree

SEALS_AT_ONCE: Final = 10_000
Name = Callable[[int, StrangerReason], None]
"""Called with the offset of each stranger among the seals, and why it is one."""


def nobody(offset: int, reason: StrangerReason) -> None:
    """Name no stranger: they are counted all the same."""


def accept_seal(record: Record, last: Seal | None) -> Seal | StrangerReason:
    """Return the seal that a record holds and that follows, or why it is a stranger.

    Whose it is and whether its root is the tree's is not looked at here.
    """
    if record.key is not None:
        return StrangerReason.NOT_OUR_KEY
    if record.value is None:
        return StrangerReason.NO_VALUE
    if not {name for name, _ in record.headers} <= MARKS:
        return StrangerReason.NOT_OUR_HEADERS
    try:
        seal = read_seal(record.value)
    except FormatError:
        return StrangerReason.NOT_UNDERSTOOD
    try:
        check_follows(seal, last)
    except FormatError:
        return StrangerReason.OVERTAKEN
    return seal


async def is_sealed(log: Log, *, partitions: int) -> bool:
    """Whether a seal of this very ledger stands on the log, whoever made it."""
    with tempfile.TemporaryDirectory(prefix="jiesuan-seals-") as name:
        tree = SealedTree(log, Path(name), key=None, partitions=partitions)
        async with tree as sealed:
            return sealed.last is not None


class SealedTree:
    """The tree up to the last seal, kept in a folder, fed from the log.

    Without a key any seal counts that has the tree's root and covers no more of the
    ``partitions`` than there is.
    """

    def __init__(
        self,
        log: Log,
        folder: Path,
        *,
        key: VerifierKey | None,
        partitions: int | None = None,
        name: Name = nobody,
    ) -> None:
        self._partitions = partitions
        self._name = name
        self.folder = TreeFolder(folder)
        self.last: Seal | None = None
        self.tree = TileTree()
        self._log = log
        self._key = key

    async def __aenter__(self) -> Self:
        await self.folder.lock()
        try:
            self.tree, self.last = self.folder.open()
            await self.catch_up()
        except BaseException:
            self.folder.unlock()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.folder.unlock()

    async def catch_up(self) -> None:
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
        found = accept_seal(stored.record, self.last)
        wrong = (
            found
            if isinstance(found, StrangerReason)
            else await self._grown_to(found, next_seal)
        )
        if wrong is not None:
            self._name(stored.offset, wrong)
            self.folder.pass_over(next_seal, strangers=1)

    async def _grown_to(self, seal: Seal, next_seal: int) -> StrangerReason | None:
        """Take a seal over if it is ours and its root the tree's."""
        try:
            root = self._signed_root(seal)
        except FormatError:
            return StrangerReason.NOT_OUR_SIGNATURE
        if not await self._is_there(seal):
            return StrangerReason.NOT_THE_TREE
        tree = await self.grown(seal.ends)
        if tree.root() != root:
            return StrangerReason.NOT_THE_TREE
        self.add(seal, tree, next_seal=next_seal)
        return None

    async def _is_there(self, seal: Seal) -> bool:
        """Whether the ledger is as long as a seal says that nobody's key signed.

        What a key of ours has signed was there: a record less is a loss.
        """
        if self._partitions is None:
            return True
        if len(seal.ends) != self._partitions:
            return False
        for partition, last in seal.ends.items():
            if last >= await self._log.end_offset(LEDGER, partition):
                return False
        return True

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
                digest = digest_of(run.partition, stored.offset, record=stored.record)
                for tile, data in tree.append(leaf_hash(digest)):
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
