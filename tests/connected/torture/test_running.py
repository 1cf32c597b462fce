"""A running stack: its status is true, and nothing that anybody writes stops it."""

import asyncio
import json
import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from tests.connected.conftest import Town, until
from tests.connected.torture.breaking import break_and_restore, serving, start_all_again
from tests.connected.torture.checks import (
    asked_by_strangers,
    check_answers,
    check_books,
    check_letters,
    check_named,
    requests_there,
    tried,
)
from tests.connected.torture.living import (
    ANSWER_SECONDS,
    TOPICS,
    Tortured,
    followed,
    set_topics,
    torture,
)
from tests.connected.torture.stack import jiesuan, status
from tests.connected.torture.strangers import ALL, Strangers, share_of
from tests.connected.torture.writer import Place, Writer

from jiesuan_embedded import Machine
from jiesuan_ledger.log.kafka import KafkaLog, make_producer
from jiesuan_services.intake.read import Parsed

pytestmark = pytest.mark.connected

ORDINARY: Final = 1_000
RECORDS: Final = int(os.environ.get("JIESUAN_TORTURE", ORDINARY))
"""`make torture` writes 200,000."""
SEED: Final = int(os.environ.get("JIESUAN_SEED", "1"))
"""Seeds in a row write different combinations, until all of them are written."""
GROWTH_KIB: Final = 256 * 1024
"""By how much the memory of a process may grow at most."""


PROCESSES: Final = {
    *("decider-0", "decider-1", "projector", "sealer", "clearing", "gateway"),
}


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A stack of two deciders that seals every other second, running as `up` leaves it.

    Not below pytest's own folder, which no other user may pass: PostgreSQL must.
    """
    with tempfile.TemporaryDirectory(prefix="jsn-") as name:
        folder = Path(name) / "data"
        try:
            up = jiesuan(folder, "up", "--detach", "--deciders", "2")
            assert up.returncode == 0, up.stderr
            yield folder
        finally:
            jiesuan(folder, "down")


def test_status_tells_what_serves_and_what_stands(data: Path) -> None:
    """All serve when `up` returns; one that is stopped or killed is told of."""
    code, said = status(data)
    assert (code, said["standing"]) == (0, [])
    assert set(said["processes"]) == PROCESSES
    assert {one["restarts"] for one in said["processes"].values()} == {0}
    partitions = [
        reported
        for name, one in said["processes"].items()
        if name.startswith("decider")
        for reported in one["partitions"].values()
    ]
    assert [(reported["lag"], reported["lag_seconds"]) for reported in partitions] == [
        (0, 0.0)
    ] * 8
    os.kill(said["processes"]["decider-1"]["pid"], signal.SIGSTOP)
    time.sleep(6)
    code, report = status(data)
    assert code == 1
    assert [one["process"] for one in report["standing"]] == ["decider-1"]
    os.kill(said["processes"]["decider-1"]["pid"], signal.SIGKILL)
    until = time.monotonic() + 60
    while code == 1 and time.monotonic() < until:
        code, report = status(data)
    assert report["processes"]["decider-1"]["restarts"] == 1
    assert "退出码 -9" in report["processes"]["decider-1"]["last_error"]
    assert (code, report["standing"]) == (0, [])


def test_up_starts_a_server_again_that_died(data: Path) -> None:
    """Under processes that run, `up` starts what was killed, and all go on."""
    killed = Machine(data)
    killed.kill_kafka()
    up = jiesuan(data, "up", "--detach")
    assert (up.returncode, up.stderr) == (
        0,
        "已重新启动Kafka。\n已在运行，见jiesuan status。\n",
    )
    assert killed.kafka.process.pid is not None
    code, until = 1, time.monotonic() + 60
    while code == 1 and time.monotonic() < until:
        code, report = status(data)
    assert (code, report["standing"]) == (0, [])


@pytest.fixture
async def tortured(data: Path) -> Any:
    """The stack, and a log to ask through."""
    servers = Machine(data).servers
    log = KafkaLog(servers.kafka, producer=make_producer(servers.kafka))
    await log.start()
    yield Tortured(data, Town(servers, data, log))
    await log.stop()


def memory(said: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Return what each process holds now, and the most that it ever held, in KiB."""
    found = {}
    for name, one in said["processes"].items():
        text = Path(f"/proc/{one['pid']}/status").read_text()
        lines = dict(line.split(":\t", 1) for line in text.splitlines())
        now, most = (int(lines[what].split()[0]) for what in ("VmRSS", "VmHWM"))
        found[name] = now, most
    return found


