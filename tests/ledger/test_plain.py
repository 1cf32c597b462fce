"""What is read the quick way is what the slow way reads, to the last form."""

import re
from collections.abc import Iterator
from itertools import product

import msgspec
import pytest
from msgspec import Struct

from jiesuan_events.entries.block import SETTLEMENT_ID
from jiesuan_events.entries.chain import GENESIS
from jiesuan_events.entries.entry import (
    Entry,
    EntryError,
    read_entry,
    said_by,
    written_entry,
)
from jiesuan_events.words import fields
from jiesuan_events.words.instants import is_moment
from jiesuan_ledger.parts import words

YEARS = ("0000", "0001", "0002", "1900", "2000", "2023", "2024", "9998", "9999")
OFFSETS = ("Z", "+00:00", "+08:00", "-23:59", "+23:60", "+24:00", "+99:99")


def test_a_plain_instant_is_in_the_calendar() -> None:
    """By its form alone an instant is taken only if there is such a day and hour."""
    plain, form = re.compile(words.PLAIN_INSTANT), re.compile(fields.KEPT_INSTANT)
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
    said = said_by(good)
    assert written_entry(key, entry.value, said=said, after=before) is not None
    for number, (name, value) in enumerate(good):
        for other in (None, b"", b"\xff", value.upper(), value + b" ", b"1", b"+1"):
            headers = [*good[:number], (name, other), *good[number + 1 :]]
            said = said_by(headers)
            quick = written_entry(key, entry.value, said=said, after=before)
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
        said = said_by(headers)
        assert said is None
        assert written_entry(key, b"{}", said=said, after=(0, GENESIS)) is None


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
    said = said_by(FIRST.headers())
    assert written_entry(key, value, said=said, after=after) is None


def test_a_person_s_id_is_looked_at_when_a_chain_begins() -> None:
    """A first entry of somebody whose id is none is no entry, either way."""
    entry = FIRST._replace(person_id="P 1")
    with pytest.raises(EntryError):
        read_entry(b"P 1", b"{}", headers=entry.headers())
    said = said_by(entry.headers())
    assert written_entry(b"P 1", b"{}", said=said, after=(0, GENESIS)) is None


class Row(Struct, frozen=True):
    """A row of two words."""

    line_id: words.Id
    item: words.Id


class EveryKind(Struct, frozen=True):
    """A word of each kind: by itself, beside another, absent, in rows."""

    person: words.Id
    request: words.Id
    settlement: words.SettlementId
    content: words.Digest
    time: words.Instant
    year: words.Year
    disease: words.Code | None = None
    invoice: words.Id | None = None
    incurred: words.Instant | None = None
    rows: tuple[Row, ...] = ()


KINDS = {
    "person": (fields.ID, "P-1"),
    "request": (fields.ID, "R:/1"),
    "settlement": (SETTLEMENT_ID, "S1"),
    "content": (fields.DIGEST, "0f" * 32),
    "time": (fields.KEPT_INSTANT, "2022-03-01T09:00:00+08:00"),
    "year": (fields.YEAR, "2022"),
    "disease": (fields.CODE, "M03900"),
    "invoice": (fields.ID, "I1"),
    "incurred": (fields.KEPT_INSTANT, "2024-02-29T09:00:00.5Z"),
    "item": (fields.ID, "X1"),
}
CHECK = words.words_of(EveryKind)
GOOD = {name: text for name, (_, text) in KINDS.items() if name != "item"}
BESIDE = [msgspec.convert(GOOD, EveryKind)] * 2
"""What is read at once with a struct: right, and with as many words or fewer."""
BESIDE += [msgspec.convert(GOOD | {"invoice": None}, EveryKind)]


def strange(text: str) -> Iterator[str]:
    """Yield a text longer, shorter, and with any other letter at either end."""
    yield from ("", text[1:], text * 2, "A" * 30, "A" * 31, "A" * 50, "A" * 51)
    yield f"{text}\n{text}"
    for letter in map(chr, (*range(256), 0x0661, 0x200B, 0xFF11, 0x1D7D8)):
        yield from (letter + text[1:], text[:-1] + letter)


def is_right(word: str, text: str) -> bool:
    """Whether a text is a word of its kind, by the pattern of the contracts."""
    pattern, _ = KINDS[word]
    is_of_kind = re.fullmatch(pattern, text) is not None
    return is_of_kind and (pattern != fields.KEPT_INSTANT or is_moment(text))


def is_taken(said: dict[str, str]) -> bool:
    """Whether a reader takes these words, in a struct and in its second row.

    Alone, and among others that it reads at once.
    """
    own = {name: text for name, text in said.items() if name != "item"}
    rows = [{"line_id": "1", "item": "X0"}, {"line_id": "2", "item": said["item"]}]
    raw = msgspec.json.encode(own | {"rows": rows})
    try:
        made = msgspec.json.decode(raw, type=EveryKind)
    except msgspec.ValidationError:
        return False
    alone = CHECK.one(made)
    assert CHECK.many([BESIDE[0], made, *BESIDE]) == alone
    return alone


@pytest.mark.parametrize("word", KINDS)
def test_words_held_together_are_as_each_by_itself(word: str) -> None:
    """Whatever one word is, it is taken beside the others as its pattern says."""
    good = {name: text for name, (_, text) in KINDS.items()}
    verdicts = set()
    for text, left_out in product(strange(good[word]), ((), ("disease", "invoice"))):
        said = {k: v for k, v in (good | {word: text}).items() if k not in left_out}
        expected = word in left_out or is_right(word, text)
        assert is_taken(said) == expected, (text, left_out)
        verdicts.add(expected)
    assert verdicts == {True, False}
