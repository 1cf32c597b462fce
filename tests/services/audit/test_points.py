"""Points: one word each, and the longest prefix that each keeps."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.services.audit.conftest import LEDGER_ID

from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.history.ledger import past_ledger
from jiesuan_services.audit.points import (
    Before,
    Now,
    PointRefused,
    UpTo,
    read_point,
)

DAY = 86_400 * 10**9


def test_points_are_read() -> None:
    """An instant, a month, offsets and now are each one word."""
    assert read_point("now") == Now()
    assert read_point("3:1200,4:88") == UpTo({3: 1200, 4: 88})
    assert read_point("1970-01-02T08:00:00+08:00") == Before(DAY)
    assert read_point("1970-01-02T00:00:00.000000001Z") == Before(DAY + 1)
    assert read_point("1970-01-01T23:59:59.9Z") == Before(DAY - 10**8)
    month = Before(30 * DAY + DAY - 8 * 3600 * 10**9 - 1)
    assert read_point("197001") == month
    assert read_point("197012") == Before(365 * DAY - 8 * 3600 * 10**9 - 1)


@pytest.mark.parametrize(
    "word",
    [
        "",
        "yesterday",
        "2022-03-01",
        "2022-03-01T00:00:00",
        "2022-03-01 00:00:00+08:00",
        "2022-02-30T00:00:00+08:00",
        "2022-03-01T00:00:00.1234567890+08:00",
        "2022-03-01T00:00:00+0800",
        "2022-W09-2T00:00:00+08:00",
        "202213",
        "202200",
        "000001",
        "2022",
        "1",
        "1:",
        ":1",
        "1:-1",
        "01:1",
        "1:01",
        "1:1,",
        "1:1, 2:2",
        "1:1,1:2",
        "NOW",
        "٢:1",
    ],
)
def test_what_is_no_point_is_refused(word: str) -> None:
    """A day, a time without offset, a partition named twice: refused in one line."""
    with pytest.raises(PointRefused):
        read_point(word)


def timed(times: Sequence[str], lived: Any) -> Any:
    """Return the entries of partition 1 these times of recording."""
    records = lived.records(1)
    for offset, time in enumerate(times, start=1):
        record = records[offset]
        headers = [
            (name, time.encode() if name == "ce_time" else value)
            for name, value in record.headers
        ]
        records[offset] = Record(record.key, record.value, headers)
    del records[len(times) + 1 :]
    return lived


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        ("2022-03-01T00:00:00+08:00", 0),
        ("2022-03-02T00:00:00+08:00", 1),
        ("2022-03-04T00:00:00+08:00", 1),
        ("2022-03-05T00:00:00+08:00", 3),
        ("2022-03-06T00:00:00.123456789+08:00", 4),
        ("2022-03-06T00:00:00.123456788+08:00", 3),
        ("202202", 0),
        ("202203", 4),
        ("202204", 5),
        ("now", 5),
        ("1:2", 2),
        ("1:999", 5),
        ("0:1", 0),
    ],
)
async def test_a_point_keeps_the_longest_prefix(
    lived: Any, tmp_path: Path, word: str, kept: int
) -> None:
    """A clock that went back hides nothing before it: what comes after the first
    entry that is too late is left out, whatever its time.
    """
    ledger = timed(
        [
            "2022-03-02T00:00:00+08:00",
            "2022-03-05T00:00:00+08:00",
            "2022-03-03T00:00:00+08:00",
            "2022-03-05T16:00:00.123456789+00:00",
            "2022-04-01T00:00:00+08:00",
        ],
        lived,
    )
    async with past_ledger(
        ledger.log, tmp_path, ledger_id=LEDGER_ID, partitions=3
    ) as past:
        assert past.at(word)[1] == kept


async def test_forks_do_not_end_a_prefix(lived: Any, tmp_path: Path) -> None:
    """A fork recorded late leaves nothing out; only accepted entries do."""
    last = len(lived.records(2)) - 1
    record = lived.records(2)[last]
    late = [
        (name, b"2099-01-01T00:00:00Z" if name == "ce_time" else value)
        for name, value in record.headers
    ]
    lived.records(2)[last] = Record(record.key, record.value, late)
    async with past_ledger(
        lived.log, tmp_path, ledger_id=LEDGER_ID, partitions=3
    ) as past:
        assert past.at("202203")[2] == last


async def test_an_unknown_partition_is_refused(lived: Any, tmp_path: Path) -> None:
    """A partition that the ledger does not have is refused by its number."""
    async with past_ledger(
        lived.log, tmp_path, ledger_id=LEDGER_ID, partitions=3
    ) as past:
        with pytest.raises(PointRefused, match="没有分区 3"):
            past.at("3:1")
