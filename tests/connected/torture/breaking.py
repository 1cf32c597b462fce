"""Batches that the disk has changed: who reads them stands there, and says so."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.connected.conftest import until
from tests.connected.life import bill, enrolment, institutions
from tests.connected.torture.living import TOPICS, Tortured
from tests.connected.torture.stack import status
from tests.connected.torture.writer import Writer
from tests.ledger.raw import Raw

from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words import topics
from jiesuan_events.words.topics import ANSWERS, LEDGER, REQUESTS
from jiesuan_ledger.log.fetch.slow import BROKEN
from jiesuan_ledger.ours import AcceptedAnswer, accept_answer

PERSONS: Final = [f"BROKEN{number}" for number in range(24)]
PARTED: Final = partition_of(PERSONS[0], TOPICS[REQUESTS])
"""The partition of requests, ledger and answers of which a batch is broken."""
READERS: Final[Mapping[str, set[str]]] = {
    REQUESTS: {"decider"},
    ANSWERS: {"projector", "gateway"},
    LEDGER: {"projector", "clearing"},
    topics.CLEARING_REQUESTS: {"clearing"},
    topics.DEAD_LETTERS: {"projector"},
    topics.REFERENCE: {"decider", "gateway"},
    topics.SEALS: {"sealer"},
}
"""Who reads a topic. No process reads the looks; clearing that cannot read its entries
asks for no requests, so that only one of the two is broken.
"""
PLACES: Final = {topic: PARTED if TOPICS[topic] > 1 else 0 for topic in READERS}
NOTICED_SECONDS: Final = 60


@contextmanager
def paused(said: Mapping[str, Any]) -> Iterator[None]:
    """Let no process read while something is written."""
    pids = [one["pid"] for one in said["processes"].values()]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


Bit = tuple[Path, int]


def last_bit(data: Path, topic: str) -> Bit:
    """Find the last bit of a partition as it lies on the broker's disk now."""
    folder = data / "kafka" / "data" / f"{topic}-{PLACES[topic]}"
    file = max(folder.glob("*.log"))
    return file, file.stat().st_size - 1


def flip(bit: Bit) -> None:
    """Flip a bit, there or back."""
    file, at = bit
    with file.open("r+b") as raw:
        raw.seek(at)
        (last,) = raw.read(1)
        raw.seek(at)
        raw.write(bytes([last ^ 1]))


def named(said: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return before which topics' broken batches which processes stand."""
    found: dict[str, set[str]] = {topic: set() for topic in READERS}
    for one in said["standing"]:
        if BROKEN not in one["why"]:
            continue
        who, place = one["process"].partition("-")[0], one.get("partition", "")
        own = {"decider": REQUESTS, "clearing": topics.CLEARING_REQUESTS}
        topic = place.rpartition("/")[0] or (place and own[who])
        found[topic or topics.SEALS].add(who)
    return found


def serving(said: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Return each process and how often another stood in its place before."""
    return {
        name: (one["pid"], one["restarts"]) for name, one in said["processes"].items()
    }


async def break_and_restore(one: Tortured, writer: Writer) -> None:
    """Break a batch of each topic: its readers stand there and `status` names them
    all, no process ends, whom it does not concern goes on; restored, all go on.
    """
    begins = await one.town.log.end_offsets(ANSWERS, TOPICS[ANSWERS])
    await one.ask(institutions(), writer)
    await until(lambda: answered(one, begins), seconds=NOTICED_SECONDS)
    before = await status_when(one, lambda said: said["standing"] == [])
    now = round(time.time() * 1000)  # what is older than a topic keeps would be deleted
    bits: list[Bit] = []
    with paused(before):
        for topic, partition in PLACES.items():
            await writer.good(topic, partition, [Raw(b"x", b"{}", (), now)])
            bits.append(last_bit(one.data, topic))
            flip(bits[-1])
    await one.ask([enrolment(person) for person in PERSONS], writer)
    await one.ask([bill(person, f"B-{person}", fen=900) for person in PERSONS], writer)
    said = await status_when(one, lambda said: named(said) == READERS)
    assert serving(said) == serving(before)
    await until(lambda: answered(one, begins, but=PARTED), seconds=NOTICED_SECONDS)
    for bit in bits:
        flip(bit)
    await until(lambda: answered(one, begins), seconds=NOTICED_SECONDS)
    said = await status_when(one, lambda said: said["standing"] == [])
    assert serving(said) == serving(before)


async def start_all_again(one: Tortured, writer: Writer) -> None:
    """Kill every process: each reads again what strangers and ours have left, serves,
    nothing stands any more, and what is asked then is answered.
    """
    begins = await one.town.log.end_offsets(ANSWERS, TOPICS[ANSWERS])
    one.town.asked.clear()
    _, before = await asyncio.to_thread(status, one.data)
    for process in before["processes"].values():
        os.kill(process["pid"], signal.SIGKILL)
    await one.ask([bill(person, f"C-{person}", fen=800) for person in PERSONS], writer)
    await until(lambda: answered(one, begins), seconds=NOTICED_SECONDS)
    after = await status_when(one, lambda said: said["standing"] == [])
    restarts = {name: at + 1 for name, (_, at) in serving(before).items()}
    assert {name: at for name, (_, at) in serving(after).items()} == restarts


async def status_when(one: Tortured, holds: Callable[[Any], bool]) -> dict[str, Any]:
    """Ask for the status until it says what it should; exit code 1 if any stands."""
    said: dict[str, Any] = {}

    async def says_so() -> bool:
        nonlocal said
        code, said = await asyncio.to_thread(status, one.data)
        assert code == int(said["standing"] != [])
        return holds(said)

    try:
        await until(says_so, seconds=NOTICED_SECONDS)
    except TimeoutError:
        raise AssertionError(f"{named(said)}: {said['standing']}") from None
    return said


async def answered(one: Tortured, begins: list[int], *, but: int | None = None) -> bool:
    """Whether all that was asked of persons has its answer, but for a partition."""
    log, found = one.town.log, set()
    for partition in set(range(TOPICS[ANSWERS])) - {but}:
        end = await log.end_offset(ANSWERS, partition)
        read = log.read(ANSWERS, partition, start=begins[partition], stop=end)
        async for some in read:
            said = [accept_answer(stored.record, partition) for stored in some]
            asked = [each for each in said if isinstance(each, AcceptedAnswer)]
            found |= {(partition, each.request) for each in asked}
    return {place for place in one.town.asked if place[0] != but} <= found
