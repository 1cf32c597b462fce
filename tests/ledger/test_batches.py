"""Batches as bytes: every record that is there is read; nothing stops the reader."""

import random
from typing import Any

import pytest
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.raw import CODECS, Raw, batch, compressed, framed, packed

from jiesuan_ledger.log.fetch import batches
from jiesuan_ledger.log.fetch.batches import SPOILED, RawBatch
from jiesuan_ledger.log.fetch.unpacking import UNPACKED_BYTES, UNPACKING

SEEDS = range(10)
DAMAGES = 300
BYTES = st.binary(max_size=40)
TIMES = st.integers(-(2**61), 2**61)
HEADERS = st.lists(st.tuples(BYTES, st.none() | BYTES), max_size=3)
RAW = st.builds(Raw, st.none() | BYTES, st.none() | BYTES, HEADERS, TIMES)
RAWS = st.lists(RAW, min_size=1, max_size=5)
CODEC = st.sampled_from(CODECS)


END = 2**62
"""The end of a log that has room for everything."""


def read_batches(raw: bytes) -> list[RawBatch]:
    """Read a fetch of a long log."""
    return list(batches.read_batches(raw, end=END))


def vetted(raw: bytes) -> bytes:
    """Vet a fetch of a long log."""
    return batches.vetted(raw, end=END)


def read(raw: bytes) -> list[Any]:
    """Read everything that there is."""
    return [record for one in read_batches(raw) for record in one.records()]


@given(RAWS, CODEC)
def test_any_records_are_read_as_they_were_written(raws: list[Raw], codec: str) -> None:
    """Key, value, names and values of headers and times are any bytes and numbers."""
    found = read(batch(raws, codec=codec))
    assert [one.offset for one in found] == list(range(len(raws)))
    assert [
        (one.key, one.value, one.headers, one.timestamp, one.fault) for one in found
    ] == [(one.key, one.value, list(one.headers), one.timestamp, None) for one in raws]


def as_aiokafka_reads(raw: bytes, *, checks: bool = True) -> list[Any] | None:
    """Read as aiokafka does, None if it does not."""
    try:
        records = MemoryRecords(raw)
        found = []
        while records.has_next():
            one = records.next_batch()
            if checks and not one.validate_crc():
                return None
            found += list(one)
    except UNPACKING:
        return None
    return found


@given(RAWS, CODEC)
def test_what_aiokafka_reads_is_read_alike(raws: list[Raw], codec: str) -> None:
    """Both ways give the same records wherever the fast one gives any."""
    raw = batch(raws, codec=codec)
    fast = as_aiokafka_reads(vetted(raw))
    if fast is not None:
        assert [
            (one.offset, one.timestamp, one.key, one.value, [*one.headers])
            for one in fast
        ] == [
            (
                one.offset,
                one.timestamp,
                one.key,
                one.value,
                [(name.decode(), value) for name, value in one.headers],
            )
            for one in read(raw)
        ]


def damaged(chance: random.Random) -> bytes:
    """Flip, cut, double and insert bytes of sound batches."""
    raws = [Raw(b"k" * 9, b"v" * 30, [(b"a", b"b")], 7)] * chance.randrange(1, 5)
    raw = bytearray(batch(raws, codec=chance.choice(CODECS)) * chance.randrange(1, 4))
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(raw))
        how = chance.choice(("flip", "flip", "cut", "double", "insert"))
        if how == "flip":
            raw[at] ^= chance.randrange(1, 256)
        elif how == "cut":
            del raw[at : min(at + chance.randrange(1, 80), len(raw) - 1)]
        elif how == "double":
            raw[at:at] = raw[at : at + 20]
        else:
            raw[at:at] = chance.randbytes(chance.randrange(40))
    return bytes(raw)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_damage_raises_anything(seed: int) -> None:
    """Whatever became of the bytes, reading them ends, with every offset named once."""
    chance = random.Random(seed)
    for _ in range(DAMAGES):
        for one in read_batches(damaged(chance)):
            offsets = [record.offset for record in one.records()]
            assert offsets == sorted(set(offsets))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_passed_the_vetting_raises_what_is_foreseen(seed: int) -> None:
    """aiokafka raises nothing on vetted bytes but what the reader catches."""
    chance = random.Random(seed)
    for _ in range(DAMAGES):
        as_aiokafka_reads(vetted(damaged(chance)), checks=False)


