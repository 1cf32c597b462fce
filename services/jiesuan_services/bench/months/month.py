"""`reconcile` and `draw`: a month of a million rows, beside its baselines."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jiesuan_domain.clearing.asked import ClearingAsked
from jiesuan_domain.clearing.decide import ClearingDecided, decide_clearing
from jiesuan_domain.clearing.rules.case import PartitionReach
from jiesuan_domain.clearing.state.region import Region
from jiesuan_domain.clearing.state.row import Row, statement_id
from jiesuan_domain.clearing.state.statement import Statement
from jiesuan_events.clearing.requests import Draw
from jiesuan_projections import connect
from jiesuan_services.bench.figure import Figure, at_most, within
from jiesuan_services.bench.rig import Rig
from jiesuan_services.clearing.serving.kept import KeptRegion
from jiesuan_services.clearing.serving.server import COMMIT_EVERY
from jiesuan_services.clearing.serving.store import ClearingCheckpoint, ClearingStore
from jiesuan_services.runtime.bootstrap import environment_for
from jiesuan_services.runtime.garbage import collector_at_rest
from jiesuan_services.runtime.packs import load_packs

ROWS: Final = 1_000_000
SECONDS: Final = 10.0
MIB: Final = 512.0
RATIO: Final = 2.0
CARE: Final = "420100"
MONTH: Final = "202203"
DRAWN_AT: Final = "2022-04-12T09:00:00+08:00"
PARTITIONS: Final = 8
NOWHERE: Final = ClearingCheckpoint("bench", (1,) * PARTITIONS)
CSV: Final = (
    "import csv, sys\n"
    "with open(sys.argv[1], encoding='utf-8', newline='') as file:\n"
    "    for row in csv.reader(file, delimiter='\\t'):\n"
    "        pass\n"
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took: seconds of one core, and its memory at most in MiB."""

    seconds: float
    mib: float


class MonthBench:
    """Fills the table of settlements with one month, and measures over it."""

    def __init__(self, rig: Rig, *, scale: float) -> None:
        self._rig = rig
        self._rows = max(1_000, int(ROWS * scale))

    async def figures(self) -> list[Figure]:
        """Measure both, each after its baseline in the same run."""
        connection = await connect(self._rig.pg)
        try:
            await connection.execute("SET work_mem = '256MB'")
            await connection.execute(_sql("fill"), self._rows)
            await connection.execute("ANALYZE settlement")
            return [
                *await self._reconcile(connection),
                *await self._draw(connection),
            ]
        finally:
            await connection.close()

    async def _reconcile(self, connection: Any) -> list[Figure]:
        file = self._rig.data / "detail.txt"
        await connection.copy_from_query(_sql("detail"), output=str(file))
        baseline = await asyncio.to_thread(
            self._cost, [sys.executable, "-c", CSV, file]
        )
        words: list[str | Path] = ["reconcile", "detail", file, "--institution", "H1"]
        words += ["--from", "2022-01-01", "--until", "2022-12-31"]
        words += ["--out", self._rig.data / "result.txt", "--json"]
        ours = await asyncio.to_thread(
            self._cost, [sys.executable, "-m", "jiesuan_services", *words]
        )
        read = f"csv读同一文件{baseline.seconds:.1f}秒；{self._rows:,}行，上限"
        return [
            at_most(
                "reconcile", [ours.seconds], unit="s", bound=SECONDS, baseline=read
            ),
            at_most("reconcile memory", [ours.mib], unit="MiB", bound=MIB),
        ]

    def _cost(self, command: list[str | Path]) -> Cost:
        env = environment_for(
            JIESUAN_KAFKA=self._rig.kafka,
            JIESUAN_PG=self._rig.pg,
            JIESUAN_DATA=str(self._rig.data),
        )
        running = subprocess.Popen(
            list(map(str, command)), env=env, stdout=subprocess.DEVNULL
        )
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        assert running.returncode == 0, f"{command} ended with {running.returncode}"
        return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)

    async def _draw(self, connection: Any) -> list[Figure]:
        began = time.perf_counter()
        grouped = await connection.fetch(_sql("group"))
        baseline = time.perf_counter() - began
        digests = {row["digest"] for row in grouped}
        store = ClearingStore(self._rig.data / "regions")
        try:
            figures = []
            for name, region in (
                ("draw", Region(CARE)),
                ("draw written", KeptRegion(CARE, store)),
            ):
                await _hear(connection, region, store=store)
                took = _drawn(region, store)
                found = {one.sums.digest for _, one in _statements(region, grouped)}
                assert found == digests, "another month"
                said = f"一条GROUP BY加摘要，{self._rows:,}行"
                figures.append(
                    within(
                        name,
                        [took],
                        unit="s",
                        baseline=said,
                        over=baseline,
                        ratio=RATIO,
                    )
                )
            return figures
        finally:
            store.close()


def _drawn(region: Region, store: ClearingStore) -> float:
    """Draw the month, and write down what changed; return the seconds it took."""
    reach = [PartitionReach(one, ROWS, ROWS) for one in range(PARTITIONS)]
    command = Draw(clearing_month=MONTH, care_region=CARE)
    source, content = f"/agency/{CARE}", "0" * 64
    type_ = "jiesuan.clearing.draw.v1"
    asked = ClearingAsked(source, "D1", type_, DRAWN_AT, CARE, content, command)
    packs = load_packs(None)
    with collector_at_rest():  # as in the process
        began = time.perf_counter()
        drawn = decide_clearing(
            region, asked, packs=packs, recorded_at=DRAWN_AT, reach=reach
        )
        assert isinstance(drawn, ClearingDecided), drawn
        region.apply(drawn.draft)
        store.commit(NOWHERE)
        return time.perf_counter() - began


async def _hear(connection: Any, region: Region, *, store: ClearingStore) -> None:
    """Let a region hear every row, in ledger order, as the process does."""
    async with connection.transaction():
        async for row in connection.cursor(_sql("rows"), prefetch=10_000):
            id_, partition, offset, seq, *rest = row
            region.hear(Row(id_, (partition, offset, seq), *rest))
            if store.pending >= COMMIT_EVERY:
                store.commit(NOWHERE)
    store.commit(NOWHERE)


def _statements(region: Region, grouped: list[Any]) -> Iterator[tuple[str, Statement]]:
    """Return the statements of the month by their ids, which the groups name."""
    for row in grouped:
        key = (row["kind"], row["party"], row["insutype"], row["clr_type"])
        id_ = statement_id(key, MONTH, care_region=CARE)
        yield id_, region.statements[id_]


def _sql(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text("utf-8")
