"""The bulletin: every figure is a naive count over the rows that it names."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.domain.clearing.naive_days import beijing
from tests.projections.clerk import Clerk

Json = dict[str, Any]
FAULTY = ("malformed", "duplicate-different", "lines-do-not-add-up", "too-large")
SIZES = {"owed": "payable_fen", "limits": "over_fen"}
PERIODS = {"202302": ["202302"], "2022Q1": ["202201", "202202", "202203"]}


def bills(clerk: Clerk, named: Json) -> list[Json]:
    """Return the rows of the view that a figure says it is made of."""
    return [
        row
        for row in clerk.views[named["view"]]
        if row["clr_ym"] in named["clr_ym"]
        and row["pay_loc"] != named.get("not", {}).get("pay_loc")
        and all(
            (row[name] or "") == named[name]
            for name in ("fixmedins_code", "dise_codg", "med_type")
            if name in named
        )
    ]


def a_year_before(named: Json) -> Json:
    """Return the name of the rows of the same months a year before."""
    months = [f"{int(one[:4]) - 1}{one[4:]}" for one in months_of(named)]
    return {**named, "clr_ym": months}


def months_of(named: Json) -> list[str]:
    """Return the months of the rows that a figure names: one, or a period's."""
    months = named["clr_ym"]
    return [months] if isinstance(months, str) else months


def half_up(exact: Fraction) -> int:
    """Round half up."""
    return (exact + Fraction(1, 2)).__floor__()


def counted(rows: list[Json]) -> tuple[int, int, int, int]:
    """Count bills, direct ones, charge and fund payment, net of refunds."""
    signs = [-1 if row["refd_setl_flag"] == "1" else 1 for row in rows]
    direct = sum(
        sign for sign, row in zip(signs, rows, strict=True) if row["pay_loc"] != "1"
    )
    charge = sum(row["medfee_sumamt_fen"] for row in rows)
    return sum(signs), direct, charge, sum(row["fund_pay_sumamt_fen"] for row in rows)


def refused(clerk: Clerk, **where: Any) -> list[Json]:
    """Return the refusals that institutions got: month, who, code."""
    found = []
    answers = clerk.life.months.answers
    for message, answer in zip(clerk.life.months.asked, answers, strict=True):
        data = answer["data"]
        if data["outcome"] != "refused" or "clearing" not in message["type"]:
            continue
        if message["source"].startswith("/medins/"):
            one = {
                "clr_ym": f"{beijing(answer['time']):%Y%m}",
                "fixmedins_code": message["source"].removeprefix("/medins/"),
                "code": data["refusals"][0]["code"],
            }
            if all(one[name] in values for name, values in where.items()):
                found.append(one)
    return found


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("section", ["months", "places", "diseases"])
def test_figures_are_those_of_the_rows_they_name(
    clerk: Clerk, period: str, section: str
) -> None:
    """Counts, costs, growth, shares: made again from the rows alone."""
    found = clerk.printed("bulletin", period)[section]
    assert found
    for one in found:
        named = {**one["rows"], "clr_ym": months_of(one["rows"])}
        count, direct, charge, fund_pay = counted(bills(clerk, named))
        assert one["direct"] == direct
        assert one["direct"] + one["claims"] == count
        assert (one["medfee_sumamt_fen"], one["fund_pay_sumamt_fen"]) == (
            charge,
            fund_pay,
        )
        assert one["average_fen"] == (
            half_up(Fraction(charge, count)) if count > 0 else None
        )
        assert one["fund_share"] == (
            half_up(Fraction(fund_pay * 10_000, charge)) if charge > 0 else None
        )
        assert one["direct_share"] == (
            half_up(Fraction(direct * 10_000, count)) if count > 0 else None
        )
        old_count, _, old_charge, _ = counted(bills(clerk, a_year_before(named)))
        growth = None
        if min(count, charge, old_count, old_charge) > 0:
            exact = Fraction(charge, count) / Fraction(old_charge, old_count)
            growth = half_up(exact * 10_000) - 10_000
        assert one["growth"] == growth


@pytest.mark.parametrize("period", PERIODS)
def test_refusals_are_counted_by_whom_they_met(clerk: Clerk, period: str) -> None:
    """Each institution's refusals of the months, and what of them was faulty."""
    said = clerk.printed("bulletin", period)
    for section, name in (("places", "fixmedins_code"), ("months", "clr_ym")):
        for one in said[section]:
            where = {"clr_ym": PERIODS[period], name: [one[name]]}
            met = refused(clerk, **where)
            faulty = [each for each in met if each["code"] in FAULTY]
            assert (one["refusals"], one["errors"]) == (len(met), len(faulty))
    assert sum(one["refusals"] for one in said["months"]) > 0


@pytest.mark.parametrize("period", PERIODS)
def test_a_bulletin_is_a_page_or_a_workbook(
    clerk: Clerk, tmp_path: Path, period: str
) -> None:
    """Both forms are written whole; the page names who owes whom, in yuan."""
    page, book = tmp_path / "b.html", tmp_path / "b.xlsx"
    assert clerk.run("bulletin", period, "--out", str(page)).exit_code == 0
    text = page.read_text("utf-8")
    for heading in ("各月", "各机构", "各病种", "地区间应付", "限额与超支", "同比涨幅"):
        assert heading in text
    said = clerk.printed("bulletin", period)
    plotted = [
        any(one[SIZES.get(name, "fund_pay_sumamt_fen")] > 0 for one in said[name])
        for name in ("months", "places", "diseases", *SIZES)
    ]
    assert (text.count("<svg"), "<script" in text) == (sum(plotted), False)
    assert any(plotted)
    done = clerk.run("bulletin", period, "--out", str(book))
    assert (done.exit_code, book.read_bytes()[:2]) == (0, b"PK"), done.output
    assert clerk.run("bulletin", "2022Q5", "--out", str(page)).exit_code == 2
    assert clerk.run("bulletin", period).exit_code == 2


def test_limits_are_the_quotas_and_the_budgets(clerk: Clerk) -> None:
    """Each quota and each configured budget stands against what is used of it."""
    said = clerk.printed("bulletin", "2022Q4")["limits"]
    quotas = [
        one
        for one in clerk.views["prepayment"]
        if one["year"] == "2022" and one["quota_fen"] is not None
    ]
    prepaid = [one for one in said if one["limit"] == "预付金额度"]
    assert sorted((one["limit_fen"], one["used_fen"]) for one in prepaid) == sorted(
        (one["quota_fen"], one["used_fen"]) for one in quotas
    )
    budgets = [one for one in said if one["limit"] == "年度基金预算"]
    assert budgets
    for one in budgets:
        used = sum(
            row["fund_pay_sumamt_fen"]
            for row in clerk.views["settlement"]
            if row["insuplc_admdvs"] == one["who"]
            and row["insutype"] == one["insutype"]
            and row["clr_ym"][:4] == "2022"
        )
        assert one["used_fen"] == used
        assert one["over_fen"] == max(used - one["limit_fen"], 0)
    assert any(one["over_fen"] for one in said), "nothing is overspent"
