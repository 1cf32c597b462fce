"""What was known at a point is told again, byte for byte, whenever it is asked."""

import json
import shutil
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from jiesuan_ledger.genesis import LedgerRefused
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.history.clearing import clearing_as_of
from jiesuan_services.audit.history.ledger import HistoryRefused, PastLedger
from jiesuan_services.audit.history.person import person_as_of
from jiesuan_services.audit.history.totals import totals_at

MONTHS = ("202202", "202203", "202204", "202205")
EVERY = 6


def plain(value: Any) -> str:
    """Write what JSON does not know."""
    assert isinstance(value, date | datetime)
    return value.isoformat()


async def answers(past: PastLedger, point: str, persons: list[str]) -> list[str]:
    """Return all that can be asked about a point, as it is printed."""
    kept = past.at(point)
    answers = [
        *[await person_as_of(past, kept, psn_no=one) for one in persons],
        *[one.said() for one in await totals_at(past, [kept])],
        *[await clearing_as_of(past, kept, clr_ym=month) for month in MONTHS],
    ]
    return [json.dumps(one, ensure_ascii=False, default=plain) for one in answers]


def persons_of(lines: list[str]) -> list[str]:
    """Return whom requests are about, and somebody whom none is about."""
    messages = [json.loads(line) for line in lines]
    found = {one["data"]["psn_no"] for one in messages if "psn_no" in one["data"]}
    return [*sorted(found), "NOBODY", "结算"]


def word(kept: dict[int, int]) -> str:
    """Write offsets as a point."""
    return ",".join(f"{partition}:{offset}" for partition, offset in kept.items())


async def test_every_state_is_told_again(
    begun: Any, past_of: Any, worked_cases: list[str]
) -> None:
    """Asked later for the offsets at which the ledger stood, the same bytes come."""
    persons = persons_of(worked_cases)
    known: dict[str, list[str]] = {}
    for number, line in enumerate(worked_cases):
        begun.live([line], first=number, step=86_400)
        if number % 20 == 19:
            begun.fork(number % 3)
        if number % EVERY == 0:
            async with past_of(begun) as past:
                known[word(past.at("now"))] = await answers(past, "now", persons)
    async with past_of(begun) as past:
        for point, before in known.items():
            assert await answers(past, point, persons) == before
    assert len(known) > 8


async def test_the_index_is_a_cache(
    two_months: Any, past_of: Any, worked_cases: list[str]
) -> None:
    """An index that grew with the ledger and a new one tell the same."""
    persons = persons_of(worked_cases)
    async with past_of(two_months) as past, past_of(two_months, "other") as other:
        for point in ("now", "202203", "0:3,1:9", "2022-04-01T00:00:00+08:00"):
            assert await answers(past, point, persons) == await answers(
                other, point, persons
            )


async def test_an_instant_is_the_state_of_its_day(
    begun: Any, past_of: Any, worked_cases: list[str]
) -> None:
    """Asked for an instant, the state that stood at it is told."""
    persons = persons_of(worked_cases)
    begun.live(worked_cases[:40], step=86_400)
    async with past_of(begun) as past:
        then = await answers(past, "now", persons)
    begun.live(worked_cases[40:], first=40, step=86_400)
    async with past_of(begun) as past:
        assert await answers(past, "2022-04-09T00:00:00+00:00", persons) == then
        assert await answers(past, "2022-04-09T08:00:00+08:00", persons) == then
        assert await answers(past, "2022-04-08T23:59:59.999999999Z", persons) != then


async def test_last_entry_is_where_the_chain_stood(
    two_months: Any, past_of: Any
) -> None:
    """The last entry is said with its place, its hash and the text of its time."""
    record = next(
        (offset, one)
        for offset, one in enumerate(two_months.records(1))
        if dict(one.headers)["ce_type"] == b"jiesuan.settled.v1"
    )
    offset, stored = record
    headers = {name: value.decode() for name, value in stored.headers}
    async with past_of(two_months) as past:
        kept = past.at(f"1:{offset}")
        found = await person_as_of(past, kept, psn_no=headers["ce_subject"])
    assert found["as_of"] == {"0": 0, "1": offset, "2": 0}
    assert found["last_entry"] == {
        "partition": 1,
        "offset": offset,
        "version": int(headers["version"]),
        "hash": headers["ce_id"],
        "recorded_at": headers["ce_time"],
    }


