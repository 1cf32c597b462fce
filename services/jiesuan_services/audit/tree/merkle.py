"""The Merkle tree of RFC 6962 over SHA-256: hashes, proofs and their verification.

A proof is made from perfect subtrees (2^height leaves, aligned) that the caller
gives; it is checked with the tree's head alone, as RFC 9162 §2.1.3.2 and §2.1.4.2 say.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final

from jiesuan_services.audit.tree.text import FormatError

EMPTY_ROOT: Final = sha256(b"").digest()
Subtree = Callable[[int, int], bytes]
"""Gives the hash of the perfect subtree of a height, by its index at that height."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def perfect_hash(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=True)
        ]
    return level[0]


def folded(peaks: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees, the largest first."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def range_hash(start: int, stop: int, *, subtree: Subtree) -> bytes:
    """Return the hash of leaves [start, stop); start is aligned as in a proof."""
    peaks = []
    while start < stop:
        height = (stop - start).bit_length() - 1
        peaks.append(subtree(height, start >> height))
        start += 1 << height
    return folded(peaks)


def inclusion_proof(index: int, size: int, *, subtree: Subtree) -> list[bytes]:
    """Return the audit path of a leaf, from its sibling up (RFC 6962 §2.1.1)."""
    if not 0 <= index < size:
        raise FormatError(f"大小为 {size} 的树没有第 {index} 个叶子")
    path = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(range_hash(middle, stop, subtree=subtree))
            stop = middle
        else:
            path.append(range_hash(start, middle, subtree=subtree))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, *, subtree: Subtree) -> list[bytes]:
    """Return the proof that a tree grew out of an earlier one (RFC 6962 §2.1.2)."""
    if not 0 <= old <= new:
        raise FormatError(f"大小为 {new} 的树不是由大小为 {old} 的树增长而来")
    if old in (0, new):
        return []
    proof = []
    start, stop = 0, new
    while old != stop:
        middle = start + _split(stop - start)
        if old <= middle:
            proof.append(range_hash(middle, stop, subtree=subtree))
            stop = middle
        else:
            proof.append(range_hash(start, middle, subtree=subtree))
            start = middle
    if start > 0:
        proof.append(range_hash(start, stop, subtree=subtree))
    return proof[::-1]


def root_of_inclusion(
    leaf: bytes, index: int, *, size: int, proof: Iterable[bytes]
) -> bytes:
    """Return the root that a leaf's audit path leads to; a path that does not fit
    the place raises FormatError."""
    if not 0 <= index < size:
        raise FormatError(f"大小为 {size} 的树没有第 {index} 个叶子")
    at, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise FormatError("包含证明过长")
        if at & 1 or at == last:
            root = node_hash(sibling, root)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise FormatError("包含证明过短")
    return root


def check_consistency(
    old: tuple[int, bytes], new: tuple[int, bytes], *, proof: Sequence[bytes]
) -> None:
    """Raise FormatError unless the new (size, root) grew out of the old one."""
    (old_size, old_root), (new_size, new_root) = old, new
    if old_size > new_size:
        raise FormatError(f"树从 {old_size} 缩小到 {new_size}")
    if old_size in (0, new_size):
        fits = not proof and old_root == (EMPTY_ROOT if old_size == 0 else new_root)
    else:
        fits = _grown(old, new, proof=proof)
    if not fits:
        raise FormatError(f"大小为 {new_size} 的树与大小为 {old_size} 的树不一致")


def _grown(
    old: tuple[int, bytes], new: tuple[int, bytes], *, proof: Sequence[bytes]
) -> bool:
    (old_size, old_root), (new_size, new_root) = old, new
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first = node_hash(sibling, first)
            second = node_hash(sibling, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        at, last = at >> 1, last >> 1
    return (first, second, last) == (old_root, new_root, 0)


def _split(count: int) -> int:
    """Return the largest power of two below a count of two or more."""
    return 1 << ((count - 1).bit_length() - 1)
