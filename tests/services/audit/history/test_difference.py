"""Differences between two points: complete, and equal to the difference of sums."""

from itertools import pairwise
from typing import Any

import pytest

from jiesuan_ledger.facts import TYPE_OF
from jiesuan_services.audit.history.changes.difference import (
    person_difference,
    total_difference,
)
from jiesuan_services.audit.history.changes.reasons import reasons_between
from jiesuan_services.audit.history.person import person_as_of
from jiesuan_services.audit.history.totals import totals_at
from jiesuan_services.audit.points import PointRefused
from jiesuan_services.cli.auditors.history.diff import FACTS
from jiesuan_services.runtime.packs import load_packs

POINTS = ("0:0", "0:4", "0:4,1:8", "202203", "now")


def years(totals: Any) -> dict[tuple[str, str, str], int]:
    """Return every accumulator of every year."""
    return {
        (year["insutype"], year["year"], name): amount
        for year in totals["years"]
        for name, amount in year.items()
        if name.endswith("_fen") or name == "setl_cnt"
    }


async def test_what_moved_is_the_difference_of_sums(
    two_months: Any, past_of: Any
) -> None:
    """For each accumulator of each year, to − from is the difference, and no more."""
    async with past_of(two_months) as past:
        kept = [past.at(point) for point in ("0:0", "0:4", "0:4,1:8", "now")]
        all_totals = [one.said() for one in await totals_at(past, kept)]
        for (first, second), (before, after) in zip(
            pairwise(kept), pairwise(all_totals), strict=True
        ):
            found = await total_difference(past, (first, second))
            was, is_ = years(before), years(after)
            moved = {
                (row["insutype"], row["year"], row["name"]): (row["from"], row["to"])
                for row in found["moved"]
            }
            assert moved == {
                key: (was.get(key, 0), to)
                for key, to in is_.items()
                if was.get(key, 0) != to
            }
            assert all(
                row["difference"] == row["to"] - row["from"] for row in found["moved"]
            )
            assert (found["from"], found["to"]) == (before["as_of"], after["as_of"])


async def test_persons_differences_add_up_to_the_ledger_s(
    two_months: Any, past_of: Any
) -> None:
    """What moved in the ledger is the sum of what moved of its persons."""
    async with past_of(two_months) as past:
        points = (past.at("202203"), past.at("now"))
        whole = await total_difference(past, points)
        names = {row["psn_no"] for row in whole["entries"]}
        each = [
            await person_difference(past, points, psn_no=name) for name in sorted(names)
        ]
    sums: dict[tuple[str, str, str], int] = {}
    for found in each:
        for row in found["moved"]:
            key = (row["insutype"], row["year"], row["name"])
            sums[key] = sums.get(key, 0) + row["difference"]
    assert {key: amount for key, amount in sums.items() if amount} == {
        (row["insutype"], row["year"], row["name"]): row["difference"]
        for row in whole["moved"]
    }
    entries = [row for found in each for row in found["entries"]]
    entries.sort(key=lambda row: (row["partition"], row["offset"]))
    assert entries == whole["entries"]
    assert whole["moved"] == sorted(
        whole["moved"], key=lambda row: (row["insutype"], row["year"], row["name"])
    )


async def test_entries_say_what_they_are(two_months: Any, past_of: Any) -> None:
    """Each entry has its place, its type, its settlement and both of its times."""
    async with past_of(two_months) as past:
        found = await total_difference(past, (past.at("0:0"), past.at("now")))
    rows = {(row["partition"], row["offset"]): row for row in found["entries"]}
    accepted = [
        (partition, offset)
        for partition in range(3)
        for offset, record in enumerate(two_months.records(partition))
        if offset and record not in two_months.records(partition)[:offset]
    ]
    assert list(rows) == accepted
    for (partition, offset), row in rows.items():
        headers = dict(two_months.records(partition)[offset].headers)
        assert row["recorded_at"] == headers["ce_time"].decode()
        assert row["type"] == headers["ce_type"].decode()
        assert row["happened_at"].startswith("202")
        has_id = row["type"] in ("jiesuan.settled.v1", "jiesuan.refunded.v1")
        assert (row["setl_id"] is not None) == has_id or "compensated" in row["type"]


async def test_nothing_changes_between_a_point_and_itself(
    two_months: Any, past_of: Any
) -> None:
    """From a point to itself there is no entry and nothing moves."""
    async with past_of(two_months) as past:
        for point in POINTS:
            kept = past.at(point)
            found = await total_difference(past, (kept, kept))
            assert (found["entries"], found["moved"]) == ([], [])


async def test_points_in_the_wrong_order_are_refused(
    two_months: Any, past_of: Any
) -> None:
    """A second point that is earlier on one partition is refused by it."""
    async with past_of(two_months) as past:
        points = (past.at("0:2,1:3"), past.at("0:3,1:2"))
        for asked in (
            total_difference(past, points),
            person_difference(past, points, psn_no="P1"),
        ):
            with pytest.raises(PointRefused, match="分区 1 上早于第一个"):
                await asked


async def test_a_person_s_difference_starts_from_what_was(
    two_months: Any, past_of: Any
) -> None:
    """From and to of a person are what `as-of` shows of the person then."""
    moved = 0
    async with past_of(two_months) as past:
        points = past.at("202203"), past.at("now")
        whole = await total_difference(past, points)
        for name in sorted({row["psn_no"] for row in whole["entries"]}):
            found = await person_difference(past, points, psn_no=name)
            was, is_ = [
                years(await person_as_of(past, kept, psn_no=name)) for kept in points
            ]
            for row in found["moved"]:
                key = (row["insutype"], row["year"], row["name"])
                assert (was.get(key, 0), is_[key]) == (row["from"], row["to"])
                moved += 1
    assert moved > 0


async def test_the_articles_account_for_what_moved(
    two_months: Any, past_of: Any
) -> None:
    """Every amount that moved is the sum of steps, each of which names its article."""
    fed = {"hifp_fen": "hifp_pay_fen", "dedc_fen": "act_pay_dedc_fen"}
    async with past_of(two_months) as past:
        points = (past.at("0:4"), past.at("now"))
        found = await total_difference(past, points)
        why = await reasons_between(past, points, psn_no=None, packs=load_packs())
    assert why
    assert all(one["article"] for one in why)
    for name, feeds in fed.items():
        moved = {
            (one["insutype"], one["year"]): one["difference"]
            for one in found["moved"]
            if one["name"] == name
        }
        sums: dict[tuple[str, str], int] = {}
        for one in why:
            if one["name"] == feeds:
                key = (one["insutype"], one["year"])
                sums[key] = sums.get(key, 0) + one["difference_fen"]
        assert moved
        assert {key: fen for key, fen in sums.items() if fen} == moved


async def test_persons_reasons_are_the_ledger_s(two_months: Any, past_of: Any) -> None:
    """What the articles come to in the ledger is the sum over its persons."""
    async with past_of(two_months) as past:
        points = (past.at("0:0"), past.at("now"))
        packs = load_packs()
        of_all = await reasons_between(past, points, psn_no=None, packs=packs)
        of_each = [
            row
            for psn_no in list(past.index.store.persons())
            for row in await reasons_between(past, points, psn_no=psn_no, packs=packs)
        ]
    assert sum(row["difference_fen"] for row in of_all) == sum(
        row["difference_fen"] for row in of_each
    )
    assert sum(row["steps"] for row in of_all) == sum(row["steps"] for row in of_each)


def test_every_type_of_fact_has_a_chinese_name() -> None:
    """A difference names each type of entry that a ledger can hold."""
    assert set(FACTS) == set(TYPE_OF.values())