async def test_nobody_is_an_empty_object(two_months: Any, past_of: Any) -> None:
    """An unknown person has no rows and no last entry; that is no error."""
    async with past_of(two_months) as past:
        for name in ("NOBODY", "结算", "", "x" * 600):
            found = await person_as_of(past, past.at("now"), psn_no=name)
            assert found.pop("as_of")
            assert found.pop("psn_no") == name
            assert found.pop("last_entry") is None
            assert all(rows == [] for rows in found.values())


async def test_state_roots_are_what_the_contract_says(
    two_months: Any, past_of: Any
) -> None:
    """SHA-256 over each person's last version and hash, in byte order of their ids."""
    async with past_of(two_months) as past:
        [totals] = await totals_at(past, [past.at("now")])
        [empty] = await totals_at(past, [past.at("0:0")])
    for partition in range(3):
        heads: dict[str, str] = {}
        for record in two_months.records(partition)[1:]:
            have = {name: value.decode() for name, value in record.headers}
            if "version" in have:
                name = have["ce_subject"]
                heads[name] = f"{name}\t{have['version']}\t{have['ce_id']}\n"
        text = "".join(heads[name] for name in sorted(heads))
        assert totals.roots[str(partition)] == sha256(text.encode()).hexdigest()
    assert set(empty.roots.values()) == {sha256(b"").hexdigest()}
    assert empty.said()["years"] == []


async def test_years_count_persons_and_add_up(two_months: Any, past_of: Any) -> None:
    """The years of the ledger are the sums of the years of its persons."""
    async with past_of(two_months) as past:
        kept = past.at("now")
        [totals] = await totals_at(past, [kept])
        names = {
            dict(one.headers).get("ce_subject", b"NOBODY").decode()
            for partition in range(3)
            for one in two_months.records(partition)
        }
        lives = [await person_as_of(past, kept, psn_no=name) for name in sorted(names)]
    for year in totals.said()["years"]:
        rows = [
            row
            for life in lives
            for row in life["years"]
            if (row["insutype"], row["year"]) == (year["insutype"], year["year"])
        ]
        assert year["persons"] == len(rows)
        for name in ("inscp_fen", "dedc_fen", "hifp_fen", "psn_part_fen", "setl_cnt"):
            assert year[name] == sum(row[name] for row in rows)
    assert totals.persons == sum(life["last_entry"] is not None for life in lives)
    assert totals.entries == sum(
        life["last_entry"]["version"] for life in lives if life["last_entry"]
    )


async def test_a_changed_log_is_not_papered_over(two_months: Any, past_of: Any) -> None:
    """Where the log no longer holds what was read from it, nothing is shown."""
    async with past_of(two_months):
        pass
    records = two_months.records(1)
    offset = len(records) - 2
    record = records[offset]
    records[offset] = Record(record.key, record.value + b" ", record.headers)
    async with past_of(two_months) as past:
        name = (record.key or b"").decode()
        kept = past.at(f"1:{offset}")
        with pytest.raises(HistoryRefused, match=f"partition 1 offset {offset} "):
            await person_as_of(past, kept, psn_no=name)


async def test_another_ledger_s_index_is_refused(
    two_months: Any, past_of: Any, tmp_path: Path
) -> None:
    """An index of another ledger, or of a longer one, is refused by name."""
    async with past_of(two_months):
        pass
    shutil.copytree(tmp_path / "data", tmp_path / "longer")
    del two_months.records(2)[-1]
    with pytest.raises(LedgerRefused, match="分区 2 止于"):
        async with past_of(two_months, "longer"):
            pass
