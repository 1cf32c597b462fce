"""An export as it is read back: nothing of it is believed before it is checked."""

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec import Struct

from jiesuan_services.audit.tree.digest import TreeRecord
from jiesuan_services.audit.tree.files.manifest import (
    Listed,
    Manifest,
    check_manifest,
)
from jiesuan_services.audit.tree.files.record_line import read_record_line
from jiesuan_services.audit.tree.files.seal import Seal, check_follows, read_seal
from jiesuan_services.audit.tree.notes.checkpoint import opened_checkpoint
from jiesuan_services.audit.tree.notes.keys import VerifierKey
from jiesuan_services.audit.tree.text import FormatError

MANIFEST: Final = "manifest.json"
NOTE: Final = "manifest.note"
SEALS: Final = "seals.jsonl"
CHECKPOINT: Final = "checkpoint"
REFERENCE: Final = "reference.jsonl.gz"
PACKED: Final = ".gz"
"""Files of records: each of their lines is looked at, then the file."""
_PART: Final = re.compile(
    r"(ledger|clearing)-(0|[1-9][0-9]{0,8})-(0|[1-9][0-9]{0,17})\.jsonl\.gz"
)
_CHUNK: Final = 1 << 16
"""Packed bytes taken at once: unpacked they are 64 MiB at the most."""
_GZIP: Final = 31
"""zlib's word for one gzip member."""
_LONGEST_LINE: Final = 1 << 26


class ImportRefused(RuntimeError):
    """An export that does not verify: which file, which line, and why."""


class PlacedLine(Struct, frozen=True):
    """A record of an export, and where it was read."""

    file: str
    number: int
    record: TreeRecord
    timestamp: int

    @property
    def place(self) -> str:
        """The place as a refusal names it."""
        return (
            f"{self.file} 第 {self.number} 行: "
            f"partition {self.record.partition} offset {self.record.offset}"
        )


class SealedExport(Struct, frozen=True):
    """An export whose signatures, digests and seals hold; its records are unread."""

    folder: Path
    manifest: Manifest
    seals: list[Seal]
    key: VerifierKey

    def lines(self, name: str) -> Iterator[bytes]:
        """Return the lines of a file."""
        with refusing(name):
            yield from read_lines(self.folder / name)

    def parts(self, kind: str) -> dict[int, list[tuple[int, str]]]:
        """Return the files of each partition, by their first offset."""
        found: dict[int, list[tuple[int, str]]] = {}
        for name in self.manifest.files:
            part = _PART.fullmatch(name)
            if part is not None and part[1] == kind:
                found.setdefault(int(part[2]), []).append((int(part[3]), name))
        return {partition: sorted(files) for partition, files in found.items()}

    def records(self, kind: str, partition: int) -> Iterator[PlacedLine]:
        """Return a partition's records from offset 0 without a hole, or refuse."""
        offset = 0
        for first, name in self.parts(kind).get(partition, []):
            if first != offset:
                raise ImportRefused(
                    f"{name}: partition {partition} offset {offset} 缺失；不能导入"
                )
            for number, line in enumerate(self.lines(name), start=1):
                with refusing(f"{name} 第 {number} 行"):
                    yield _placed(line, (name, number), place=(partition, offset))
                offset += 1


def _placed(line: bytes, at: tuple[str, int], *, place: tuple[int, int]) -> PlacedLine:
    record, timestamp = read_record_line(line)
    if (record.partition, record.offset) != place:
        raise FormatError(
            f"应为 partition {place[0]} offset {place[1]}，"
            f"实为 partition {record.partition} offset {record.offset}"
        )
    return PlacedLine(*at, record, timestamp)


@contextmanager
def refusing(where: str) -> Iterator[None]:
    """Turn what does not hold inside into a refusal that names the place."""
    try:
        yield
    except (FormatError, OSError, UnicodeDecodeError, zlib.error) as wrong:
        raise ImportRefused(
            f"{where}: {wrong}；不能导入，请重新取得完整的导出"
        ) from wrong


def open_export(folder: Path, key: VerifierKey) -> SealedExport:
    """Return an export whose manifest, files and seals verify, or refuse it."""
    with refusing(MANIFEST):
        data = (folder / MANIFEST).read_bytes()
    with refusing(NOTE):
        note = (folder / NOTE).read_bytes().decode()
        manifest = check_manifest(data, note, key=key)
    _check_files(folder, manifest)
    export = SealedExport(folder, manifest, [], key)
    export.seals.extend(_read_seals(export))
    return export


def _check_files(folder: Path, manifest: Manifest) -> None:
    there = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() or path.is_symlink() or not path.is_dir()
    }
    for name in sorted(there - {MANIFEST, NOTE} - set(manifest.files)):
        with refusing(name):
            raise FormatError("manifest.json 没有列出这个文件")
    for name, listed in manifest.files.items():
        if not name.endswith(PACKED):
            check_file(folder, name, listed=listed)


def check_file(folder: Path, name: str, *, listed: Listed) -> None:
    """Refuse a file that is not the one that the manifest lists."""
    with refusing(name):
        if _digest(folder / name) != listed.sha256:
            raise FormatError("内容的 SHA-256 与 manifest.json 不符")
        if listed.count is not None:
            count = sum(1 for _ in read_lines(folder / name))
            if count != listed.count:
                raise FormatError(f"应有 {listed.count} 行，实有 {count} 行")


def _read_seals(export: SealedExport) -> Iterator[Seal]:
    before: Seal | None = None
    for number, line in enumerate(export.lines(SEALS), start=1):
        with refusing(f"{SEALS} 第 {number} 行"):
            seal = read_seal(line)
            check_follows(seal, before)
            head = opened_checkpoint(seal.checkpoint, export.key)
            if head.size != seal.size or len(seal.ends) != export.manifest.partitions:
                raise FormatError("封存与检查点或清单不符")
        yield seal
        before = seal
    with refusing(CHECKPOINT):
        _check_last(export, before)


def _check_last(export: SealedExport, last: Seal | None) -> None:
    manifest = export.manifest
    note = (export.folder / CHECKPOINT).read_bytes().decode()
    counts = {partition: end for partition, (_, end) in manifest.ledger.items()}
    if last is None or (note, counts) != (last.checkpoint, last.ends):
        raise FormatError("检查点不是最后一次封存")
    if (manifest.checkpoint, manifest.seals) != (note, len_of(export)):
        raise FormatError("检查点或封存次数与 manifest.json 不符")


def len_of(export: SealedExport) -> int:
    """Return how many seals an export holds."""
    return sum(1 for _ in export.lines(SEALS))


def read_lines(path: Path) -> Iterator[bytes]:
    """Return the lines of a file; a packed one is one gzip member."""
    rest = b""
    for chunk in _unpacked(path) if path.suffix == PACKED else _chunks(path):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
        if len(rest) > _LONGEST_LINE:
            raise FormatError("行过长")
    if rest:
        raise FormatError("最后一行没有以换行结束")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _unpacked(path: Path) -> Iterator[bytes]:
    unpack = zlib.decompressobj(_GZIP)
    for chunk in _chunks(path):
        if unpack.eof:
            raise FormatError("压缩内容之后还有内容")
        yield unpack.decompress(chunk)
    if not unpack.eof or unpack.unused_data:
        raise FormatError("压缩内容不完整，或其后还有内容")


def _digest(path: Path) -> str:
    digest = sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()
