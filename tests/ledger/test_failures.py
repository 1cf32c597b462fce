"""What fails three times at one record sets its partition aside, whoever reads it."""

from typing import Any

from jiesuan_ledger.log import failures
from jiesuan_ledger.log.failures import FailedPartitions

HERE, THERE = ("jiesuan.ledger", 3), ("jiesuan.ledger", 4)
WRONG = KeyError("cause")


def counted() -> tuple[FailedPartitions, list[tuple[str, dict[str, Any]]]]:
    """Return a count, and what it says as it goes."""
    said: list[tuple[str, dict[str, Any]]] = []
    return FailedPartitions(lambda event, **fields: said.append((event, fields))), said


def test_the_third_time_at_a_record_is_enough() -> None:
    """The pause grows with each; the third sets aside the one partition, by name."""
    one, _ = counted()
    pauses = [one.failed(HERE, 7, wrong=WRONG) for _ in range(2)]
    one.failed(THERE, 7, wrong=WRONG)
    assert one.standing() == {}
    pauses.append(one.failed(HERE, 7, wrong=WRONG))
    assert pauses == [failures.PAUSE_SECONDS * times for times in (1, 2, 3)]
    ((name, halt),) = one.standing().items()
    assert (name, halt.offset, halt.reason) == (
        "jiesuan.ledger/3",
        7,
        "KeyError: 'cause'",
    )


def test_another_record_is_counted_anew() -> None:
    """Twice at one, twice at the next and twice at the first again is not three."""
    one, _ = counted()
    for offset in (7, 7, 8, 8, 7, 7):
        one.failed(HERE, offset, wrong=WRONG)
    assert one.aside == {}


def test_a_log_says_where_and_what_and_no_more() -> None:
    """Topic, partition, offset, times, kind: of the error's text nothing is logged."""
    one, said = counted()
    for _ in range(3):
        one.failed(HERE, 7, wrong=ValueError("short\nFailing row contains (P1, 张三)"))
    where = {"topic": "jiesuan.ledger", "partition": 3, "offset": 7}
    assert said == [
        *(
            ("partition.failed", where | {"times": times, "error": "ValueError"})
            for times in (1, 2, 3)
        ),
        ("partition.aside", where),
    ]
    assert one.aside[HERE].reason == "ValueError: short"
