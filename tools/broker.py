"""What settings of Kafka cost and spare: codecs, sizes of batches, fetches, segments.

`python -m tools.broker` starts a machine of its own, lets deciders settle bills that
differ, reads their entries and answers back, and writes and reads these again under
each setting: in each case as a process of this ledger would, with the same client. A
figure is the best of several turns: microseconds of CPU a record, of the client and of
the broker, and bytes on the disk a record.
"""

import time
from collections.abc import Sequence
from random import Random
from typing import Any, Final, NamedTuple

import orjson
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from jiesuan_events.words.topics import ANSWERS, LEDGER
from jiesuan_ledger.log.fetch.consumer import LogConsumer
from jiesuan_ledger.log.kafka import KafkaParcel
from jiesuan_ledger.log.record import Record
from jiesuan_services.bench.deciding import Decider
from jiesuan_services.bench.load import settle
from jiesuan_services.bench.rig import Rig, cpu_seconds
from jiesuan_services.cli.operators.bench import measure, processor

RECORDS: Final = 20_000
TURNS: Final = 3
CODECS: Final = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
"""Their numbers in the format of a batch."""
WRITTEN: Final = {LEDGER: "zstd", ANSWERS: "none"}
"""How each topic is written (decision 0023)."""
A_BATCH: Final = 100
BATCHES: Final = (1, 5, 20, 100, 400)
FETCHES: Final = (64, 256, 1_024, 4_096)
"""KiB that a fetch may bring of a partition."""
SEGMENTS: Final = (1, 16, 1_024)
"""MiB of a segment."""


class RecordCost(NamedTuple):
    """Microseconds of CPU a record, and bytes on the disk."""

    client: float
    broker: float
    on_disk: float = 0.0


class Setting(NamedTuple):
    """How records are written."""

    codec: str
    a_batch: int = A_BATCH
    segment: int = 1_024


def varied(person: str, number: int) -> Record:
    """Return a settlement with items, prices and counts of its own."""
    record = settle(person, number)
    assert record.value is not None
    data, random = orjson.loads(record.value), Random(number)
    for line in data["feedetail"]:
        fen, count = random.randrange(100, 50_000), random.randrange(1, 9)
        line["med_list_codg"] = f"X{random.randrange(30_000):05}"
        line["pric"] = f"{fen // 100}.{fen % 100:02}0000"
        line["cnt"] = f"{count}.0000"
        line["det_item_fee_sumamt_fen"] = fen * count
    lines = data["feedetail"]
    data["medfee_sumamt_fen"] = sum(one["det_item_fee_sumamt_fen"] for one in lines)
    return Record(record.key, orjson.dumps(data), record.headers)


