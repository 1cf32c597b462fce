"""Months on real Kafka and PostgreSQL, with processes killed in between."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from tests.connected.conftest import Kept, until
from tests.domain.clearing.months import overlays, packs
from tests.domain.clearing.random_months import RandomMonths
from tests.projections.test_months import KEYS, shown
from tests.services.clearing.conftest import Served

from jiesuan_cluster.topics import provision
from jiesuan_domain.clearing.deadlines import Calendar
from jiesuan_domain.clearing.evolve import evolve_region
from jiesuan_domain.clearing.showing.views import VIEWS
from jiesuan_domain.clearing.state.region import Region
from jiesuan_embedded import Machine
from jiesuan_events.words.topics import (
    ANSWERS,
    CLEARING,
    CLEARING_REQUESTS,
    LEDGER,
)
from jiesuan_ledger.clearing.reader import AcceptedClearing, accept_clearing
from jiesuan_ledger.log.kafka import KafkaLog, make_producer
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.reader import NO_HEAD, person_of
from jiesuan_projections import compare_with_log, connect
from jiesuan_services.clearing.read import is_of_clearing
from jiesuan_services.client.sending import to_record
from jiesuan_services.supervisor.stack import prepare

pytestmark = pytest.mark.connected

Json = dict[str, Any]
KILLS = 12
DAYS = ("drawn_on", "declared_on", "late", "overdue")
"""What depends on the day of recording: a trial has that of the request."""


class Province:
    """A ledger of the past on a machine of its own, and the requests of its months."""

    def __init__(self, machine: Machine, folder: Path, log: KafkaLog) -> None:
        self.servers = machine.servers
        self.folder = folder
        self.log = log
        self.months: list[Json] = []

    def process(self, name: str) -> Kept:
        """Make a process of the stack, not yet started."""
        settings = {
            "JIESUAN_KAFKA": self.servers.kafka,
            "JIESUAN_PG": self.servers.pg,
            "JIESUAN_DATA": str(self.folder / "data"),
            "JIESUAN_PACKS": str(self.folder / "packs"),
        }
        return Kept(name, env={**os.environ, **settings}, folder=self.folder)

    async def records(self, topic: str) -> list[Record]:
        """Read the one partition of a topic."""
        end = await self.log.end_offset(topic, 0)
        read = self.log.read(topic, 0, start=0, stop=end)
        return [one.record async for batch in read for one in batch]

    async def answers(self) -> dict[int, list[Json]]:
        """Return the answers to each request about a month."""
        found: dict[int, list[Json]] = {}
        for record in await self.records(ANSWERS):
            cause = dict(record.headers)["cause"].decode()
            at = int(cause.rpartition("/")[2])
            found.setdefault(at, []).append(orjson.loads(record.value))
        return found

    async def ask(self, message: Json) -> None:
        """Send one request about a month."""
        self.months.append(message)
        pending = await self.log.append(CLEARING_REQUESTS, 0, [to_record(message)])
        await pending.done()

    async def answered(self) -> None:
        """Wait until every request has an answer."""

        async def all_answered() -> bool:
            return len(await self.answers()) == len(self.months)

        await until(all_answered, seconds=120)


@pytest.fixture
def lived() -> RandomMonths:
    """Random months that a trial decided."""
    life = RandomMonths(Random(310))
    life.live(300)
    return life


@pytest.fixture
async def province(
    machine: Machine, tmp_path: Path, lived: RandomMonths
) -> AsyncIterator[Province]:
    """The ledger of those months on Kafka; nothing of it is cleared yet."""
    (tmp_path / "packs").mkdir()
    for name, text in overlays().items():
        (tmp_path / "packs" / name).write_text(text, "utf-8")
    served = Served(tmp_path / "trial")
    await served.begin()
    for message in lived.months.asked:
        await served.ask(message)
    log = KafkaLog(machine.servers.kafka, producer=make_producer(machine.servers.kafka))
    await log.start()
    await provision(machine.servers.kafka, partitions=1)
    pending = await log.append(LEDGER, 0, served.log.partitions[LEDGER, 0])
    await pending.done()
    await asyncio.to_thread(asyncio.run, prepare(machine.servers))
    yield Province(machine, tmp_path, log)
    await log.stop()


def decided(data: Json) -> tuple[Any, ...]:
    """Return what an answer says, but for where and when it was entered."""
    codes = [one["code"] for one in data.get("refusals", [])]
    rows = [
        {name: value for name, value in one.items() if name not in DAYS}
        for one in data.get("statements", [])
    ]
    return data["outcome"], codes, rows


async def views_of(province: Province, lived: RandomMonths) -> dict[str, list[Json]]:
    """Make the views from the facts on Kafka over the rows that the trial knows."""
    regions: dict[str, Region] = {}
    for name, region in lived.months.trial.clearing.regions.items():
        regions[name] = Region(name)
        for row in region.rows.values():
            regions[name].hear(row)
    heads = dict.fromkeys(regions, NO_HEAD)
    for record in await province.records(CLEARING):
        name = person_of(record) or ""
        one = accept_clearing(record, heads.get(name, NO_HEAD))
        assert isinstance(one, AcceptedClearing)
        heads[name] = one.head
        region = regions.setdefault(name, Region(name))
        region.apply(evolve_region(region, one.fact, calendar=Calendar(packs())))
    return {
        view: orjson.loads(orjson.dumps(list(show(regions.values(), packs()))))
        for view, show in VIEWS.items()
    }


class Tables:
    """The read models of the province."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection


async def same_tables(province: Province, lived: RandomMonths) -> None:
    """Wait until the tables are those that the facts on Kafka make."""
    wanted = await views_of(province, lived)
    connection = await connect(province.servers.pg)
    try:

        async def applied() -> bool:
            at = await connection.fetchval(
                "SELECT \"offset\" FROM checkpoint WHERE topic = 'jiesuan.clearing'"
            )
            end = await province.log.end_offset(CLEARING, 0)
            return at is not None and at + 1 >= end

        await until(applied, seconds=60)
        for view in KEYS:
            rows = wanted[view]
            if rows:
                tables: Any = Tables(connection)
                assert await shown(tables, view, list(rows[0])) == rows, view
    finally:
        await connection.close()


async def test_months_survive_whatever_is_killed(
    province: Province, lived: RandomMonths
) -> None:
    """Every request is answered alike, and tables, facts and a rebuild agree."""
    kept = [province.process(name) for name in ("clearer", "projector")]
    keeping = [asyncio.create_task(one.keep()) for one in kept]
    chance = Random(310)
    try:
        months = [one for one in lived.months.asked if is_of_clearing(one["type"])]
        due = sorted(chance.sample(range(len(months)), KILLS))
        for number, message in enumerate(months):
            await province.ask(message)
            if number in due:
                await asyncio.sleep(chance.uniform(0, 0.5))
                chance.choice(kept).kill()
        await province.answered()
        await same_tables(province, lived)
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
        for one in kept:
            one.kill()
    for found in (await province.answers()).values():
        assert len({str(decided(data)) for data in found}) == 1
    again = await compare_with_log(
        province.servers.kafka, province.servers.pg, name="clearing"
    )
    assert again.agrees
