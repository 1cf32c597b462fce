"""`as-of`: a person's state of any day, from the index, chain checked on the way.

Five years of two bills a month, among other persons' entries; CPU time, because what
else runs on the machine should not count. The log is in memory: reading the one record
that anchors the chain costs a broker about a millisecond more.

`--among` says among how many entries (10,000,000 take some fourteen gigabytes for a few
minutes): those of others beyond what was decided here are put straight into the
index, an enrolment each, under the keys that the index gives them.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import Final

import lmdb

from jiesuan_domain.in_force import InForce
from jiesuan_events.words.topics import LEDGER, REQUESTS
from jiesuan_ledger.genesis import Ledger, genesis_record
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_services.audit.history.ledger import PastLedger, past_ledger
from jiesuan_services.audit.history.person import person_as_of
from jiesuan_services.audit.index.store import (
    IndexedHead,
    IndexedRecord,
    IndexStore,
    encode,
    entry_key,
    head_key,
    offset_value,
    place_value,
    settlement_key,
    time_key,
)
from jiesuan_services.bench import load
from jiesuan_services.bench.figure import Figure, at_most
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.handled import NewEntry
from jiesuan_services.clerk.trial import MemoryPersons
from jiesuan_services.client.sending import to_record
from jiesuan_services.runtime.packs import load_packs

LEDGER_ID: Final = "0" * 32
CREATED: Final = "2022-03-01T01:00:00+00:00"
LONG_LIVES: Final = 40
BILLS: Final = 120
SHORT_LIVES: Final = 2_000
BOUND_MS: Final = 20.0
RUNS: Final = 3
AT_ONCE: Final = 100_000


def as_of(among: int = 0) -> list[Figure]:
    """Measure the 95th percentile of a person's state, in milliseconds.

    ``among`` is how many entries there are in all, if more than were decided here.
    """
    log = _lived()
    count = len(log.partitions[LEDGER, 0])
    others = max(0, among - count)
    with tempfile.TemporaryDirectory(prefix="jiesuan-bench-") as folder:
        values = asyncio.run(_measured(log, Path(folder), others=others))
    name = f"一人 {BILLS} 条账目，账本共 {count + others:,} 条"
    return [at_most("as-of p95", values, unit="ms", bound=BOUND_MS, baseline=name)]


def _requests() -> Iterator[Record]:
    yield to_record(load.institution())
    persons = [*(f"L{one}" for one in range(LONG_LIVES))]
    for person in [*persons, *(f"S{one}" for one in range(SHORT_LIVES))]:
        yield load.enrol(person)
    for number in range(BILLS):
        for person in persons:
            yield load.settle(person, number)
    for number in range(SHORT_LIVES):
        yield load.settle(f"S{number}", 0)


def _lived() -> MemoryLog:
    """Let the persons live, in one partition of memory."""
    log = MemoryLog()
    entries = log.partitions[LEDGER, 0]
    entries.append(genesis_record(Ledger(LEDGER_ID, 1), CREATED))
    clerk = Clerk(
        in_force=InForce(load_packs(), {}),
        persons=MemoryPersons(),
        partitions=1,
        writer="bench",
    )
    for offset, one in enumerate(_requests()):
        incoming = Incoming(REQUESTS, 0, offset, one.key, one.value, one.headers)
        handled = clerk.handle(
            incoming, ledger_offset=len(entries), recorded_at=CREATED
        )
        if isinstance(handled, NewEntry):
            entries.append(handled.record())
    return log


async def _measured(log: MemoryLog, folder: Path, *, others: int) -> list[float]:
    async with past_ledger(log, folder, ledger_id=LEDGER_ID, partitions=1) as past:
        _crowd(past.index.store, log.partitions[LEDGER, 0][2], others=others)
        return [await _p95(past) for _ in range(RUNS)]


def _crowd(store: IndexStore, one: Record, *, others: int) -> None:
    """Put entries of others beside those that are asked for, as the index has them."""
    for start in range(0, others, AT_ONCE):
        with store.writing() as writing:
            for number in range(start, min(start + AT_ONCE, others)):
                _put(writing, number, one=one)


def _put(writing: lmdb.Transaction, number: int, *, one: Record) -> None:
    person = f"M{number:012d}"
    hash_ = sha256(person.encode()).digest()
    entry = IndexedRecord(
        0, number, number, person.encode(), one.value, list(one.headers)
    )
    writing.put(entry_key(person, 1), encode(entry))
    writing.put(head_key(person), encode(IndexedHead(1, hash_)))
    writing.put(time_key(0, number), offset_value(number))
    writing.put(settlement_key(hash_.hex()[:29].upper()), place_value(0, number))


async def _p95(past: PastLedger) -> float:
    kept = past.at("now")
    took = []
    for person in range(LONG_LIVES):
        began = process_time()
        await person_as_of(past, kept, psn_no=f"L{person}")
        took.append((process_time() - began) * 1_000)
    return sorted(took)[int(LONG_LIVES * 0.95) - 1]