class Measured:
    """Writes and reads records under settings, and counts what that costs."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._broker = rig.broker
        self._turn = 0

    async def written(self, records: Sequence[Record], setting: Setting) -> RecordCost:
        """Return what writing costs under a setting."""
        costs = []
        for _ in range(TURNS):
            topic = await self._topic(setting)
            costs.append(await self._write(topic, records, setting=setting))
        return RecordCost(*map(min, zip(*costs, strict=True)))

    async def read(
        self, records: Sequence[Record], codec: str, *, kib: int
    ) -> RecordCost:
        """Return what reading costs, a fetch bringing so much at most."""
        setting = Setting(codec)
        topic = await self._topic(setting)
        await self._write(topic, records, setting=setting)
        costs = [await self._read(topic, len(records), kib=kib) for _ in range(TURNS)]
        return RecordCost(*map(min, zip(*costs, strict=True)))

    async def _topic(self, setting: Setting) -> str:
        self._turn += 1
        topic = f"bench.{setting.codec}.{self._turn}"
        admin = AIOKafkaAdminClient(bootstrap_servers=self._rig.kafka)
        await admin.start()
        size = str(setting.segment * 2**20)
        await admin.create_topics(
            [NewTopic(topic, 1, 1, topic_configs={"segment.bytes": size})]
        )
        await admin.close()
        return topic

    async def _write(
        self, topic: str, records: Sequence[Record], *, setting: Setting
    ) -> RecordCost:
        clock = self._clock()
        for some in batched_by(records, setting.a_batch):
            parcel = KafkaParcel(CODECS[setting.codec])
            for one in some:
                parcel.append(one)
            await (await self._rig.log.append(topic, 0, parcel)).done()
        client, broker = self._since(clock, len(records))
        logs = self._rig.data.rglob(f"{topic}-0/*.log")
        size = sum(one.stat().st_size for one in logs)
        return RecordCost(client, broker, size / len(records))

    async def _read(self, topic: str, count: int, *, kib: int) -> RecordCost:
        place = TopicPartition(topic, 0)
        reader = LogConsumer(
            bootstrap_servers=self._rig.kafka,
            enable_auto_commit=False,
            max_partition_fetch_bytes=kib * 1_024,
        )
        await reader.start()
        reader.assign([place])
        reader.seek(place, 0)
        clock, left = self._clock(), count
        while left > 0:
            got = await reader.getmany(place, timeout_ms=500, max_records=1_000)
            left -= sum(map(len, got.values()))
        cost = RecordCost(*self._since(clock, count))
        await reader.stop()
        return cost

    def _clock(self) -> tuple[float, float]:
        return time.process_time(), cpu_seconds(self._broker)

    def _since(self, clock: tuple[float, float], count: int) -> tuple[float, float]:
        now = self._clock()
        client, broker = (
            (after - before) / count * 1e6
            for before, after in zip(clock, now, strict=True)
        )
        return client, broker


def batched_by(records: Sequence[Record], size: int) -> list[Sequence[Record]]:
    """Cut records into batches of a size."""
    return [records[at : at + size] for at in range(0, len(records), size)]


async def settled(rig: Rig) -> dict[str, list[Record]]:
    """Let deciders settle, and return their entries and answers as they wrote them."""
    decider = Decider(rig, scale=0.0)
    await decider.open()
    await decider.enrol_all()
    until = await rig.ends(ANSWERS) + RECORDS
    people = decider.people
    await decider.loader.write(
        (person, varied(person, number))
        for number in range(RECORDS)
        if (person := people[number % len(people)])
    )
    rig.start("decider")
    await rig.rate_of_answers(until)
    rig.stop()
    return {topic: await _last(rig, topic) for topic in WRITTEN}


async def _last(rig: Rig, topic: str) -> list[Record]:
    """Return the settlements' records of a topic, the persons mixed as they came."""
    ends = await rig.log.end_offsets(topic, rig.partitions)
    found = [
        one
        for partition, end in enumerate(ends)
        async for some in rig.log.read(topic, partition, start=1, stop=end)
        for one in some
    ]
    found.sort(key=lambda one: one.timestamp)
    return [one.record for one in found[-RECORDS:]]


def print_table(
    title: str, head: Sequence[str], *, rows: Sequence[Sequence[Any]]
) -> None:
    """Print a table as the documents have it."""
    print(f"\n{title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        cells = [f"{one:,.1f}" if isinstance(one, float) else str(one) for one in row]
        print(f"| {' | '.join(cells)} |", flush=True)


async def figures(
    rig: Rig, scale: float, *, say: Any, alone: bool
) -> list[dict[str, Any]]:
    """Print the four tables."""
    del scale, say, alone
    made, costs = await settled(rig), Measured(rig)
    print(f"{processor()}; {RECORDS:,} entries and answers; µs and bytes a record")
    head = ("written", "bytes", "client µs", "broker µs")
    rows: list[Sequence[Any]] = []
    for topic, records in made.items():
        for codec in CODECS:
            one = await costs.written(records, Setting(codec))
            read = await costs.read(records, codec, kib=FETCHES[-1])
            rows.append(
                (f"{topic}, {codec}", one.on_disk, *one[:2], read.client, read.broker)
            )
    print_table("Codecs", (*head, "reading µs", "its broker µs"), rows=rows)
    rows = [
        (f"{topic}, {size} a batch", one.on_disk, *one[:2])
        for topic, records in made.items()
        for size in BATCHES
        if (one := await costs.written(records, Setting(WRITTEN[topic], size)))
    ]
    print_table("Batches", head, rows=rows)
    rows = [
        (f"{topic}, {kib:,} KiB", *one[:2])
        for topic, records in made.items()
        for kib in FETCHES
        if (one := await costs.read(records, WRITTEN[topic], kib=kib))
    ]
    print_table("Fetches", ("read", "client µs", "broker µs"), rows=rows)
    rows = [
        (f"{LEDGER}, none, {mib:,} MiB", one.on_disk, *one[:2])
        for mib in SEGMENTS
        if (one := await costs.written(made[LEDGER], Setting("none", segment=mib)))
    ]
    print_table("Segments", head, rows=rows)
    return []


if __name__ == "__main__":
    measure(figures, 1.0, say=lambda _: None)
