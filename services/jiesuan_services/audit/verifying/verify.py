"""`verify`: every chain of the log from its beginning, forks named, sums added.

Partitions are verified side by side, by as many processes as there are cores.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Final

from msgspec import Struct

from jiesuan_domain.policy.model import Packs
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.genesis import Ledger, LedgerRefused, read_genesis
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions
from jiesuan_ledger.log.port import Log, Stored
from jiesuan_ledger.log.record import MARKER
from jiesuan_ledger.reader import READ_AT_ONCE, read_ahead
from jiesuan_services.audit.chains import Chains
from jiesuan_services.audit.index.states import StateStore
from jiesuan_services.audit.opened import ledger_id
from jiesuan_services.audit.tree.digest import digest_of
from jiesuan_services.audit.tree.merkle import leaf_hash
from jiesuan_services.audit.tree.notes.keys import VerifierKey
from jiesuan_services.audit.verifying.kept import Kept, working_in
from jiesuan_services.audit.verifying.leaves import (
    LeafFile,
    count_leaves,
    leaf_path,
)
from jiesuan_services.audit.verifying.months import MonthsAgain
from jiesuan_services.audit.verifying.report import PartitionReport, Report
from jiesuan_services.audit.verifying.seals import SealsCheck, sealed_ends
from jiesuan_services.runtime.garbage import collected_by_the_clock

ALONE: Final = 10_000
"""Records below which one process is done before others are at work."""
POLL_SECONDS: Final = 0.5
Progress = Callable[[int, int], None]
"""Called with how many records are done, of how many."""


class Knowledge(Struct, frozen=True):
    """What a machine knows besides the log: the tree's tiles, the ledger's key, packs.

    Without packs months are not made again.
    """

    tiles: Path
    key: VerifierKey | None = None
    packs: Packs | None = None


class Going(Struct, frozen=True):
    """Where a machine keeps what it verified, and up to where that need not be read.

    ``point`` is None for a verification from the beginning; whatever it says, only
    what the last seal covers is left unread.
    """

    leaves: Path
    states: Path
    point: Mapping[int, int] | None = None
    every: int = 100_000


NOTHING_KNOWN: Final = Knowledge(Path(os.devnull))
NO_PARTS: Final[Mapping[int, PartitionReport]] = {}


def _silent(done: int, of: int) -> None:
    """Ignore progress: nobody asked for it."""


async def verify(
    kafka: str,
    *,
    known: Knowledge = NOTHING_KNOWN,
    progress: Progress = _silent,
    going: Going | None = None,
) -> Report:
    """Verify the ledger of a cluster, up to where it ends now."""
    began = time.monotonic()
    log = KafkaLog(kafka, producer=None)
    await log.start()
    try:
        partitions = await count_partitions(kafka)
        ends = await log.end_offsets(LEDGER, partitions)
        with _folder(going) as folder:
            kept = await _kept(log, folder, going=going, ends=ends)
            if sum(ends) < ALONE:
                begun, parts = await _begun(log, partitions), NO_PARTS
            else:
                begun, parts = await asyncio.gather(
                    _begun(log, partitions),
                    side_by_side(kafka, kept, ends=ends, progress=progress),
                )
            report = await _verified(
                log, kept, ends=ends, begun=begun, known=known, parts=parts
            )
    finally:
        await log.stop()
    report.seconds = time.monotonic() - began
    return report


def _folder(going: Going | None) -> AbstractContextManager[Path]:
    leaves = None if going is None else going.leaves
    return working_in(leaves, goes_on=going is not None and going.point is not None)


async def _kept(
    log: Log, folder: Path, *, going: Going | None, ends: Sequence[int]
) -> Kept:
    """Return what may stand for the log: sealed, and not beyond the point asked for."""
    if going is None:
        return Kept(folder)
    try:
        name = await ledger_id(log, len(ends))
    except LedgerRefused:
        return Kept(folder)
    states = StateStore(going.states / name, every=going.every)
    if going.point is None:
        return Kept(folder, states)
    sealed = await sealed_ends(log)
    upto = {
        partition: min(sealed.get(partition, -1), going.point.get(partition, end - 1))
        for partition, end in enumerate(ends)
    }
    return Kept(folder, states, upto)


async def verify_log(
    log: Log,
    *,
    partitions: int,
    known: Knowledge = NOTHING_KNOWN,
    going: Going | None = None,
) -> Report:
    """Verify every partition; a ledger that is not one is an answer, not a crash."""
    began = time.monotonic()
    ends = [await log.end_offset(LEDGER, one) for one in range(partitions)]
    with _folder(going) as folder:
        kept = await _kept(log, folder, going=going, ends=ends)
        begun = await _begun(log, partitions)
        report = await _verified(log, kept, ends=ends, begun=begun, known=known)
    report.seconds = time.monotonic() - began
    return report


async def _begun(log: Log, partitions: int) -> list[Ledger | LedgerRefused]:
    """Return which ledger each partition says that it is of, or why it is of none."""
    found: list[Ledger | LedgerRefused] = []
    for partition in range(partitions):
        try:
            found.append(await read_genesis(log, partition, partitions=partitions))
        except LedgerRefused as refused:
            found.append(refused)
    return found


async def _verified(
    log: Log,
    kept: Kept,
    *,
    ends: Sequence[int],
    begun: Sequence[Ledger | LedgerRefused],
    known: Knowledge,
    parts: Mapping[int, PartitionReport] = NO_PARTS,
) -> Report:
    ledgers: set[Ledger] = set()
    report = Report("")
    partitions = len(begun)
    verified: list[PartitionReport] = []
    for partition, ledger in enumerate(begun):
        if isinstance(ledger, LedgerRefused):
            report.wrong.append(str(ledger))
            continue
        ledgers.add(ledger)
        part = parts.get(partition) or await verify_partition(
            log, partition, ends=ends, kept=kept
        )
        report.add(part)
        verified.append(part)
    report.warn_of_names(verified)
    if len(ledgers) > 1:
        report.wrong.append("各分区属于不同的账本")
    report.ledger_id = min((ledger.id for ledger in ledgers), default="")
    seals = SealsCheck(kept.folder, tiles=known.tiles, key=known.key)
    await seals.check(log, report)
    if known.packs is not None:
        months = MonthsAgain(report, known.packs, folder=kept.folder)
        await months.check(log, partitions)
    return report


async def verify_partition(
    log: Log, partition: int, *, ends: Sequence[int], kept: Kept
) -> PartitionReport:
    """Verify one partition to where it ends, and keep the leaf of each record.

    ``ends`` are those of all partitions when the verification began.
    """
    end = ends[partition]
    chains, start = await kept.resumed(log, partition, partitions=len(ends))
    report = PartitionReport(partition, end, start)
    with LeafFile(leaf_path(kept.folder, partition), kept=start) as leaves:
        reading = log.read(LEDGER, partition, start=start, stop=end, markers=True)
        async for batch in reading:
            for at in range(0, len(batch), READ_AT_ONCE):
                some = batch[at : at + READ_AT_ONCE]
                _take(some, chains, report=report, leaves=leaves, kept=kept)
    report.take(chains)
    return report


def _take(
    batch: Sequence[Stored],
    chains: Chains,
    *,
    report: PartitionReport,
    leaves: LeafFile,
    kept: Kept,
) -> None:
    """Take one step after the other over some records, each while its code is at hand.

    A tenth cheaper than all of one record after all of another.
    """
    following = leaves.count
    found: list[bytes] = []
    ahead = read_ahead([stored.record for stored in batch])
    for stored, (said, _) in zip(batch, ahead, strict=True):
        offset = stored.offset
        if offset != following:
            report.miss(following, offset)
            leaves.add(found)
            leaves.miss(offset - following)
            found.clear()
        following = offset + 1
        digest = digest_of(report.partition, offset, record=stored.record, said=said)
        found.append(leaf_hash(digest))
    leaves.add(found)
    for stored, one in zip(batch, ahead, strict=True):
        if stored.offset and stored.record is not MARKER:
            chains.take(stored.record, stored.offset, ahead=one)
            kept.take(stored, chains)


async def side_by_side(
    kafka: str, kept: Kept, *, ends: list[int], progress: Progress
) -> dict[int, PartitionReport]:
    """Verify partitions, the longest first, each in the next process that is free.

    Forked: what is imported here is not imported again, which takes a process that
    begins anew as long as 40,000 records. They use nothing that was open here.
    """
    order = sorted(range(len(ends)), key=lambda partition: -ends[partition])
    loop = asyncio.get_running_loop()
    cores = min(len(ends), os.cpu_count() or 1)
    context = get_context("fork")
    with ProcessPoolExecutor(cores, context, initializer=_ends_at_once) as pool:
        work = [
            loop.run_in_executor(pool, _alone, kafka, (partition, ends, kept))
            for partition in order
        ]
        waiting = set(work)
        try:
            while waiting:
                _, waiting = await asyncio.wait(waiting, timeout=POLL_SECONDS)
                done = sum(count_leaves(kept.folder, one) for one in order)
                progress(done, sum(ends))
        except asyncio.CancelledError:
            _end(work)
            raise
        return {part.partition: part for part in await asyncio.gather(*work)}


def _end(work: Sequence[asyncio.Future[PartitionReport]]) -> None:
    """End what other processes do: who leaves the pool waits for all of it."""
    for one in work:
        one.cancel()
    for process in active_children():
        process.terminate()


def _ends_at_once() -> None:
    """Let signals end this process: it came with the handlers of the one it left."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_DFL)


def _alone(kafka: str, work: tuple[int, Sequence[int], Kept]) -> PartitionReport:
    """Verify one partition in a process of its own."""
    partition, ends, kept = work

    async def verified() -> PartitionReport:
        log = KafkaLog(kafka, producer=None)
        await log.start()
        try:
            async with collected_by_the_clock():
                return await verify_partition(log, partition, ends=ends, kept=kept)
        finally:
            await log.stop()

    return asyncio.run(verified())
