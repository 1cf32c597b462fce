"""An answer is known by what we write: quickly, or looked up, it says the same."""

from collections.abc import Iterator

import pytest

from jiesuan_events.words.topics import REQUESTS
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.ours import (
    AcceptedAnswer,
    StrangerReason,
    accept_answer,
    as_found,
    as_written,
    with_checksum,
)
from jiesuan_services.clerk.answers import Answer

SOURCE = "/medins/H42010090001"
DATA = b'{"outcome":"recorded","request_source":"%s","request_id":"R1"}'
TEXTS = (None, b"", b"\xff", b"\n", b"x" * 300, "结算".encode())


def ours() -> Record:
    """Return an answer as a decider writes it."""
    made = Answer(
        SOURCE,
        f"{SOURCE}:R1",
        "P0001",
        "2022-03-01T09:00:00Z",
        DATA % SOURCE.encode(),
    )
    return made.record(f"{REQUESTS}/7/139")


def spoiled() -> Iterator[Record]:
    """Return answers of which something is wrong, with a checksum that is right."""
    record = ours()
    key, value, headers = record.key, record.value, record.headers[:-1]
    for text in TEXTS:
        yield with_checksum(Record(text, value, headers))
        yield with_checksum(Record(key, text, headers))
    for at, (name, text) in enumerate(headers):
        others = [*headers[:at], *headers[at + 1 :]]
        yield with_checksum(Record(key, value, others))
        yield with_checksum(Record(key, value, [*others, (name, text)]))
        yield with_checksum(Record(key, value, [*headers, (name, text)]))
        for other in TEXTS:
            changed = [*headers[:at], (name, other), *headers[at + 1 :]]
            yield with_checksum(Record(key, value, changed))


def unsound() -> Iterator[Record]:
    """Return the same with a checksum that is another's, no text, or away."""
    for record in (ours(), *spoiled()):
        for mark in TEXTS:
            headers = [*record.headers[:-1], ("checksum", mark)]
            yield Record(record.key, record.value, headers)
        yield Record(record.key, record.value, record.headers[:-1])


def test_our_answers_are_read_the_quick_way() -> None:
    """What a decider writes says quickly what it says looked up, and is accepted."""
    record = ours()
    assert as_written(record) == as_found(record)
    expected = AcceptedAnswer(REQUESTS, 139, f"{SOURCE}:R1", "recorded")
    assert accept_answer(record, 7) == expected
    assert accept_answer(record, 6) is StrangerReason.NOT_OUR_CAUSE


def test_what_is_read_the_quick_way_says_the_same_looked_up() -> None:
    """Whatever is wrong with an answer, the quick way says nothing else of it."""
    quick = 0
    for record in spoiled():
        said = as_written(record)
        if said is not None:
            quick += 1
            assert said == as_found(record)
    assert quick > len(TEXTS)


def test_a_checksum_that_is_not_right_is_never_read_quickly() -> None:
    """An answer without its own checksum is left to those who say why."""
    for record in unsound():
        right = with_checksum(Record(record.key, record.value, record.headers[:-1]))
        if record.headers[-1:] != right.headers[-1:]:
            assert as_written(record) is None


@pytest.mark.parametrize("name", ["ce_type", "ce_source"])
def test_an_answer_of_somebody_else_is_a_stranger(name: str) -> None:
    """Another type or source in sound headers is not ours."""
    headers = [
        (one, b"other" if one == name else text) for one, text in ours().headers[:-1]
    ]
    record = with_checksum(Record(b"H42010090001", ours().value, headers))
    assert accept_answer(record, 7) is StrangerReason.NOT_OUR_HEADERS
