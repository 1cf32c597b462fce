"""Tiles: their places, their bytes, and a tree that is taken up again from them."""

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiesuan_services.audit.tree.merkle import leaf_hash
from jiesuan_services.audit.tree.text import FormatError
from jiesuan_services.audit.tree.tiles import Tile, Tiles, TileTree, tiles_of


def test_paths_are_those_of_another_implementation(tree_vectors: Any) -> None:
    """A tile's path groups its index by three digits, and names a partial width."""
    for said, path in tree_vectors["tile_paths"].items():
        level, index, width = map(int, said.split("/"))
        assert Tile(level, index, width).path == path


def test_tiles_are_those_of_another_implementation(
    tree_vectors: Any, seventy_thousand: Any
) -> None:
    """Every tile of a size has Go's path and Go's bytes."""
    for size, wanted in tree_vectors["tiles"].items():
        grown = seventy_thousand.at(int(size))
        found = {
            tile.path: sha256(grown.bytes(tile)).hexdigest()
            for tile in tiles_of(int(size))
        }
        if size == "70000":
            assert len(found) == tree_vectors["tiles_of_70000"]
            found = {path: found[path] for path in wanted}
        assert found == wanted


def test_a_tree_of_nothing_has_no_tile() -> None:
    """An empty tree has no tile, not even an empty one."""
    assert list(tiles_of(0)) == []
    assert TileTree().edge() == []


@given(st.integers(0, 70_000))
def test_a_full_tile_is_never_partial(size: int) -> None:
    """Tiles of a size are 1 to 256 wide, and only the last of a level is partial."""
    levels: dict[int, list[Tile]] = {}
    for tile in tiles_of(size):
        levels.setdefault(tile.level, []).append(tile)
    for level, tiles in levels.items():
        assert [tile.index for tile in tiles] == list(range(len(tiles)))
        assert {tile.width for tile in tiles[:-1]} <= {256}
        assert 1 <= tiles[-1].width <= 256
        assert sum(tile.width for tile in tiles) == size >> 8 * level


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537])
def test_a_tree_is_taken_up_again(size: int, seventy_thousand: Any) -> None:
    """A tree read from its partial tiles grows on as if it had never been put down."""
    grown = seventy_thousand.at(size)
    again = TileTree.resumed(size, grown.bytes)
    assert again.root() == grown.root
    for number in range(size, size + 300):
        again.append(leaf_hash(sha256(f"leaf {number}".encode()).digest()))
    assert again.root() == seventy_thousand.at(size + 300).root
    assert again.edge() == [
        (tile, seventy_thousand.at(size + 300).bytes(tile))
        for tile in tiles_of(size + 300)
        if tile.width < 256
    ]


def test_a_short_tile_is_refused() -> None:
    """A tile of another length than its width says is not read."""
    with pytest.raises(FormatError, match=r"tile/0/000\.p/3 应为 96 字节，实为 95"):
        Tiles(3, lambda tile: bytes(95)).subtree(0, 0)
    with pytest.raises(FormatError, match="没有这样的子树"):
        Tiles(3, lambda tile: bytes(32 * tile.width)).subtree(2, 0)
