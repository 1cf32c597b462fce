"""The leaves of a partition as they were read: one hash a record, on disk."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from jiesuan_services.audit.tree.text import HASH_BYTES


class LeafFile:
    """Writes the leaves of one partition in their order, after those to be kept."""

    def __init__(self, path: Path, *, kept: int = 0) -> None:
        self._path = path
        self.count = kept

    def __enter__(self) -> Self:
        self._file = self._path.open("r+b" if self.count else "wb")
        self._file.truncate(self.count * HASH_BYTES)
        self._file.seek(self.count * HASH_BYTES)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, leaves: Sequence[bytes]) -> None:
        """Add the leaves of records that follow each other."""
        self._file.write(b"".join(leaves))
        self.count += len(leaves)

    def miss(self, count: int) -> None:
        """Leave the place of records that are missing."""
        for _ in range(count):
            self.add([bytes(HASH_BYTES)])


def leaf_path(folder: Path, partition: int) -> Path:
    """Return where the leaves of a partition lie."""
    return folder / f"{partition}.leaves"


def count_leaves(folder: Path, partition: int) -> int:
    """Return how many records of a partition were read so far."""
    path = leaf_path(folder, partition)
    return path.stat().st_size // HASH_BYTES if path.exists() else 0


def read_leaves(folder: Path, partition: int, *, first: int, last: int) -> list[bytes]:
    """Return the leaves with offsets in [first, last], as many as there are."""
    with leaf_path(folder, partition).open("rb") as file:
        file.seek(first * HASH_BYTES)
        data = file.read((last - first + 1) * HASH_BYTES)
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
