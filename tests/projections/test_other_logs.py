"""Answers become refusals, dead letters are kept byte for byte."""

import json
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition

from jiesuan_events.words.topics import ANSWERS, DEAD_LETTERS, REQUESTS
from jiesuan_ledger.log.fetch.slow import Marker
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.ours import with_checksum
from jiesuan_projections.engine.follower import Follower
from jiesuan_projections.engine.models import following
from jiesuan_projections.engine.positions import read_positions

AT = 1_646_096_400_000


def record(offset: int, value: bytes, headers: list[tuple[str, bytes]]) -> Any:
    return SimpleNamespace(
        partition=0, offset=offset, timestamp=AT, key=b"k\xff", value=value,
        headers=headers,
    )  # fmt: skip


def answer(outcome: str, **data: Any) -> bytes:
    asked = {
        "request_source": "/medins/H42010090001",
        "request_id": "R1",
        "request_type": "jiesuan.refund.v1",
        "psn_no": "P0001",
    }
    return json.dumps({**asked, "outcome": outcome, **data}).encode()


def headers(request: int, **other: bytes | None) -> list[tuple[str, bytes]]:
    made: dict[str, Any] = {
        "ce_specversion": b"1.0",
        "ce_id": b"/medins/H42010090001:R1",
        "ce_source": b"/jiesuan",
        "ce_type": b"jiesuan.answer.v1",
        "ce_time": b"2022-03-01T09:00:00+08:00",
        "ce_subject": b"P0001",
        "content-type": b"application/json",
        "cause": f"{REQUESTS}/0/{request}".encode(),
    }
    return list({**made, **other}.items())


async def test_only_refusals_become_rows(retold: Any) -> None:
    """An answer that refused is a row with all its codes; the others are none."""
    refusals = [
        {
            "code": "later-settlements-first",
            "message": "请先退较晚的结算。",
            "transient": False,
            "details": {"blocking": [{"setl_id": "S2"}]},
        },
        {"code": "malformed", "message": "x", "transient": True, "details": "\x00"},
    ]
    records = [
        record(0, answer("decided"), headers(7)),
        record(1, answer("refused", refusals=refusals), headers(8)),
        record(2, b'not json "refused"', headers(9)),
    ]
    applied = await Follower(ANSWERS, following(ANSWERS)).apply(
        retold.connection, records
    )
    assert applied.records == 3
    [row] = await retold.connection.fetch("SELECT * FROM refusal")
    assert (row["offset"], row["psn_no"], row["code"]) == (
        1,
        "P0001",
        "later-settlements-first",
    )
    assert row["codes"] == ["later-settlements-first", "malformed"]
    assert json.loads(row["details"])[0]["details"]["blocking"][0]["setl_id"] == "S2"
    assert row["answered_at"].isoformat() == "2022-03-01T01:00:00+00:00"


async def test_strangers_among_the_answers_are_named_and_retold_as_nothing(
    retold: Any,
) -> None:
    """A tombstone, a copy from elsewhere, one that was changed: rows of their own."""
    refused = answer("refused", refusals=[{"code": "malformed", "message": "x"}])
    ours = with_checksum(Record(b"k\xff", refused, headers(1)))
    records = [
        record(0, refused, ours.headers),
        record(1, refused.replace(b"malformed", b"malformes"), ours.headers),
        record(2, refused, headers(1, cause=f"{REQUESTS}/1/1".encode())),
        record(3, refused, headers(1, more=b"x")),
        record(4, None, headers(1)),
        record(5, b"\x00\xff", [("\udcff", None)]),
    ]
    for one in records:
        one.timestamp = -(10**15)
    await Follower(ANSWERS, following(ANSWERS)).apply(retold.connection, records)
    rows = await retold.connection.fetch("SELECT * FROM stranger ORDER BY 2")
    assert [(row["offset"], row["reason"]) for row in rows] == [
        (1, "checksum-differs"),
        (2, "not-our-cause"),
        (3, "not-our-headers"),
        (4, "not-understood"),
        (5, "not-our-headers"),
    ]
    assert await retold.connection.fetchval("SELECT count(*) FROM refusal") == 1


async def test_marks_of_transactions_move_the_checkpoint_and_say_nothing(
    retold: Any,
) -> None:
    """A log in which transactions ended is retold to its end, without a row of them."""
    place = TopicPartition(ANSWERS, 0)
    marks = [marked(place, at) for at in (1, 3)]
    refused = answer("refused", refusals=[{"code": "malformed", "message": "x"}])
    said = [record(at, refused, headers(at)) for at in (0, 2)]
    records = [said[0], marks[0], said[1], marks[1]]
    follower = Follower(ANSWERS, following(ANSWERS))
    applied = await follower.apply(retold.connection, records)
    assert (applied.records, applied.gaps) == (4, {})
    assert (await read_positions(retold.connection, ANSWERS))[0] == 3
    assert await retold.connection.fetchval("SELECT count(*) FROM refusal") == 2
    assert await retold.connection.fetchval("SELECT count(*) FROM stranger") == 0


def marked(place: TopicPartition, offset: int) -> Marker:
    """Stand in for the mark that a reader is handed."""
    return Marker(*place, offset, AT, 0, None, None, None, -1, -1, ())


async def test_a_line_nobody_could_read_is_a_refusal_too(retold: Any) -> None:
    """Nulls where nothing could be read are kept as nulls."""
    value = json.dumps(
        {
            "request_source": None,
            "request_id": None,
            "request_type": None,
            "psn_no": None,
            "outcome": "refused",
            "refusals": [{"code": "malformed", "message": "x", "transient": False}],
        }
    ).encode()
    follower = Follower(ANSWERS, following(ANSWERS))
    await follower.apply(
        retold.connection, [record(0, value, headers(1, ce_id=b"", ce_subject=b""))]
    )
    [row] = await retold.connection.fetch("SELECT * FROM refusal")
    assert (row["request_source"], row["psn_no"], row["code"]) == (
        None,
        None,
        "malformed",
    )


async def test_dead_letters_are_kept_byte_for_byte(retold: Any) -> None:
    """Key, value and headers of a dead letter are as they were received."""
    headers = [
        ("topic", b"jiesuan.requests"),
        ("partition", b"3"),
        ("offset", b"77"),
        ("reason", b"bad-json"),
        ("x-ce_id", b"\xff\x00A"),
    ]
    records = [record(0, b"\x00{", headers), record(1, b"", [("offset", b"x" * 9)])]
    follower = Follower(DEAD_LETTERS, following(DEAD_LETTERS))
    await follower.apply(retold.connection, records)
    first, second = await retold.connection.fetch(
        "SELECT * FROM dead_letter ORDER BY letter_offset"
    )
    assert (first["topic"], first["partition"], first["offset"]) == (
        "jiesuan.requests",
        3,
        77,
    )
    assert (first["key"], first["value"]) == (b"k\xff", b"\x00{")
    assert json.loads(first["headers"]) == {"ce_id": "\\xff\ufffdA"}
    assert second["offset"] == -1
