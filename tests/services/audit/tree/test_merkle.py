"""The tree against RFC 6962's published leaves and Go's `sumdb/tlog`."""

from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiesuan_services.audit.tree.merkle import (
    EMPTY_ROOT,
    check_consistency,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of_inclusion,
)
from jiesuan_services.audit.tree.text import FormatError
from jiesuan_services.audit.tree.tiles import Tile, Tiles, TileTree

MOST = 64


def numbered(number: int) -> bytes:
    """Return the data of a leaf, as the vectors' makers made it."""
    return sha256(f"leaf {number}".encode()).digest()


def plain_root(leaves: list[bytes]) -> bytes:
    """Return the root by the definition of RFC 6962 §2.1, word for word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return node_hash(plain_root(leaves[:middle]), plain_root(leaves[middle:]))


def tiles(size: int) -> Tiles:
    """Return the tiles of a small tree of numbered leaves."""
    tree, full = TileTree(), dict[Tile, bytes]()
    for number in range(size):
        full.update(tree.append(leaf_hash(numbered(number))))
    full.update(tree.edge())
    return Tiles(size, full.__getitem__)


ROOTS = [plain_root([numbered(one) for one in range(size)]) for size in range(MOST + 1)]
TILES = [tiles(size) for size in range(MOST + 1)]


def test_published_leaves_have_the_published_roots(tree_vectors: Any) -> None:
    """The eight leaves that every implementation tests with give the known roots."""
    tree = TileTree()
    roots = [tree.root().hex()]
    for leaf in tree_vectors["rfc6962"]["leaves"]:
        tree.append(leaf_hash(bytes.fromhex(leaf)))
        roots.append(tree.root().hex())
    assert roots == tree_vectors["rfc6962"]["roots"]


def test_roots_are_those_of_another_implementation(tree_vectors: Any) -> None:
    """A tree that grows leaf by leaf has Go's root at every size that Go was asked."""
    tree = TileTree()
    found = {}
    for number in range(70_000):
        tree.append(leaf_hash(numbered(number)))
        if str(tree.size) in tree_vectors["roots"]:
            found[str(tree.size)] = tree.root().hex()
    assert found == tree_vectors["roots"]


def test_inclusion_proofs_are_those_of_another_implementation(
    tree_vectors: Any, seventy_thousand: Any
) -> None:
    """Audit paths equal Go's, hash by hash, up to 70,000 leaves."""
    for case in tree_vectors["inclusion"]:
        index, size = case["index"], case["size"]
        from_tiles = seventy_thousand.at(size)
        path = inclusion_proof(index, size, subtree=from_tiles.subtree)
        assert [one.hex() for one in path] == case["path"]


def test_consistency_proofs_are_those_of_another_implementation(
    tree_vectors: Any, seventy_thousand: Any
) -> None:
    """Proofs that a tree grew equal Go's, hash by hash, up to 70,000 leaves."""
    for case in tree_vectors["consistency"]:
        old, new = case["old"], case["new"]
        from_tiles = seventy_thousand.at(new)
        proof = consistency_proof(old, new, subtree=from_tiles.subtree)
        assert [one.hex() for one in proof] == case["proof"]


def test_every_proof_of_every_small_tree_is_go_s(tree_vectors: Any) -> None:
    """All paths and all growth proofs of trees up to 64 leaves are Go's."""
    said = sha256()
    for size in range(1, MOST + 1):
        subtree = TILES[size].subtree
        for index in range(size):
            said.update(b"".join(inclusion_proof(index, size, subtree=subtree)))
        for old in range(1, size + 1):
            said.update(b"".join(consistency_proof(old, size, subtree=subtree)))
    assert said.hexdigest() == tree_vectors["every_proof_to_64"]


