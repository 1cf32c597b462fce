"""The tree as C2SP tlog-tiles: files of up to 256 hashes, at their places.

A `TileTree` holds no more than the right edge, so it grows by any number of leaves
in little memory; `Tiles` reads what proofs need out of the files of a size.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec import Struct

from jiesuan_services.audit.tree.merkle import (
    Subtree,
    folded,
    perfect_hash,
)
from jiesuan_services.audit.tree.text import HASH_BYTES, FormatError

WIDTH: Final = 256
HEIGHT: Final = 8


class Tile(Struct, frozen=True):
    """One tile: its level, its index in the level, how many hashes it holds."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        """The place of the tile under the folder of an export."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        named = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{named}{partial}"


def tiles_of(size: int) -> Iterator[Tile]:
    """Return every tile of a tree of a size, the leaves' first."""
    level, count = 0, size
    while count:
        for index in range(count // WIDTH):
            yield Tile(level, index, WIDTH)
        if count % WIDTH:
            yield Tile(level, count // WIDTH, count % WIDTH)
        level, count = level + 1, count // WIDTH


class TileTree:
    """A growing tree: its size and the unfinished tiles of its right edge."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[list[bytes]] = [[]]

    @classmethod
    def resumed(cls, size: int, read: Callable[[Tile], bytes]) -> "TileTree":
        """Return the tree of a size, from its partial tiles."""
        tree = cls()
        tree.size = size
        tree._edge = []
        level, count = 0, size
        while count or not tree._edge:
            width = count % WIDTH
            tile = Tile(level, count // WIDTH, width)
            tree._edge.append(hashes_of(tile, read(tile)) if width else [])
            level, count = level + 1, count // WIDTH
        return tree

    def append(self, leaf: bytes) -> list[tuple[Tile, bytes]]:
        """Add the hash of a leaf; return the tiles that it completes."""
        self.size += 1
        edge = self._edge[0]
        edge.append(leaf)
        return self._carry() if len(edge) == WIDTH else []

    def _carry(self) -> list[tuple[Tile, bytes]]:
        made = []
        level = 0
        while len(hashes := self._edge[level]) == WIDTH:
            index = (self.size >> HEIGHT * (level + 1)) - 1
            made.append((Tile(level, index, WIDTH), b"".join(hashes)))
            self._edge[level] = []
            level += 1
            if level == len(self._edge):
                self._edge.append([])
            self._edge[level].append(perfect_hash(hashes))
        return made

    def edge(self) -> list[tuple[Tile, bytes]]:
        """Return the partial tiles as of now."""
        return [
            (
                Tile(level, self.size >> HEIGHT * (level + 1), len(hashes)),
                b"".join(hashes),
            )
            for level, hashes in enumerate(self._edge)
            if hashes
        ]

    def root(self) -> bytes:
        """Return the root as of now."""
        peaks = [peak for hashes in reversed(self._edge) for peak in _peaks_of(hashes)]
        return folded(peaks)


class Tiles:
    """The tiles of a tree of a size, read as proofs ask for them."""

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self.size = size
        self._read = read
        self._kept: dict[tuple[int, int], list[bytes]] = {}

    @property
    def subtree(self) -> Subtree:
        """The hash of a perfect subtree, for the making of proofs."""
        return self._subtree

    def _subtree(self, height: int, index: int) -> bytes:
        level, above = divmod(height, HEIGHT)
        first = index << above
        hashes = self._tile(level, first // WIDTH)
        at = first % WIDTH
        part = hashes[at : at + (1 << above)]
        if len(part) != 1 << above:
            raise FormatError(f"大小为 {self.size} 的树没有这样的子树")
        return perfect_hash(part)

    def _tile(self, level: int, index: int) -> list[bytes]:
        if (level, index) not in self._kept:
            width = min(WIDTH, (self.size >> HEIGHT * level) - index * WIDTH)
            tile = Tile(level, index, width)
            self._kept[level, index] = hashes_of(tile, self._read(tile))
        return self._kept[level, index]


def hashes_of(tile: Tile, data: bytes) -> list[bytes]:
    """Return the hashes of a tile's bytes, which must be as many as it says."""
    if len(data) != tile.width * HASH_BYTES:
        raise FormatError(
            f"{tile.path} 应为 {tile.width * HASH_BYTES} 字节，实为 {len(data)} 字节"
        )
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def _peaks_of(hashes: list[bytes]) -> Iterable[bytes]:
    """Return the roots of the perfect subtrees over the hashes of one level."""
    at = 0
    while at < len(hashes):
        count = 1 << ((len(hashes) - at).bit_length() - 1)
        yield perfect_hash(hashes[at : at + count])
        at += count
