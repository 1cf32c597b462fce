"""The tree on disk: tiles, and the seals that were found to be the tree's.

A cache: deleted, it is made again from the log. What is written first is never
believed before the state that names it, which is replaced in one step.
"""

import asyncio
import fcntl
import json
import os
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from jiesuan_services.audit.tree.files.seal import Seal, read_seal
from jiesuan_services.audit.tree.notes.checkpoint import read_tree_head
from jiesuan_services.audit.tree.notes.note import read_note
from jiesuan_services.audit.tree.text import FormatError
from jiesuan_services.audit.tree.tiles import Tile, TileTree

SEALS_FILE: Final = "seals.jsonl"
_STATE: Final = "state.json"
_LOCK: Final = "lock"
_LOCK_SECONDS: Final = 0.05


class FolderState(Struct, frozen=True):
    """How far the folder is: the next seal to read, and the bytes of those found."""

    next_seal: int = 0
    seals: int = 0
    seal_bytes: int = 0
    last_bytes: int = 0
    strangers: int = 0
    """Records on the seals' topic that are no seals of this tree."""


class TreeFolder:
    """The tiles and the seals of one ledger."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = FolderState()
        self._locked = -1

    async def lock(self) -> None:
        """Wait until nobody else works on the folder."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._locked = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        while True:
            try:
                fcntl.flock(self._locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                await asyncio.sleep(_LOCK_SECONDS)
            else:
                return

    def unlock(self) -> None:
        """Release the lock of the folder."""
        os.close(self._locked)

    def open(self) -> tuple[TileTree, Seal | None]:
        """Return the tree as of the last seal found; what is broken is begun anew."""
        try:
            said = json.loads((self.path / _STATE).read_bytes())
            self.state = FolderState(**said)
            return self._opened()
        except (OSError, ValueError, TypeError):
            self.state = FolderState()
            return TileTree(), None

    def _opened(self) -> tuple[TileTree, Seal | None]:
        last = self.last_seal()
        if last is None:
            return TileTree(), None
        tree = TileTree.resumed(last.size, self.read)
        head = read_tree_head(read_note(last.checkpoint).text)
        if tree.root() != head.root:
            raise FormatError("瓦片与最后一次封存不符")
        return tree, last

    def read(self, tile: Tile) -> bytes:
        """Return the bytes of a tile."""
        return (self.path / tile.path).read_bytes()

    def write(self, tile: Tile, data: bytes) -> None:
        """Write a tile; whoever reads meets the whole of it or none."""
        # Not waited for: a tile that a power cut took is found when it is next used.
        _replace(self.path / tile.path, data, wait=False)

    def last_seal(self) -> Seal | None:
        """Return the last seal that was found to be the tree's."""
        if self.state.seals == 0:
            return None
        start = self.state.seal_bytes - self.state.last_bytes
        line = self._seal_bytes(start, self.state.last_bytes)
        if not line.endswith(b"\n"):
            raise FormatError("最后一次封存不完整")
        return read_seal(line[:-1])

    def add(self, seal: Seal, *, next_seal: int) -> None:
        """Take note of a seal whose tiles have been written."""
        line = f"{seal.line}\n".encode()
        state = self.state
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / SEALS_FILE).open("ab") as file:
            # Whatever a crash left behind the last state is written over.
            file.truncate(state.seal_bytes)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self._save(
            FolderState(
                next_seal,
                state.seals + 1,
                state.seal_bytes + len(line),
                len(line),
                state.strangers,
            )
        )

    def pass_over(self, next_seal: int, *, strangers: int = 0) -> None:
        """Take note of what stands on the seals' topic and is no seal of this tree.

        The mark of a stranger's transaction is nothing, and no stranger either.
        """
        passed = self.state.strangers + strangers
        self._save(replace(self.state, next_seal=next_seal, strangers=passed))

    def covering(self, partition: int, offset: int) -> tuple[Seal | None, Seal] | None:
        """Return the first seal that covers a record, and the seal before it.

        Seals only grow, so the file is searched by halves.
        """
        low, high = 0, self.state.seal_bytes
        found: Seal | None = None
        before: Seal | None = None
        with (self.path / SEALS_FILE).open("rb") as file:
            while low < high:
                middle = _line_start(file.fileno(), (low + high) // 2, least=low)
                file.seek(middle)
                line = file.readline()
                seal = read_seal(line[:-1])
                if seal.ends.get(partition, -1) >= offset:
                    found, high = seal, middle
                else:
                    before, low = seal, middle + len(line)
        return None if found is None else (before, found)

    def _seal_bytes(self, start: int, count: int) -> bytes:
        with (self.path / SEALS_FILE).open("rb") as file:
            file.seek(start)
            return file.read(count)

    def _save(self, state: FolderState) -> None:
        said = {name: getattr(state, name) for name in state.__struct_fields__}
        _replace(self.path / _STATE, json.dumps(said).encode(), wait=True)
        self.state = state


def _line_start(file: int, at: int, *, least: int) -> int:
    """Return where the line around a byte begins."""
    step = 4096
    while at > least:
        start = max(least, at - step)
        newline = os.pread(file, at - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        at = start
    return least


def _replace(path: Path, data: bytes, *, wait: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        if wait:
            os.fsync(file.fileno())
    new.replace(path)
