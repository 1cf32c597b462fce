"""Months on real Kafka and PostgreSQL, with processes killed at every transition.

The ledger grows as the months pass, in the order of the trial; what is asked of a month
is decided by the process while it is killed. In the end every answer and every table is
that of naive books, which know nothing of the code. `make months` lives a whole year.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from tests.connected.conftest import Kept, until
from tests.domain.clearing.months import overlays, packs
from tests.domain.clearing.naive_clearing import STATES, NaiveClearing
from tests.domain.clearing.naive_days import beijing
from tests.domain.clearing.naive_views import views
from tests.domain.clearing.random_months import RandomMonths
from tests.projections.test_months import KEYS, shown
from tests.projections.test_past_months import text, told_again
from tests.services.clearing.conftest import Served
from tests.services.clearing.replayed import lines_of, views_again

from jiesuan_cluster.topics import provision
from jiesuan_embedded import Machine
from jiesuan_events.words.topics import (
    ANSWERS,
    CLEARING,
    CLEARING_REQUESTS,
    LEDGER,
    LOOKS,
)
from jiesuan_ledger.log.kafka import KafkaLog, make_producer
from jiesuan_ledger.log.port import read_one
from jiesuan_ledger.log.record import Record
from jiesuan_projections import compare_with_log, connect
from jiesuan_projections.read_models.clearing.queries import by_id, of_month
from jiesuan_services.audit.history.ledger import past_ledger
from jiesuan_services.audit.opened import opened_ledger
from jiesuan_services.audit.verifying.verify import Knowledge, verify
from jiesuan_services.clearing.read import is_of_clearing
from jiesuan_services.cli import main
from jiesuan_services.cli.regions.statements import postings
from jiesuan_services.client.sending import to_record
from jiesuan_services.supervisor.stack import prepare

pytestmark = pytest.mark.connected

Json = dict[str, Any]
Answers = dict[int, list[Json]]
LONG = int(os.environ.get("JIESUAN_MONTHS", "0"))
"""Steps of the year that `make months` lives; without it a few months are lived."""
SHORT = 150
LOOKED_AT = 105
"""Request before which it is noted what tables show, to be asked for again."""
DELAYS = (0.0, 0.002, 0.005, 0.01, 0.03, 0.1) if LONG else (0.005,)
"""Seconds between a request and the kill: before it is read, while, and after."""
WARN = 7000
JIESUAN = Path(sys.executable).with_name("jiesuan")
TRANSITIONS = ("draw", "confirm", "unconfirm", *STATES, "quota")


def random_months() -> RandomMonths:
    """Live through random months, or through a year; every exception is reported."""
    if not LONG:
        life = RandomMonths(Random(314), excused=1.0)
        life.live(SHORT)
        return life
    seed = int(os.environ.get("JIESUAN_SEED", "310"))
    hours = 2 * 366 * 24 // LONG
    pace = tuple(sorted({1, max(hours // 2, 1), max(hours, 2)}))
    life = RandomMonths(Random(seed), 40, pace=pace, excused=1.0)
    life.live(LONG)
    return life


def transition(message: Json) -> str:
    """Return what a request asks for, as the states know it."""
    name: str = message["type"].removeprefix("jiesuan.").removesuffix(".v1")
    return name.rpartition(".")[2]


class Province:
    """A ledger that grows on a machine of its own, and the requests of its months."""

    def __init__(self, machine: Machine, folder: Path, log: KafkaLog) -> None:
        self.servers = machine.servers
        self.folder = folder
        self.log = log
        self.months: list[Json] = []
        self.env = {
            "JIESUAN_KAFKA": self.servers.kafka,
            "JIESUAN_PG": self.servers.pg,
            "JIESUAN_DATA": str(self.folder / "data"),
            "JIESUAN_PACKS": str(self.folder / "packs"),
        }
        self.kept = [self._process(name) for name in ("clearer", "projector")]

    def _process(self, name: str) -> Kept:
        return Kept(name, env={**os.environ, **self.env}, folder=self.folder)

    async def answers(self) -> Answers:
        """Return the answers to each request about a month."""
        end = await self.log.end_offset(ANSWERS, 0)
        read = self.log.read(ANSWERS, 0, start=0, stop=end)
        found: Answers = {}
        async for batch in read:
            for one in batch:
                headers = dict(one.record.headers)
                at = int(headers["cause"].decode().rpartition("/")[2])
                data = orjson.loads(one.record.value or b"")
                said = {**data, "time": headers["ce_time"].decode()}
                found.setdefault(at, []).append(said)
        return found

    async def put(self, topic: str, records: list[Record]) -> None:
        """Write records."""
        pending = await self.log.append(topic, 0, records)
        await pending.done()

    async def ask(self, message: Json) -> None:
        """Send one request about a month."""
        self.months.append(message)
        await self.put(CLEARING_REQUESTS, [to_record(message)])

    async def command(self, *words: str) -> bytes:
        """Run a command, and return what it printed."""
        process = await asyncio.create_subprocess_exec(
            str(JIESUAN), *words, env={**os.environ, **self.env}, stdout=PIPE
        )
        printed, _ = await process.communicate()
        assert process.returncode == 0, words
        return printed

    async def answered(self) -> None:
        """Wait until every request has an answer."""

        async def all_answered() -> bool:
            return len(await self.answers()) == len(self.months)

        await until(all_answered, seconds=120)

    async def projected(self, connection: Any) -> None:
        """Wait until the tables are as far as both logs."""

        async def applied() -> bool:
            rows = await connection.fetch('SELECT topic, "offset" FROM checkpoint')
            at = {row["topic"]: row["offset"] + 1 for row in rows}
            ends = [await self.log.end_offset(one, 0) for one in (LEDGER, CLEARING)]
            return [at.get(LEDGER, 0), at.get(CLEARING, 0)] >= ends

        await until(applied, seconds=60)


async def grown(
    life: RandomMonths, folder: Path
) -> tuple[list[Record], list[list[Record]]]:
    """Return how the ledger begins, and what each request of the life adds to it."""
    served = Served(folder)
    await served.begin()
    records = served.log.partitions[LEDGER, 0]
    begin, added = list(records), []
    for message in life.months.asked:
        before = len(records)
        await served.ask(message)
        added.append(list(records[before:]))
    return begin, added


@pytest.fixture
async def province(machine: Machine, tmp_path: Path) -> AsyncIterator[Province]:
    """A machine with an empty ledger of one partition, and its processes kept."""
    (tmp_path / "packs").mkdir()
    for name, pack in overlays().items():
        (tmp_path / "packs" / name).write_text(pack, "utf-8")
    log = KafkaLog(machine.servers.kafka, producer=make_producer(machine.servers.kafka))
    await log.start()
    await provision(machine.servers.kafka, partitions=1)
    yield Province(machine, tmp_path, log)
    await log.stop()


def kills(life: RandomMonths) -> dict[int, float]:
    """Choose requests of each transition that the trial decided, and when to kill."""
    decided: dict[str, list[int]] = {}
    months = [
        (message, answer["data"])
        for message, answer in zip(life.months.asked, life.months.answers, strict=True)
        if is_of_clearing(message["type"])
    ]
    for at, (message, data) in enumerate(months):
        if data["outcome"] == "decided":
            decided.setdefault(transition(message), []).append(at)
    assert set(decided) == set(TRANSITIONS)
    chance = Random(310)
    chosen = {
        name: chance.sample(places, min(len(places), len(DELAYS)))
        for name, places in decided.items()
    }
    return {
        at: delay
        for places in chosen.values()
        for at, delay in zip(places, DELAYS, strict=False)
    }


class Books:
    """Naive books of the same months, told when each request was recorded."""

    def __init__(self, life: RandomMonths) -> None:
        self.books = NaiveClearing()
        self.asked = 0
        self._rows = list(life.books.rows.values())

    def hear(self, month: str) -> None:
        """Hear the rows of the ledger up to a month, in its order."""
        for row in self._rows:
            if row["clr_ym"] <= month:
                self.books.hear(row)

    def check(self, messages: list[Json], answers: Answers) -> None:
        """Hold the answers that came since against the books."""
        for at in range(self.asked, len(messages)):
            first, *again = answers[at]
            codes = [one["code"] for one in first.get("refusals", [])] or None
            found = self.books.decide(messages[at], first["time"])
            assert codes == found, (messages[at], first)
            for one in again:
                assert codes == ([r["code"] for r in one.get("refusals", [])] or None)
                assert codes is not None or one == first
        self.asked = len(messages)


async def same_tables(province: Province, books: Books) -> None:
    """Compare every table with the naive views."""
    connection = await connect(province.servers.pg)
    try:
        await province.projected(connection)
        wanted = orjson.loads(orjson.dumps(views(books.books, WARN)))
        tables: Any = SimpleNamespace(connection=connection)
        for view in KEYS:
            rows = wanted.get(view, [])
            columns = list(rows[0]) if rows else []
            count = await connection.fetchval(f"SELECT count(*) FROM {view}")
            assert count == len(rows), view
            if rows:
                assert await shown(tables, view, columns) == rows, view
    finally:
        await connection.close()


async def same_when_replayed(province: Province, file: Path) -> None:
    """Compare every table with what the lines of `jiesuan replay` come to, alone."""
    words = ("replay", "--out", str(file))
    done = await asyncio.to_thread(CliRunner().invoke, main, words, env=province.env)
    assert done.exit_code == 0, done.output
    written = await asyncio.to_thread(file.read_bytes)
    again = views_again(lines_of(written.splitlines()))
    connection = await connect(province.servers.pg)
    try:
        tables: Any = SimpleNamespace(connection=connection)
        for view, rows in again.items():
            count = await connection.fetchval(f"SELECT count(*) FROM {view}")
            assert count == len(rows), view
            if rows:
                assert await shown(tables, view, list(rows[0])) == rows, view
    finally:
        await connection.close()


class Looked:
    """What tables showed while the months lived, to be asked for again."""

    def __init__(self, province: Province) -> None:
        self.province = province
        self.shown: list[tuple[str, str, str]] = []
        """An instant, a month or the id of a statement, and what was shown of it."""

    async def look(self) -> None:
        """Wait until all is told, and note a month and two of its statements."""
        await self.province.answered()
        on = await connect(self.province.servers.pg)
        try:
            await self.province.projected(on)
            ids: list[str] = await on.fetchval(
                "SELECT array_agg(statement_id ORDER BY clr_stas, statement_id)"
                " FROM clearing_statement"
            )
            month, at = ids[0].split(":")[1], datetime.now(UTC).isoformat()
            found = {"clr_ym": month, "statements": await of_month(on, month)}
            self.shown.append((at, month, text(found)))
            for id_ in (ids[0], ids[-1]):
                one: Json = await by_id(on, id_) or {}
                self.shown.append((at, id_, text({**one, "postings": postings(one)})))
        finally:
            await on.close()

    async def same_again(self) -> None:
        """Compare what was shown with what the logs know of those instants now."""
        kafka, folder = self.province.servers.kafka, self.province.folder
        async with (
            opened_ledger(kafka) as ledger,
            past_ledger(ledger.log, folder, ledger_id=ledger.id, partitions=1) as past,
        ):
            for at, what, before in self.shown:
                await told_again(past, at, {what: before})
        at, what, before = self.shown[-1]
        printed = await self.province.command("as-of", at, "statement", what, "--json")
        assert printed.decode().startswith(before[:-1] + ', "as_of": {"0": ')
        look = await read_one(self.province.log, LOOKS, 0, offset=0)
        assert orjson.loads(look.value or b"")["detail"] == f"{at} statement {what}"


def months_of(life: RandomMonths, added: list[list[Record]]) -> Iterator[list[Any]]:
    """Cut a life into the Beijing months in which its requests came."""
    pairs = zip(life.months.asked, added, strict=True)
    by_month = groupby(pairs, key=lambda one: f"{beijing(one[0]['time']):%Y%m}")
    if LONG:
        yield from (list(month) for _, month in by_month)
    else:
        yield list(zip(life.months.asked, added, strict=True))


async def test_months_survive_a_kill_at_every_transition(
    province: Province, tmp_path: Path, figures: list[str]
) -> None:
    """Answers, tables, rebuild, replay, as-of are naive books', whatever is killed."""
    life = random_months()
    begin, added = await grown(life, tmp_path / "trial")
    await province.put(LEDGER, begin)
    await asyncio.to_thread(asyncio.run, prepare(province.servers))
    due, books, looked = kills(life), Books(life), Looked(province)
    keeping = [asyncio.create_task(one.keep()) for one in province.kept]
    try:
        for month in months_of(life, added):
            await _live(province, month, due=due, looked=looked)
            await province.answered()
            books.hear(f"{beijing(month[-1][0]['time']):%Y%m}")
            books.check(province.months, await province.answers())
            await same_tables(province, books)
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
        for one in province.kept:
            one.kill()
    again = await compare_with_log(
        province.servers.kafka, province.servers.pg, name="clearing"
    )
    assert again.agrees
    known = Knowledge(tmp_path, packs=packs())
    report = await verify(province.servers.kafka, known=known)
    assert report.wrong == []
    assert report.clearing_entries == await province.log.end_offset(CLEARING, 0)
    await same_when_replayed(province, tmp_path / "replayed.jsonl")
    if not LONG:
        await looked.same_again()
    figures.append(f"{len(province.months)} requests of months, {len(due)} kills -9")


async def _live(
    province: Province, month: list[Any], *, due: dict[int, float], looked: Looked
) -> None:
    for number, (message, records) in enumerate(month):
        if number == LOOKED_AT and not LONG:
            await looked.look()
        if records:
            await province.put(LEDGER, records)
        if not is_of_clearing(message["type"]):
            continue
        at = len(province.months)
        await province.ask(message)
        if at in due:
            await asyncio.sleep(due[at])
            province.kept[0].kill()
            if at % 3 == 0:
                province.kept[1].kill()
