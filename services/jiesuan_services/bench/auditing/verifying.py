"""`verify`, `verify-floor`, `verify-cores`: one log, verified by one and by many.

Floor, one process and many take turns: no machine is as fast from one minute to the
next as it was, and what is compared should have met the same.
"""

import os
import time
from statistics import median
from typing import NamedTuple

from jiesuan_services.audit.verifying.verify import verify, verify_log
from jiesuan_services.bench.auditing.floor import against_floor, floor_rate
from jiesuan_services.bench.deciding import RUNS, Decider
from jiesuan_services.bench.figure import Figure, at_least
from jiesuan_services.bench.rig import Rig, cpu_seconds
from jiesuan_services.runtime.garbage import collected_by_the_clock


class Turn(NamedTuple):
    """Entries a second in one turn, and what the broker spent on each beside them."""

    floor: float
    """Read and hashed, of one core."""
    of_a_core: float
    alone: float
    side_by_side: float
    broker_us: float
    """Microseconds of CPU an entry, while they were read side by side."""


async def verify_rate(decider: Decider) -> list[Figure]:
    """Verify the whole log, against one process that decides, and against the floor."""
    async with collected_by_the_clock():  # as the command's processes do
        turns = [await _turn(decider.rig) for _ in range(RUNS)]
    alone = [one.alone for one in turns]
    figure = at_least(
        "verify",
        alone,
        unit="entries/s",
        baseline="一个进程办理",
        over=decider.many_rate,
        ratio=3.0,
    )
    floor = median(one.floor for one in turns)
    return [
        figure,
        against_floor([one.of_a_core for one in turns], floor),
        _on_all_cores(turns, cores=_cores(decider.rig)),
    ]


def _cores(rig: Rig) -> int:
    return min(rig.partitions, os.cpu_count() or 1)


async def _turn(rig: Rig) -> Turn:
    floor = await floor_rate(rig.log, rig.partitions)
    began = time.process_time()
    report = await verify_log(rig.log, partitions=rig.partitions)
    of_a_core = report.entries / (time.process_time() - began)
    if not report.is_sound:
        raise RuntimeError(f"the ledger is not sound: {report.wrong[:1]}")
    before = cpu_seconds(rig.broker)
    both = await verify(rig.kafka)
    spent = 1e6 * (cpu_seconds(rig.broker) - before) / both.entries
    alone, side_by_side = (one.entries / one.seconds for one in (report, both))
    return Turn(floor, of_a_core, alone, side_by_side, spent)


def _on_all_cores(turns: list[Turn], *, cores: int) -> Figure:
    """Hold what as many processes as cores verify against as many times one."""
    broker = median(one.broker_us for one in turns)
    return at_least(
        "verify-cores",
        [one.side_by_side for one in turns],
        unit="entries/s",
        baseline=f"{cores} 核，各如单个进程；Kafka另用每条 {broker:.1f} µs CPU",
        over=cores * median(one.alone for one in turns),
        ratio=0.9,
    )
