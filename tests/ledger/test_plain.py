"""What is read the quick way is what the slow way reads, to the last form."""

import re
from itertools import product

import pytest

from jiesuan_events.entries.chain import GENESIS
from jiesuan_events.entries.entry import (
    Entry,
    EntryError,
    read_entry,
    written_entry,
)
from jiesuan_events.words.fields import KEPT_INSTANT
from jiesuan_events.words.instants import is_moment
from jiesuan_ledger.parts.words import PLAIN_INSTANT

YEARS = ("0000", "0001", "0002", "1900", "2000", "2023", "2024", "9998", "9999")
OFFSETS = ("Z", "+00:00", "+08:00", "-23:59", "+23:60", "+24:00", "+99:99")


def test_a_plain_instant_is_in_the_calendar() -> None:
    """By its form alone an instant is taken only if there is such a day and hour."""
    plain, form = re.compile(PLAIN_INSTANT), re.compile(KEPT_INSTANT)
    taken = 0
    for year, month, day, offset in product(YEARS, range(14), range(33), OFFSETS):
        text = f"{year}-{month:02d}-{day:02d}T23:59:59.123456789{offset}"
        if plain.fullmatch(text):
            taken += 1
            assert form.fullmatch(text)
            assert is_moment(text)
    assert taken == 6 * 365 * 4


PERSON = "P0001"
FIRST = Entry(PERSON, "jiesuan.enrolled.v1", 1, GENESIS, b"{}", "2026-01-05T00:00:00Z")
SECOND = FIRST._replace(version=2, prev_hash=FIRST.hash, value=b"{ }", writer="w")


@pytest.mark.parametrize(
    ("entry", "before"), [(FIRST, (0, GENESIS)), (SECOND, (1, FIRST.hash))]
)
def test_what_follows_is_the_same_entry_both_ways(
    entry: Entry, before: tuple[int, bytes]
) -> None:
    """Spoiled in any header, an entry is taken by the quick way only as by the slow."""
    key, good = PERSON.encode(), entry.headers()
    assert written_entry(key, entry.value, headers=good, after=before) is not None
    for number, (name, value) in enumerate(good):
        for other in (None, b"", b"\xff", value.upper(), value + b" ", b"1", b"+1"):
            headers = [*good[:number], (name, other), *good[number + 1 :]]
            quick = written_entry(key, entry.value, headers=headers, after=before)
            try:
                slow = read_entry(key, entry.value, headers=headers)
            except EntryError:
                slow = None
            assert quick is None or quick == slow
            assert quick is not None or slow is None or not _follows(slow, before)


def _follows(entry: Entry, before: tuple[int, bytes]) -> bool:
    return (entry.version - 1, entry.prev_hash) == before


def test_another_order_or_number_of_headers_is_read_the_slow_way() -> None:
    """The quick way takes the headers as they are written, or none."""
    key, good = PERSON.encode(), FIRST.headers()
    for headers in (good[::-1], good[:-1], [*good, ("x", b"")], [good[0], *good]):
        assert written_entry(key, b"{}", headers=headers, after=(0, GENESIS)) is None


@pytest.mark.parametrize(
    ("key", "value", "after"),
    [
        (None, b"{}", (0, GENESIS)),
        (b"P0002", b"{}", (0, GENESIS)),
        (b"P0001", None, (0, GENESIS)),
        (b"P0001", b"{ }", (0, GENESIS)),
        (b"P0001", b"{}", (1, GENESIS)),
        (b"P0001", b"{}", (0, FIRST.hash)),
        (b"P0001", b"{}", (2**63 - 1, GENESIS)),
        (b"P0001", b"{}", (2**64, GENESIS)),
    ],
)
def test_what_does_not_follow_is_not_taken(
    key: bytes | None, value: bytes | None, after: tuple[int, bytes]
) -> None:
    """Under another key, of other bytes, after another head: not the quick way's."""
    assert written_entry(key, value, headers=FIRST.headers(), after=after) is None


def test_a_person_s_id_is_looked_at_when_a_chain_begins() -> None:
    """A first entry of somebody whose id is none is no entry, either way."""
    entry = FIRST._replace(person_id="P 1")
    with pytest.raises(EntryError):
        read_entry(b"P 1", b"{}", headers=entry.headers())
    assert (
        written_entry(b"P 1", b"{}", headers=entry.headers(), after=(0, GENESIS))
        is None
    )
