"""Vectors that other implementations made, and the tree they were made of."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from jiesuan_services.audit.tree.merkle import Subtree, leaf_hash, range_hash
from jiesuan_services.audit.tree.tiles import Tile, Tiles, TileTree

VECTORS = Path(__file__).parent / "vectors"


class Seen:
    """A tree of numbered leaves as it was at a size, read from the larger one's."""

    def __init__(self, size: int, hashes: dict[int, list[bytes]]) -> None:
        self.size = size
        self._hashes = hashes

    def bytes(self, tile: Tile) -> bytes:
        """Return what the file of a tile holds."""
        first = tile.index * 256
        return b"".join(self._hashes[tile.level][first : first + tile.width])

    @property
    def subtree(self) -> Subtree:
        """The hashes of perfect subtrees, for the making of proofs."""
        return Tiles(self.size, self.bytes).subtree

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return range_hash(0, self.size, subtree=self.subtree)


class Grown:
    """A tree that kept every tile as it grew."""

    def __init__(self, size: int) -> None:
        tree = TileTree()
        tiles: dict[Tile, bytes] = {}
        for number in range(size):
            data = sha256(f"leaf {number}".encode()).digest()
            tiles.update(tree.append(leaf_hash(data)))
        tiles.update(tree.edge())
        self._hashes: dict[int, list[bytes]] = {}
        for tile in sorted(tiles, key=lambda one: (one.level, one.index)):
            level = self._hashes.setdefault(tile.level, [])
            data = tiles[tile]
            level += [data[at : at + 32] for at in range(0, len(data), 32)]

    def at(self, size: int) -> Seen:
        """Return the tree as it was at a smaller size."""
        return Seen(size, self._hashes)


@pytest.fixture(scope="session")
def tree_vectors() -> Any:
    """Roots, proofs and tiles of Go's `sumdb/tlog`."""
    return json.loads((VECTORS / "tree.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def note_vectors() -> Any:
    """Notes, checkpoints, cosignatures and proofs of Go's implementations."""
    return json.loads((VECTORS / "notes.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def seventy_thousand() -> Grown:
    """The vectors' largest tree."""
    return Grown(70_000)
