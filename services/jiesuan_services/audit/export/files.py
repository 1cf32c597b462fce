"""The files of an export as they are written: digests and lines are counted."""

import gzip
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

from jiesuan_services.audit.tree.digest import TreeRecord
from jiesuan_services.audit.tree.files.manifest import COUNTED, Listed
from jiesuan_services.audit.tree.files.record_line import record_line

RECORDS_PER_FILE: Final = 250_000
_CHUNK: Final = 1 << 20
_LEVEL: Final = 6


class ExportFiles:
    """A folder that is filled; every file goes into the list with its digest."""

    def __init__(self, folder: Path, *, per_file: int) -> None:
        self.folder = folder
        self.per_file = per_file
        self.listed: dict[str, Listed] = {}

    def write(self, name: str, data: bytes) -> None:
        """Write a file that is no longer than memory."""
        path = self._path(name)
        path.write_bytes(data)
        count = data.count(b"\n") if name.endswith(COUNTED) else None
        self.listed[name] = Listed(sha256(data).hexdigest(), count)

    def copy(self, name: str, source: Path, *, size: int) -> None:
        """Copy the first bytes of a file of lines."""
        digest, count, left = sha256(), 0, size
        with source.open("rb") as reading, self._path(name).open("wb") as writing:
            while left:
                chunk = reading.read(min(left, _CHUNK))
                digest.update(chunk)
                count += chunk.count(b"\n")
                writing.write(chunk)
                left -= len(chunk)
        self.listed[name] = Listed(digest.hexdigest(), count)

    @contextmanager
    def lines(self, name: str) -> Iterator["PackedLines"]:
        """Open a packed file of records."""
        path = self._path(name)
        with path.open("wb") as file:
            packed = PackedLines(file)
            yield packed
            packed.close()
        self.listed[name] = Listed(_digest(path), packed.count)

    def _path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


class PackedLines:
    """Lines going into one gzip member that says nothing of time or place."""

    def __init__(self, file: IO[bytes]) -> None:
        self.count = 0
        self._packed = gzip.GzipFile("", "wb", _LEVEL, file, mtime=0)

    def add(self, records: Iterable[tuple[TreeRecord, int]]) -> None:
        """Write records, each with Kafka's timestamp."""
        lines = [f"{record_line(record, at)}\n" for record, at in records]
        self.count += len(lines)
        self._packed.write("".join(lines).encode())

    def close(self) -> None:
        """End the member."""
        self._packed.close()


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Wait until a folder and all that is in it is on the disk."""
    for path in [*folder.rglob("*"), folder]:
        file = os.open(path, os.O_RDONLY)
        os.fsync(file)
        os.close(file)
