"""Answers become refusals, dead letters are kept byte for byte."""

import json
from types import SimpleNamespace
from typing import Any

from jiesuan_events.words.topics import ANSWERS, DEAD_LETTERS
from jiesuan_projections.engine.follower import Follower
from jiesuan_projections.engine.models import following

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
    time = [("ce_time", b"2022-03-01T09:00:00+08:00")]
    records = [
        record(0, answer("decided"), time),
        record(1, answer("refused", refusals=refusals), time),
        record(2, b'not json "refused"', []),
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
    await follower.apply(retold.connection, [record(0, value, [])])
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