@settings(max_examples=500, deadline=None)
@given(st.lists(BYTES, max_size=4), st.integers(0, 2**31 - 1), st.integers(0, 7))
def test_no_content_raises_anything(
    parts: list[bytes], count: int, attributes: int
) -> None:
    """Under a right checksum, any bytes are some records or one that cannot be read."""
    raw = framed(b"".join(parts), count=count, attributes=attributes)
    found = read(raw)
    assert len(found) <= sum(map(len, parts)) + 1
    assert all(one.fault is None for one in found[:-1])


@pytest.mark.parametrize(
    ("body", "count", "fault"),
    [
        (packed(Raw(b"k", b"v"), 0, first=0)[:-1], 1, "longer than its batch"),
        (b"", 3, "index out of range"),
        (b"\x02", 1, "longer than its batch"),
        (b"\xff" * 12, 1, "has no end"),
    ],
)
def test_what_a_batch_lacks_is_one_record_of_the_rest(
    body: bytes, count: int, fault: str
) -> None:
    """A batch that promises more than it holds says so after its last record."""
    good = packed(Raw(b"k", b"v"), 0, first=0)
    found = read(framed(good + body, count=count + 1))
    assert [one.fault for one in found[:-1]] == [None]
    assert fault in found[-1].fault
    assert (found[-1].offset, found[-1].value) == (1, body)


@pytest.mark.parametrize("codec", CODECS[1:])
def test_a_little_that_unpacks_to_very_much_is_not_unpacked(codec: str) -> None:
    """A batch beyond the bound is handed to nobody; it reads as one record of bytes."""
    body = compressed(packed(Raw(b"k", bytes(UNPACKED_BYTES)), 0, first=0), codec)
    bomb = framed(body, count=1, attributes=CODECS.index(codec))
    good = batch([Raw(b"k", b"v")])
    assert vetted(bomb) == SPOILED
    assert vetted(good + bomb + good) == good
    (one,) = read(bomb)
    assert (one.offset, one.value) == (0, body)
    assert one.fault.startswith("cannot be unpacked")


def test_what_stands_for_a_batch_is_refused_by_every_reader() -> None:
    """The batch put in place of one that must not be unpacked has a wrong checksum."""
    records = MemoryRecords(SPOILED)
    assert not records.next_batch().validate_crc()
    (one,) = read_batches(SPOILED)
    assert not one.is_intact


@pytest.mark.parametrize("codec", CODECS)
def test_sound_bytes_pass_untouched(codec: str) -> None:
    """What is sound is not even copied."""
    raw = batch([Raw(b"k", b"v" * 50)] * 3, codec=codec) * 3
    assert vetted(raw) is raw


def test_a_cut_batch_at_the_end_is_left_for_the_next_fetch() -> None:
    """A fetch ends where the broker cut it: what is not whole is not there yet."""
    raw = batch([Raw(b"k", b"v")])
    for cut in range(len(raw)):
        assert len(read_batches(raw + raw[:cut])) == 1
        assert vetted(raw + raw[:cut]) == raw + raw[:cut]


def test_a_first_batch_that_is_cut_is_broken() -> None:
    """No broker cuts the first batch of a fetch: it is named, and never passed."""
    raw = batch([Raw(b"k", b"v")])
    for cut in range(1, len(raw)):
        (one,) = read_batches(raw[:cut])
        assert not one.is_intact
        assert vetted(raw[:cut]) == SPOILED
    assert read_batches(b"") == []
    assert vetted(b"") == b""


def test_a_flipped_bit_is_seen() -> None:
    """A batch with one bit changed behind its checksum is not intact."""
    raw = batch([Raw(b"k", b"v" * 20)])
    for at in range(batches._CRC_FROM, len(raw)):
        spoilt = bytearray(raw)
        spoilt[at] ^= 1
        assert not any(one.is_intact for one in read_batches(bytes(spoilt)))


def test_a_batch_beyond_the_end_of_the_log_is_broken() -> None:
    """No checksum covers a batch's place: one that cannot be there is not believed."""
    raw = framed(packed(Raw(b"k", b"v"), 0, first=0), count=1, base=7)
    assert batches.vetted(raw, end=8) is raw
    assert batches.vetted(raw, end=7) == SPOILED
    assert [one.is_intact for one in batches.read_batches(raw, end=8)] == [True]
    assert [one.is_intact for one in batches.read_batches(raw, end=7)] == [False]
