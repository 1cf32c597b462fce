"""`export`: what the last checkpoint covers, as files, under one signature."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from jiesuan_events.words.topics import CLEARING, LEDGER, REFERENCE
from jiesuan_ledger.log.port import Log, Stored
from jiesuan_services.audit.export.files import (
    RECORDS_PER_FILE,
    ExportFiles,
    sync_folder,
)
from jiesuan_services.audit.sealing.folder import SEALS_FILE, TreeFolder
from jiesuan_services.audit.sealing.keyfile import SealRefused
from jiesuan_services.audit.sealing.sealed import missing, tree_record
from jiesuan_services.audit.tree.digest import TreeRecord
from jiesuan_services.audit.tree.files.manifest import Manifest, signed_manifest
from jiesuan_services.audit.tree.files.seal import Seal
from jiesuan_services.audit.tree.notes.keys import SignerKey
from jiesuan_services.audit.tree.tiles import tiles_of


class ExportRefused(RuntimeError):
    """An export that cannot be written: why, and what to do."""


class Span(Struct, frozen=True):
    """The records of one partition of one topic, up to an offset."""

    topic: str
    partition: int
    stop: int


async def export_ledger(
    log: Log,
    out: Path,
    *,
    folder: TreeFolder,
    seal: Seal,
    key: SignerKey,
    ledger_id: str,
    per_file: int = RECORDS_PER_FILE,
) -> Manifest:
    """Write an export: whole, or not at all."""
    with put_in_place(out) as making:
        files = ExportFiles(making, per_file=per_file)
        for partition, last in sorted(seal.ends.items()):
            span = Span(LEDGER, partition, last + 1)
            await _write_parts(log, files, span=span, kind="ledger")
        await _write_others(log, files)
        _write_tree(files, folder, seal=seal)
        manifest = _manifest(files, folder, seal=seal, ledger_id=ledger_id)
        data = manifest.text.encode()
        (making / "manifest.json").write_bytes(data)
        note = signed_manifest(data, ledger_id, key=key)
        (making / "manifest.note").write_bytes(note.encode())
    return manifest


@contextmanager
def put_in_place(out: Path) -> Iterator[Path]:
    """Return a folder to be filled beside a place; filled, it is moved there."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ExportRefused(f"{out} 已存在且不是空目录，请另选一个目录")
    making = out.with_name(f".{out.name}.new")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        yield making
        sync_folder(making)
        if out.is_dir():
            out.rmdir()
        making.rename(out)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _manifest(
    files: ExportFiles, folder: TreeFolder, *, seal: Seal, ledger_id: str
) -> Manifest:
    return Manifest(
        ledger_id,
        {partition: (last + 1, last) for partition, last in seal.ends.items()},
        files.listed,
        folder.state.seals,
        seal.checkpoint,
    )


async def _write_parts(log: Log, files: ExportFiles, *, span: Span, kind: str) -> None:
    """Write a partition without a hole, in files of a bounded length."""
    for first in range(0, span.stop, files.per_file):
        stop = min(span.stop, first + files.per_file)
        with files.lines(f"{kind}-{span.partition}-{first}.jsonl.gz") as lines:
            reading = log.read(
                span.topic, span.partition, start=first, stop=stop, markers=True
            )
            at = first
            async for batch in reading:
                _check_offsets(batch, span, first=at)
                lines.add(_timed(span.partition, one) for one in batch)
                at += len(batch)
        if at != stop:
            raise _missing(span, at)


def _check_offsets(batch: Sequence[Stored], span: Span, *, first: int) -> None:
    for expected, stored in enumerate(batch, start=first):
        if stored.offset != expected:
            raise _missing(span, expected)


def _missing(span: Span, offset: int) -> RuntimeError:
    if span.topic == LEDGER:
        return missing(span.partition, offset)
    return SealRefused(
        f"{span.topic} 有缺失：partition {span.partition} offset {offset} 没有记录，"
        "请先从副本恢复"
    )


async def _write_others(log: Log, files: ExportFiles) -> None:
    """Write what is not in the tree: clearing, and the reference as it stands."""
    stop = await log.end_offset(CLEARING, 0)
    await _write_parts(log, files, span=Span(CLEARING, 0, stop), kind="clearing")
    start = await log.begin_offset(REFERENCE, 0)
    stop = await log.end_offset(REFERENCE, 0)
    with files.lines("reference.jsonl.gz") as lines:
        async for batch in log.read(REFERENCE, 0, start=start, stop=stop):
            lines.add(_timed(0, one) for one in batch)


def _timed(partition: int, stored: Stored) -> tuple[TreeRecord, int]:
    return tree_record(partition, stored), stored.timestamp


def _write_tree(files: ExportFiles, folder: TreeFolder, *, seal: Seal) -> None:
    for tile in tiles_of(seal.size):
        files.write(tile.path, folder.read(tile))
    source = folder.path / SEALS_FILE
    files.copy(SEALS_FILE, source, size=folder.state.seal_bytes)
    files.write("checkpoint", seal.checkpoint.encode())
