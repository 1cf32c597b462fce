"""The reader of Kafka on real Kafka: whatever lies there, all of it comes, once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from tests.ledger.conftest import create_topic, drained, good, opened, transaction
from tests.ledger.raw import CODECS, NOW, Raw, RawProducer, batch, framed, packed

from jiesuan_embedded import Machine
from jiesuan_ledger.log.fetch import consumer, slow
from jiesuan_ledger.log.fetch.slow import Marker
from jiesuan_ledger.log.fetch.unpacking import UNPACKED_BYTES

pytestmark = pytest.mark.connected

NOT_TEXT = (b"\xff\xfe", b"1")
BAD = batch([Raw(b"k", b"bad", [NOT_TEXT, (b"h", None)])])


def values(records: list[Any]) -> list[bytes]:
    """Return what records say."""
    return [one.value for one in records]


@pytest.mark.parametrize("codec", CODECS)
async def test_every_codec_is_read(
    servers: Any, raw: RawProducer, reading: Any, codec: str
) -> None:
    """Records of each codec come as they were sent."""
    topic = await create_topic(servers.kafka)
    await raw.send(topic, 0, batch([Raw(b"k", b"v" * 999)] * 3, codec=codec))
    found = await drained(await reading(topic))
    assert values(found[0]) == [b"v" * 999] * 3


@pytest.mark.parametrize("codec", CODECS[1:])
async def test_every_codec_of_a_topic_is_read(
    servers: Any, raw: RawProducer, reading: Any, codec: str
) -> None:
    """What the broker itself compresses comes as it was sent."""
    topic = await create_topic(servers.kafka, **{"compression.type": codec})
    await raw.send(topic, 0, batch([Raw(b"k", b"v" * 999)] * 3))
    found = await drained(await reading(topic))
    assert values(found[0]) == [b"v" * 999] * 3


@pytest.mark.parametrize("most", [None, 1, 3])
async def test_names_that_are_no_text_stop_nobody(
    servers: Any, raw: RawProducer, reading: Any, most: int | None
) -> None:
    """Records with a header name of any bytes come in their place, everywhere."""
    topic = await create_topic(servers.kafka, partitions=3)
    for number in range(12):
        await raw.send(topic, number % 3, BAD if number % 4 == 1 else good(number))
    found = await drained(await reading(topic, partitions=3), most=most)
    assert {partition: values(records) for partition, records in found.items()} == {
        0: [b"0", b"3", b"6", b"bad"],
        1: [b"bad", b"4", b"7", b"10"],
        2: [b"2", b"bad", b"8", b"11"],
    }
    assert found[1][0].headers == (("\udcff\udcfe", b"1"), ("h", None))
    assert [one.offset for one in found[1]] == [0, 1, 2, 3]


async def test_a_bad_record_between_good_ones_of_its_batch(
    servers: Any, raw: RawProducer, reading: Any
) -> None:
    """Of a batch all records come, those before and after the bad one too."""
    topic = await create_topic(servers.kafka)
    mixed = [Raw(b"k", b"1"), Raw(b"k", b"2", [NOT_TEXT]), Raw(b"k", b"3")]
    for codec in CODECS:
        await raw.send(topic, 0, batch(mixed, codec=codec))
    found = await drained(await reading(topic), most=2)
    assert values(found[0]) == [b"1", b"2", b"3"] * len(CODECS)


async def test_times_of_any_kind_come(
    servers: Any, raw: RawProducer, reading: Any
) -> None:
    """Every time that a broker takes is handed out as it is."""
    topic = await create_topic(servers.kafka)
    times = [0, -1, -2, -(10**15), -(2**62)]
    for at in times:
        await raw.send(topic, 0, batch([Raw(None, None, [], at)]))
    found = await drained(await reading(topic))
    assert [(one.timestamp, one.key, one.value) for one in found[0]] == [
        (at, None, None) for at in times
    ]


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
async def test_a_little_that_says_very_much_is_passed(
    servers: Any, raw: RawProducer, reading: Any, codec: str
) -> None:
    """A batch that unpacks beyond the bound is one record of bytes; others go on."""
    topic = await create_topic(servers.kafka)
    bomb = batch([Raw(b"k", bytes(UNPACKED_BYTES))] * 2, codec=codec)
    for made in (good(1), bomb, good(2)):
        await raw.send(topic, 0, made)
    reader = await reading(topic)
    found = await drained(reader)
    assert [one.offset for one in found[0]] == [0, 1, 3]
    assert values(found[0])[::2] == [b"1", b"2"]
    assert (found[0][1].key, found[0][1].headers) == (None, ())
    assert found[0][1].value == bomb[61:]
    assert reader.unreadable == 1


async def test_marks_of_transactions_are_told_to_who_asks(
    servers: Any, raw: RawProducer, reading: Any
) -> None:
    """Of a whole topic the offsets have no hole, at the end of the log neither."""
    topic = await create_topic(servers.kafka)
    await transaction(servers.kafka, topic, [b"1", b"2"], commit=True)
    await raw.send(topic, 0, BAD)
    await transaction(servers.kafka, topic, [b"3"], commit=False)
    plain = await drained(await reading(topic))
    assert values(plain[0]) == [b"1", b"2", b"bad", b"3"]
    reader = await reading(topic, whole={topic})
    fetched = (await drained(reader))[0]
    assert [one.offset for one in fetched] == [0, 1, 2, 3, 4, 5]
    assert [one.offset for one in fetched if isinstance(one, Marker)] == [2, 5]
    assert await reader.position(TopicPartition(topic, 0)) == 6


async def test_what_does_not_read_leaves_no_hole(
    servers: Any, raw: RawProducer, reading: Any
) -> None:
    """A batch takes all its offsets in a whole topic, whatever of it does not read."""
    topic = await create_topic(servers.kafka)
    odd = [packed(Raw(b"k", b"odd"), at, first=NOW) for at in (0, 9, 2, 3)]
    made = [good(1), framed(b"".join(odd), count=4), good(2)]
    for one in made:
        await raw.send(topic, 0, one)
    reader = await reading(topic, whole={topic})
    place = TopicPartition(topic, 0)
    for start in range(6):
        reader.seek(place, start)
        found = (await drained(reader))[0]
        assert [one.offset for one in found] == list(range(start, 6))
        empty = [one.offset for one in found if isinstance(one, Marker)]
        assert empty == [at for at in (3, 4) if at >= start]


PLACES = [(5,), (-3,), (0, 0), (1, 0), (0, 9), (3, 4, 5)]
"""Where the records of a batch say that they stand in it."""


def misplaced(places: tuple[int, ...]) -> bytes:
    """Make a batch whose records say that they stand elsewhere; brokers take it."""
    records = [(Raw(b"k", b"odd%d" % number), at) for number, at in enumerate(places)]
    body = b"".join(packed(one, at, first=NOW) for one, at in records)
    return framed(body, count=len(places))


@pytest.mark.parametrize("how", ["plain", "whole", "committed"])
async def test_a_record_that_says_it_stands_elsewhere_hides_no_other(
    servers: Any, raw: RawProducer, reading: Any, how: str
) -> None:
    """It is bytes that nobody can read, and all others come, each at its place."""
    topic = await create_topic(servers.kafka)
    expected: dict[int, bytes] = {}
    for places in PLACES:
        await raw.send(topic, 0, misplaced(places))
        for number in range(8):
            expected[await raw.send(topic, 0, good(number))] = b"%d" % number
    settings: dict[str, dict[str, Any]] = {
        "plain": {},
        "whole": {"whole": {topic}},
        "committed": {"isolation_level": "read_committed"},
    }
    reader = await reading(topic, **settings[how])
    found = (await drained(reader))[0]
    offsets = [one.offset for one in found]
    assert offsets == sorted(set(offsets))
    come = {one.offset: one.value for one in found if one.offset in expected}
    assert come == expected
    assert reader.unreadable == len(PLACES)


@pytest.mark.parametrize("begins_bad", [True, False])
async def test_what_was_given_up_is_not_read(
    servers: Any, raw: RawProducer, reading: Any, begins_bad: bool
) -> None:
    """Read committed, an aborted transaction is nothing, the slow way too."""
    topic = await create_topic(servers.kafka)
    if begins_bad:
        await raw.send(topic, 0, BAD)
    await transaction(servers.kafka, topic, [b"1", b"2"], commit=False)
    await transaction(servers.kafka, topic, [b"3"], commit=True)
    await raw.send(topic, 0, BAD)
    await transaction(servers.kafka, topic, [b"4"], commit=False)
    reader = await reading(topic, isolation_level="read_committed")
    found = await drained(reader)
    assert values(found[0]) == [b"bad"] * begins_bad + [b"3", b"bad"]
    end = await reader.end_offsets([TopicPartition(topic, 0)])
    assert await reader.position(TopicPartition(topic, 0)) == max(end.values())


async def test_seeking_back_reads_again(
    servers: Any, raw: RawProducer, reading: Any
) -> None:
    """After going back the same records come again, the bad ones too."""
    topic = await create_topic(servers.kafka)
    for made in (good(1), BAD, good(2)):
        await raw.send(topic, 0, made)
    reader = await reading(topic)
    place = TopicPartition(topic, 0)
    for start in (0, 1, 2, 0):
        reader.seek(place, start)
        found = await drained(reader)
        assert values(found[0]) == [b"1", b"bad", b"2"][start:]


@pytest.mark.parametrize("is_whole", [False, True])
async def test_another_task_may_seek_while_records_are_waited_for(
    servers: Any, raw: RawProducer, reading: Any, is_whole: bool
) -> None:
    """What is sought while a poll waits at the end comes, whole and once."""
    topic = await create_topic(servers.kafka)
    for number in range(6):
        await raw.send(topic, 0, good(number))
    reader = await reading(topic, whole={topic} if is_whole else set())
    place = TopicPartition(topic, 0)
    found = await drained(reader)
    for start in (4, 0, 5, 2):
        assert values(found[0])[-1] == b"5"
        waiting = asyncio.create_task(drained(reader, patience_ms=400))
        await asyncio.sleep(0.1)
        reader.seek(place, start)
        found = await waiting
        assert [one.offset for one in found[0]] == list(range(start, 6))


async def test_who_has_patience_is_woken_by_what_comes(
    servers: Any, raw: RawProducer, reading: Any
) -> None:
    """A call waits longer than it was told for a first record, which ends it."""
    reader = await reading(await create_topic(servers.kafka), patience_ms=60_000)
    assert await reader.getmany() == {}
    waiting = asyncio.create_task(reader.getmany(timeout_ms=20))
    await asyncio.sleep(0.5)
    [place] = reader.assignment()
    await raw.send(place.topic, 0, good(0))
    assert values((await waiting)[place]) == [b"0"]


def segment(machine: Machine, topic: str, partition: int) -> Path:
    """Find the file that a partition lies in."""
    folder = machine.data_dir / "kafka" / "data" / f"{topic}-{partition}"
    return folder / f"{0:020}.log"


FLIPS = {"place": 0, "length": 8, "version": 16, "value": -4}
"""What is flipped of a batch: a byte of it, counted from its begin or its end."""


@pytest.mark.parametrize("flipped", FLIPS)
async def test_a_broken_batch_is_named_and_the_other_partitions_go_on(
    fresh_machine: Machine, monkeypatch: pytest.MonkeyPatch, flipped: str
) -> None:
    """A partition whose disk was damaged stands where it is until it is restored."""
    monkeypatch.setattr(slow, "TRY_AGAIN_SECONDS", 0.2)
    monkeypatch.setattr(consumer, "SILENT_SECONDS", 0.1)
    kafka = (await asyncio.to_thread(fresh_machine.start)).kafka
    topic = await create_topic(kafka, partitions=2)
    async with RawProducer(kafka) as raw:
        for number in range(3):
            await raw.send(topic, 0, good(number))
            await raw.send(topic, 1, good(number))
    file = segment(fresh_machine, topic, 0)
    sound = await asyncio.to_thread(file.read_bytes)
    size = len(sound) // 3
    at = size + FLIPS[flipped] % size
    spoilt = sound[:at] + bytes([sound[at] ^ 0x40]) + sound[at + 1 :]
    await asyncio.to_thread(file.write_bytes, spoilt)
    reader = await opened(kafka, topic, partitions=2)
    found = await drained(reader)
    assert [values(found[partition]) for partition in (0, 1)] == [
        [b"0"],
        [b"0", b"1", b"2"],
    ]
    (halt,) = reader.halts.items()
    assert (halt[0].partition, halt[1].offset) == (0, 1)
    async with RawProducer(kafka) as raw:
        await raw.send(topic, 1, good(3))
    assert values((await drained(reader))[1]) == [b"3"]
    await asyncio.to_thread(file.write_bytes, sound)
    await asyncio.sleep(0.3)
    assert values((await drained(reader))[0]) == [b"1", b"2"]
    assert reader.halts == {}
    await reader.stop()
