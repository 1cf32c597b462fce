"""`as-of`: a person's state of any day, from the index, chain checked on the way.

Five years of two bills a month, among other persons' entries; CPU time, because what
else runs on the machine should not count. The log is in memory: reading the one record
that anchors the chain costs a broker about a millisecond more.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Final

from jiesuan_domain.in_force import InForce
from jiesuan_events.words.topics import LEDGER, REQUESTS
from jiesuan_ledger.genesis import Ledger, genesis_record
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_services.audit.history.ledger import PastLedger, past_ledger
from jiesuan_services.audit.history.person import person_as_of
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


def as_of() -> list[Figure]:
    """Measure the 95th percentile of a person's state, in milliseconds."""
    log = _lived()
    count = len(log.partitions[LEDGER, 0])
    with tempfile.TemporaryDirectory(prefix="jiesuan-bench-") as folder:
        values = asyncio.run(_measured(log, Path(folder)))
    name = f"一人 {BILLS} 条账目，账本共 {count:,} 条"
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


async def _measured(log: MemoryLog, folder: Path) -> list[float]:
    async with past_ledger(log, folder, ledger_id=LEDGER_ID, partitions=1) as past:
        return [await _p95(past) for _ in range(RUNS)]


async def _p95(past: PastLedger) -> float:
    kept = past.at("now")
    took = []
    for person in range(LONG_LIVES):
        began = process_time()
        await person_as_of(past, kept, psn_no=f"L{person}")
        took.append((process_time() - began) * 1_000)
    return sorted(took)[int(LONG_LIVES * 0.95) - 1]
