"""The order of the tree: seal by seal, partition by partition, offset by offset."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

Ends = Mapping[int, int]
"""The last offset of every partition, inclusive; -1 where there is nothing yet."""


class Run(Struct, frozen=True):
    """Records of one partition that stand side by side in the tree."""

    partition: int
    first: int
    last: int
    index: int


def runs(ends: Sequence[Ends]) -> Iterator[Run]:
    """Return the runs of the tree that a sequence of seals appended, in order."""
    before: Ends = {}
    index = 0
    for sealed in ends:
        for partition in sorted(sealed):
            first, last = before.get(partition, -1) + 1, sealed[partition]
            if first <= last:
                yield Run(partition, first, last, index)
                index += last - first + 1
        before = sealed


def index_of(ends: Sequence[Ends], partition: int, *, offset: int) -> int | None:
    """Return the leaf of a record, or None where no seal covers it."""
    for run in runs(ends):
        if run.partition == partition and run.first <= offset <= run.last:
            return run.index + offset - run.first
    return None


def size_of(ends: Ends) -> int:
    """Return how many records the partitions hold up to their ends."""
    return sum(ends.values()) + len(ends)