@given(st.integers(1, MOST).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_what_is_proven_verifies(pair: tuple[int, int]) -> None:
    """Each proof leads to the root by definition, and a growth proof holds."""
    size, old = pair
    subtree = TILES[size].subtree
    if old < size:
        path = inclusion_proof(old, size, subtree=subtree)
        leaf = leaf_hash(numbered(old))
        assert root_of_inclusion(leaf, old, size=size, proof=path) == ROOTS[size]
    proof = consistency_proof(old, size, subtree=subtree)
    check_consistency((old, ROOTS[old]), (size, ROOTS[size]), proof=proof)


@given(st.data())
def test_a_path_proves_no_other_place(data: st.DataObject) -> None:
    """A leaf's path shows the root at its own index of its own tree alone."""
    size = data.draw(st.integers(2, MOST))
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index))
    path = inclusion_proof(index, size, subtree=TILES[size].subtree)
    leaf = leaf_hash(numbered(index))
    assert not leads(leaf, other, size=size, path=path)
    assert not leads(leaf, index, size=size, path=path[:-1])
    assert not leads(leaf, index, size=size, path=[*path, ROOTS[1]])
    at = data.draw(st.integers(0, len(path) - 1))
    changed = [*path[:at], ROOTS[3], *path[at + 1 :]]
    assert not leads(leaf, index, size=size, path=changed)


def leads(leaf: bytes, index: int, *, size: int, path: list[bytes]) -> bool:
    """Whether a path leads from a leaf to the root of a small tree."""
    try:
        return root_of_inclusion(leaf, index, size=size, proof=path) == ROOTS[size]
    except FormatError:
        return False


@given(st.data())
def test_another_past_is_not_consistent(data: st.DataObject) -> None:
    """A growth proof fails for another old root, another new root, another path."""
    new = data.draw(st.integers(2, MOST))
    old = data.draw(st.integers(1, new - 1))
    proof = consistency_proof(old, new, subtree=TILES[new].subtree)
    wrong = leaf_hash(b"another past")
    cases = [
        ((old, wrong), (new, ROOTS[new]), proof),
        ((old, ROOTS[old]), (new, wrong), proof),
        ((old, ROOTS[old]), (new, ROOTS[new]), proof[:-1]),
        ((old, ROOTS[old]), (new, ROOTS[new]), [*proof, wrong]),
        ((new, ROOTS[new]), (old, ROOTS[old]), proof),
    ]
    for before, after, path in cases:
        with pytest.raises(FormatError):
            check_consistency(before, after, proof=path)


def test_a_tree_of_the_same_size_is_the_same_tree() -> None:
    """Two heads of one size agree only if their roots are equal."""
    check_consistency((7, ROOTS[7]), (7, ROOTS[7]), proof=[])
    with pytest.raises(FormatError, match="不一致"):
        check_consistency((7, ROOTS[7]), (7, ROOTS[8]), proof=[])
    with pytest.raises(FormatError, match="不一致"):
        check_consistency((7, ROOTS[7]), (7, ROOTS[7]), proof=[ROOTS[1]])


def test_everything_grew_out_of_nothing() -> None:
    """The empty tree is consistent with every tree, by the empty proof."""
    for size, root in enumerate(ROOTS):
        check_consistency((0, EMPTY_ROOT), (size, root), proof=[])
    with pytest.raises(FormatError):
        check_consistency((0, ROOTS[1]), (5, ROOTS[5]), proof=[])


def test_what_is_not_there_cannot_be_proven() -> None:
    """No proof is made for a leaf beyond the end or a tree that shrank."""
    subtree = TILES[5].subtree
    for index in (-1, 5):
        with pytest.raises(FormatError, match="没有第"):
            inclusion_proof(index, 5, subtree=subtree)
        with pytest.raises(FormatError, match="没有第"):
            root_of_inclusion(ROOTS[1], index, size=5, proof=[])
    with pytest.raises(FormatError, match="增长"):
        consistency_proof(6, 5, subtree=subtree)


def test_neighbours_differ() -> None:
    """No two of the small trees have the same root."""
    assert all(one != other for one, other in pairwise(ROOTS))
    assert len(set(ROOTS)) == MOST + 1
