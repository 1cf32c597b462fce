"""An export written into a log without a ledger: every record at its own offset."""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final

from jiesuan_events.words.topics import CLEARING, LEDGER, REFERENCE, SEALS
from jiesuan_ledger.log.imported import (
    CLEARING_END,
    IMPORTED,
    REFERENCE_END,
    SEALS_COUNT,
)
from jiesuan_ledger.log.port import Log
from jiesuan_ledger.log.record import Record, TimedRecord
from jiesuan_services.audit.export.check import Progress, reference, silent
from jiesuan_services.audit.export.read import ImportRefused, PlacedLine, SealedExport

RECORDS_AT_ONCE: Final = 1_000


async def refuse_a_ledger(log: Log, partitions: int) -> None:
    """Refuse a log in which something is written already."""
    places = [(LEDGER, partition) for partition in range(partitions)]
    for topic, partition in [*places, (SEALS, 0), (CLEARING, 0), (REFERENCE, 0)]:
        if await log.end_offset(topic, partition):
            raise ImportRefused(
                f"{topic} 中已有记录：导入只能进入没有账本的数据目录或集群，"
                "请另选一个数据目录（--data）"
            )


async def restore_export(
    log: Log, export: SealedExport, *, progress: Progress = silent
) -> None:
    """Write a checked export; the seals come last, when all that they seal is there."""
    done, of = 0, export.seals[-1].size
    for partition in range(export.manifest.partitions):
        lines = export.records("ledger", partition)
        place = (LEDGER, partition)
        async for count in _appended(log, place, records=_records(lines)):
            done += count
            progress(done, of)
    await _append(log, (REFERENCE, 0), records=_records(reference(export)))
    for partition in sorted(export.parts("clearing")):
        lines = export.records("clearing", partition)
        await _append(log, (CLEARING, partition), records=_records(lines))
    cleared = await log.end_offset(CLEARING, 0) - 1
    referred = await log.end_offset(REFERENCE, 0) - 1
    headers = [
        IMPORTED,
        (CLEARING_END, b"%d" % cleared),
        (REFERENCE_END, b"%d" % referred),
        (SEALS_COUNT, b"%d" % len(export.seals)),
    ]
    seals = (Record(None, seal.line.encode(), headers) for seal in export.seals)
    await _append(log, (SEALS, 0), records=seals)


def _records(lines: Iterable[PlacedLine]) -> Iterator[Record]:
    for line in lines:
        record = line.record
        # A key, a value or a header that is absent stays absent on its way.
        yield TimedRecord(
            record.key,
            record.value,
            list(record.headers),
            line.timestamp,
        )


async def _append(
    log: Log, place: tuple[str, int], *, records: Iterable[Record]
) -> None:
    async for _ in _appended(log, place, records=records):
        pass


async def _appended(
    log: Log, place: tuple[str, int], *, records: Iterable[Record]
) -> AsyncIterator[int]:
    """Append records batch by batch, and say how many each was."""
    topic, partition = place
    offset = 0
    for some in _batched(records):
        pending = await log.append(topic, partition, some)
        if not (await pending.done()).is_contiguous(offset):
            raise ImportRefused(
                f"{topic}/{partition} 在导入时被其他进程写入：请停止其他进程，"
                "换一个空的数据目录重新导入"
            )
        offset += len(some)
        yield len(some)


def _batched(records: Iterable[Record]) -> Iterator[list[Record]]:
    some: list[Record] = []
    for record in records:
        some.append(record)
        if len(some) == RECORDS_AT_ONCE:
            yield some
            some = []
    if some:
        yield some
