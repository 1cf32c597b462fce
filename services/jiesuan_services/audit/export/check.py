"""An export checked to the last record: tree, tiles, genesis, and all else in it."""

from collections.abc import Callable, Iterator

from jiesuan_ledger.genesis import Ledger, LedgerRefused, ledger_of
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.export.read import (
    CHECKPOINT,
    PACKED,
    REFERENCE,
    SEALS,
    ImportRefused,
    PlacedLine,
    SealedExport,
    check_file,
    refusing,
)
from jiesuan_services.audit.tree.digest import TreeRecord, record_digest
from jiesuan_services.audit.tree.files.record_line import read_record_line
from jiesuan_services.audit.tree.files.seal import Seal
from jiesuan_services.audit.tree.merkle import leaf_hash
from jiesuan_services.audit.tree.notes.checkpoint import read_tree_head
from jiesuan_services.audit.tree.notes.note import read_note
from jiesuan_services.audit.tree.order import runs
from jiesuan_services.audit.tree.text import FormatError
from jiesuan_services.audit.tree.tiles import (
    WIDTH,
    Tile,
    TileTree,
    hashes_of,
    tiles_of,
)

Progress = Callable[[int, int], None]
"""Called with how many records of the ledger are done, of how many."""


def silent(done: int, of: int) -> None:
    """Ignore progress: nobody asked for it."""


def check_export(export: SealedExport, *, progress: Progress = silent) -> None:
    """Refuse an export of which any record, tile or file is not as it was sealed."""
    _check_names(export)
    _check_tree(export, progress)
    for partition in export.parts("clearing"):
        for _ in export.records("clearing", partition):
            pass
    for _ in reference(export):
        pass
    # Last, because what a record tells is nearer to the damage.
    for name in export.manifest.files:
        if name.endswith(PACKED):
            check_file(export.folder, name, listed=export.manifest.files[name])


def reference(export: SealedExport) -> Iterator[PlacedLine]:
    """Return the records of the reference in their order, or refuse."""
    last = (-1, -1)
    for number, line in enumerate(export.lines(REFERENCE), start=1):
        with refusing(f"{REFERENCE} 第 {number} 行"):
            record, timestamp = read_record_line(line)
            if (record.partition, record.offset) <= last:
                raise FormatError("记录不在其位")
            last = (record.partition, record.offset)
        yield PlacedLine(REFERENCE, number, record, timestamp)


def _check_names(export: SealedExport) -> None:
    """Refuse files that have no meaning, and partitions that there are none of."""
    known = {SEALS, CHECKPOINT, REFERENCE}
    known |= {tile.path for tile in tiles_of(export.seals[-1].size)}
    for kind in ("ledger", "clearing"):
        for partition, files in export.parts(kind).items():
            if kind == "clearing" or partition < export.manifest.partitions:
                known |= {name for _, name in files}
    for name in sorted(set(export.manifest.files) ^ known):
        with refusing(name):
            raise FormatError("不是导出应有的文件，或者缺失")


def _check_tree(export: SealedExport, progress: Progress) -> None:
    tree, window = TileTree(), list[PlacedLine]()
    streams = {
        partition: export.records("ledger", partition)
        for partition in range(export.manifest.partitions)
    }
    before: Seal | None = None
    for number, seal in enumerate(export.seals, start=1):
        for line in _sealed_by(streams, seal, before=before):
            window.append(line)
            for tile, data in tree.append(_leaf(export, line)):
                _check_tile(export, tile, data=data, window=window)
                progress(tree.size, export.seals[-1].size)
        if seal is export.seals[-1]:
            for tile, data in tree.edge():
                _check_tile(export, tile, data=data, window=window)
        if tree.root() != read_tree_head(read_note(seal.checkpoint).text).root:
            _blame(export, tree.size, window=window)
            raise ImportRefused(
                f"{SEALS} 第 {number} 行: 封存的根不是其记录的根：记录在封存后被改动；"
                "不能导入"
            )
        progress(tree.size, export.seals[-1].size)
        before = seal
    for stream in streams.values():
        for line in stream:
            raise ImportRefused(f"{line.place}: 超出检查点所封存的范围；不能导入")


def _sealed_by(
    streams: dict[int, Iterator[PlacedLine]], seal: Seal, *, before: Seal | None
) -> Iterator[PlacedLine]:
    """Return the lines that a seal appended, in the order of the tree."""
    ends = [seal.ends] if before is None else [before.ends, seal.ends]
    done = 0 if before is None else before.size
    for run in runs(ends):
        if run.index < done:
            continue
        for offset in range(run.first, run.last + 1):
            line = next(streams[run.partition], None)
            if line is None:
                raise ImportRefused(
                    f"ledger-{run.partition}: partition {run.partition} "
                    f"offset {offset}: 记录缺失；不能导入"
                )
            yield line


def _leaf(export: SealedExport, line: PlacedLine) -> bytes:
    if line.record.offset == 0:
        with refusing(line.place):
            _check_genesis(line.record, export)
    return leaf_hash(record_digest(line.record))


def _check_genesis(record: TreeRecord, export: SealedExport) -> None:
    wanted = Ledger(export.manifest.ledger_id, export.manifest.partitions)
    headers = [(name, value or b"") for name, value in record.headers]
    try:
        found = ledger_of(
            Record(record.key, record.value or b"", headers), record.partition
        )
    except LedgerRefused as wrong:
        raise FormatError("分区的首条记录不是账本的首条记录") from wrong
    if found != wanted or record.key is not None:
        raise FormatError("分区的首条记录属于另一个账本")


def _blame(export: SealedExport, size: int, *, window: list[PlacedLine]) -> None:
    """Refuse the first of the last records that differs from the tile it lies in."""
    index = (size - 1) // WIDTH
    width = min(WIDTH, export.seals[-1].size - index * WIDTH)
    tile = Tile(0, index, width)
    with refusing(tile.path):
        hashes = hashes_of(tile, (export.folder / tile.path).read_bytes())
    for line, sealed in zip(window, hashes, strict=False):
        if leaf_hash(record_digest(line.record)) != sealed:
            raise ImportRefused(f"{line.place}: 记录与封存时不同；不能导入")


def _check_tile(
    export: SealedExport, tile: Tile, *, data: bytes, window: list[PlacedLine]
) -> None:
    """Compare a tile with its file; name the first record that differs."""
    if tile.level == 0:
        _blame(export, tile.index * WIDTH + tile.width, window=window)
        window.clear()
    with refusing(tile.path):
        there = (export.folder / tile.path).read_bytes()
    if there != data:
        raise ImportRefused(f"{tile.path}: 与记录算出的树不同；不能导入")
