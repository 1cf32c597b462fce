"""The envelope of an entry: what is written is read, and nothing else is."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiesuan_events.entries.chain import GENESIS, entry_hash, follows
from jiesuan_events.entries.entry import Entry, EntryError, read_entry
from jiesuan_events.entries.partition import murmur2, partition_of

FIRST = Entry(
    person_id="P0001",
    type="jiesuan.enrolled.v1",
    version=1,
    prev_hash=GENESIS,
    value=b"{}",
    recorded_at="2022-03-01T01:00:00.000+00:00",
    cause="jiesuan.requests/3/0",
    writer="w",
)


def test_what_is_written_is_read() -> None:
    """Headers give back the entry they were made of."""
    read = read_entry(b"P0001", FIRST.value, headers=FIRST.headers())
    assert (read.version, read.cause, read.hash) == (1, FIRST.cause, FIRST.hash)
    assert read.headers() == FIRST.headers()


def test_the_hash_is_that_of_the_contract() -> None:
    """The hash is SHA-256 over previous hash, version, type and stored bytes."""
    wanted = sha256(bytes(32) + bytes(7) + b"\x01" + b"jiesuan.enrolled.v1" + b"{}")
    assert FIRST.hash == wanted.digest()


@given(value=st.binary(), version=st.integers(min_value=1, max_value=2**63 - 2))
def test_only_the_next_entry_follows(value: bytes, version: int) -> None:
    """An entry follows one head: the version before it, with the hash before it."""
    head = entry_hash(GENESIS, version, type_="t", value=value)
    assert follows(version, head, version=version + 1, prev=head)
    assert not follows(version, head, version=version, prev=head)
    assert not follows(version, head, version=version + 2, prev=head)
    assert not follows(version, head, version=version + 1, prev=GENESIS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", b"0"),
        ("version", b"-1"),
        ("version", b"9" * 30),
        ("version", b"one"),
        ("version", None),
        ("prev-hash", b"00"),
        ("prev-hash", b"zz" * 32),
        ("prev-hash", None),
        ("ce_id", b"00" * 32),
        ("ce_id", None),
        ("ce_subject", b"P0002"),
        ("ce_subject", b"\xff"),
        ("ce_subject", None),
        ("ce_type", "结算".encode()),
        ("ce_time", None),
        ("cause", None),
        ("writer", b"\xff"),
    ],
)
def test_a_rogue_header_is_refused_by_name(name: str, value: bytes | None) -> None:
    """Whatever a header holds, null included, a record is an entry or an EntryError."""
    headers = {**dict(FIRST.headers()), name: value}
    with pytest.raises(EntryError):
        read_entry(b"P0001", FIRST.value, headers=list(headers.items()))


@pytest.mark.parametrize("value", [None, b"", b"{} "])
def test_other_bytes_are_another_entry(value: bytes | None) -> None:
    """One byte more or less in the value is noticed."""
    with pytest.raises(EntryError, match="not the hash of the stored bytes"):
        read_entry(b"P0001", value, headers=FIRST.headers())


@pytest.mark.parametrize(
    ("key", "hash_"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_is_that_of_kafka(key: bytes, hash_: int) -> None:
    """The vectors of Kafka's own UtilsTest come out."""
    assert murmur2(key) == hash_ & 0xFFFFFFFF


def test_the_partition_of_a_person_is_fixed() -> None:
    """Three persons have been where they are since the first release."""
    assert [partition_of(f"P000{n}", 8) for n in (1, 2, 3)] == [4, 3, 7]
