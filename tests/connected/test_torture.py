"""Anything, written to every topic of a running town: nothing stops or is lost."""

import json
import os
import random
import time
from collections import Counter, defaultdict
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from tests.ledger.raw import CODECS, NOW, Raw, RawProducer, batch

from jiesuan_cluster.topics import wanted
from jiesuan_events.words.topics import ANSWERS, LEDGER, REFERENCE, REQUESTS
from jiesuan_ledger.log.port import LogError
from jiesuan_ledger.ours import AcceptedAnswer, accept_answer
from jiesuan_services.runtime.heartbeat import beats

pytestmark = pytest.mark.connected
RECORDS = int(os.environ.get("JIESUAN_TORTURE", "2000"))
"""`make torture` writes 200,000."""
SEED = int(os.environ.get("JIESUAN_SEED", "12"))
AT_ONCE = 100
PARTITIONS = 8
MIB = 1024 * 1024 - 2_000
TIMES = (NOW, 0, -1, 2**63 - 1, -(10**15), 10**15)
NAMES = (b"ce_id", b"ce_type", b"ce_source", b"ce_subject", b"ce_time", b"cause")
NAMES += (b"", b"\xff", b"checksum", b"hash", b"x" * 2_000)
COUNTED = ("strangers", "dead_letters")


class Writer:
    """Writes what nobody expects, from a seed; copies what it finds."""

    def __init__(self, town: Any, raw: RawProducer, chance: random.Random) -> None:
        self.seen: Counter[str] = Counter()
        self._town, self._raw, self._chance = town, raw, chance
        self._found: list[Raw] = [Raw(b"k", b"{}")]

    async def look(self) -> None:
        """Take the first records of every topic, to be copied and damaged."""
        for topic in (REQUESTS, LEDGER, ANSWERS, REFERENCE):
            for partition in range(PARTITIONS if topic != REFERENCE else 1):
                records = await self._town.records(topic, partition)
                self._found += [
                    Raw(
                        one.key,
                        one.value,
                        [
                            (n.encode("utf-8", "surrogateescape"), v)
                            for n, v in one.headers
                        ],
                    )
                    for one in records[:50]
                ]

    def bytes_of(self) -> bytes | None:
        """Return absent, empty, one byte, no text, or rarely a mebibyte."""
        chance = self._chance
        if chance.random() < 0.002:
            return b"x" * (MIB // 3)
        return chance.choice((None, b"", b"1", b"\xff\xfe", b"{}", b"null", b"P00001"))

    def record(self) -> Raw:
        """Make a record: of nothing, or copied, or copied with something changed."""
        chance = self._chance
        kind = chance.random()
        copied = chance.choice(self._found)
        at = chance.choice(TIMES)
        if kind < 0.3:
            self.seen["copied"] += 1
            return copied._replace(timestamp=at)
        if kind < 0.5 and copied.value:
            self.seen["flipped"] += 1
            value = bytearray(copied.value)
            value[chance.randrange(len(value))] ^= 1 << chance.randrange(8)
            return copied._replace(value=bytes(value))
        if kind < 0.6:
            self.seen["tombstone"] += 1
            return copied._replace(value=None)
        self.seen["anything"] += 1
        headers = [
            (chance.choice(NAMES), self.bytes_of()) for _ in range(chance.randrange(5))
        ]
        return Raw(self.bytes_of(), self.bytes_of(), headers, at)

    async def write(self) -> int:
        """Write one batch somewhere; the broker may refuse it."""
        chance = self._chance
        topic = chance.choice(list(wanted()))
        partition = chance.randrange(wanted()[topic][0])
        records = [self.record() for _ in range(chance.choice((1, 1, 2, 5)))]
        made = batch(records, codec=chance.choice(CODECS))
        try:
            await self._raw.send(topic, partition, made)
        except (KafkaError, OSError) as refused:
            self.seen[f"refused by the broker: {type(refused).__name__}"] += 1
            return 0
        return len(records)


async def answers_of(town: Any) -> dict[tuple[int, int], list[Any]]:
    """Return our answers, strangers aside, by the request that they answer."""
    found: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for partition in range(PARTITIONS):
        for record in await town.records(ANSWERS, partition):
            one = accept_answer(record, partition)
            if isinstance(one, AcceptedAnswer) and one.topic == REQUESTS:
                data = json.loads(record.value)
                if data not in found[partition, one.request]:
                    found[partition, one.request].append(data)
    return found


async def all_answered(
    town: Any, *, seconds: float
) -> dict[tuple[int, int], list[Any]]:
    """Wait until every good request has an answer."""
    until = time.monotonic() + seconds
    while True:
        try:
            found = await answers_of(town)
        except LogError:
            continue
        missing = [place for place in town.asked if place not in found]
        if not missing:
            return found
        assert time.monotonic() < until, f"seed {SEED}: no answer at {missing[:5]}"


async def test_nothing_that_is_written_stops_anything(
    town: Any, life: Any, plain: Any
) -> None:
    """No process ends, every good request is answered once and rightly."""
    names = ["decider-0", "decider-1", "projector", "clearer"]
    kept = [
        town.process(name, decider=f"{name[-1]}/2" if "decider" in name else "0/1")
        for name in names
    ]
    for one in kept:
        await one.start()
    await town.registered()
    pids = [one.process.pid for one in kept]
    day, chance = life(SEED, people=40), random.Random(SEED)
    await town.ask(day.begin())
    written, began = 0, time.monotonic()
    async with RawProducer(town.servers.kafka) as raw:
        writer = Writer(town, raw, chance)
        await writer.look()
        while written < RECORDS:
            stop = written + AT_ONCE
            while written < min(stop, RECORDS):
                written += await writer.write()
            await town.ask(day.more(10))
    print(f"seed {SEED}: {written} records {dict(writer.seen)}")  # noqa: T201
    found = await all_answered(town, seconds=120 + RECORDS / 100)
    _, expected = town.recomputed()
    wrong = {
        place: found[place]
        for place in town.asked
        if [plain(one) for one in found[place]] != [expected[place]]
    }
    assert wrong == {}, f"seed {SEED}"
    assert [one.process.pid for one in kept] == pids
    assert [one.process.returncode for one in kept] == [None] * len(kept)
    said = beats(town.folder / "data" / "beats")
    standing = [
        (name, place, lane["standing"])
        for name, one in said.items()
        for place, lane in one.get("partitions", {}).items()
        if lane["standing"] is not None
    ]
    assert standing == [], f"seed {SEED}"
    report = await town.verified()
    assert report.wrong == [], f"seed {SEED}"
    took = time.monotonic() - began
    print(f"{len(town.asked)} answered, {len(report.forks)} forks, {took:.0f} s")  # noqa: T201
    await town.told(seconds=120 + RECORDS / 100)