async def settled(
    one: Tortured, asked: dict[Place, Parsed | str], strangers: set[Place]
) -> None:
    """Wait until all is answered or put aside, and the tables are at the logs' ends."""
    reading = {place for place, read in asked.items() if isinstance(read, Parsed)}
    due, unread = one.good() | reading, asked.keys() - reading
    letters = 'SELECT topic, "partition", "offset" FROM dead_letter'

    async def all_done() -> bool:
        await one.collect(strangers)
        return due <= one.answers.keys() and unread <= set(await one.rows(letters))

    await until(all_done, seconds=ANSWER_SECONDS)
    await followed(one)


async def write(one: Tortured) -> tuple[Writer, Strangers]:
    """Let the town live among strangers."""
    share = share_of(SEED, RECORDS)
    strangers = Strangers(random.Random(SEED), share=share, topics=TOPICS)
    async with Writer(one.town.servers.kafka, random.Random(SEED)) as writer:
        await torture(one, writer, strangers, seed=SEED, records=RECORDS)
    assert set(share) <= strangers.seen
    return writer, strangers


async def nothing_stands(one: Tortured) -> dict[str, Any]:
    """Return the status, which says that all is well."""
    code, said = await asyncio.to_thread(status, one.data)
    print(json.dumps(said, ensure_ascii=False))  # noqa: T201
    assert (code, said["standing"]) == (0, [])
    return said


async def test_nothing_that_anybody_writes_stops_the_town(
    tortured: Tortured, figures: list[str]
) -> None:
    """Among thousands of strangers no process ends, all good requests are answered
    once and rightly, the tables are those of the log, and every stranger is named.
    """
    one, began = tortured, time.monotonic()
    print(f"seed {SEED}, {RECORDS} records")  # noqa: T201
    await set_topics(one.town.servers.kafka, "producer")
    await one.town.registered()
    before = await nothing_stands(one)
    held = memory(before)
    writer, strangers = await write(one)
    wrote = time.monotonic() - began
    there = await requests_there(one)
    asked = asked_by_strangers(there, writer)
    try:
        await settled(one, asked, set(writer.places))
    finally:
        after = await nothing_stands(one)
    assert serving(after) == serving(before)
    grown = {name: (held[name][0], *now) for name, now in memory(after).items()}
    trial, expected = tried(one, asked)
    said = check_answers(one, asked, expected)
    await check_letters(one, there, asked)
    named = await check_named(one, writer)
    await check_books(one, trial)
    seconds = f"written in {wrote:.0f} s, all in {time.monotonic() - began:.0f} s"
    figures += [
        f"torture, seed {SEED}: {writer.count} strangers, {len(strangers.seen)} "
        f"combinations of {ALL}, all {len(share_of(SEED, RECORDS))} of its share, "
        f"{len(one.good())} good requests; {seconds}",
        f"refused by the broker {dict(writer.refused)}; by topic {dict(named)}",
        f"answers {dict(said)}",
        f"KiB before, after, most: {grown}",
    ]
    for name, (first, now, _) in grown.items():
        assert now - first < GROWTH_KIB, f"{name} grew from {first} to {now} KiB"


async def test_broken_batches_are_named_and_concern_nobody_else(
    tortured: Tortured, figures: list[str]
) -> None:
    """A bit of a batch of every topic is flipped on the disk of the broker: who reads
    it stands and says so, nobody ends, the others go on; restored, all go on. After a
    long run whoever is started again on what strangers have left serves.
    """
    began = time.monotonic()
    async with Writer(tortured.town.servers.kafka, random.Random(SEED)) as writer:
        await break_and_restore(tortured, writer)
        if RECORDS > ORDINARY:
            await start_all_again(tortured, writer)
    figures.append(f"torture, broken batches: {time.monotonic() - began:.0f} s")
