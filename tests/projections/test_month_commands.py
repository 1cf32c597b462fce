"""What the commands for months print and write, for people and for programs."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from tests.projections.clerk import Clerk

Json = dict[str, Any]


def test_statements_and_each_of_them_are_those_of_the_views(clerk: Clerk) -> None:
    """`statements` gives the rows of the view; `statement` adds its own rows."""
    wanted = clerk.views["clearing_statement"]
    months = sorted({one["clr_ym"] for one in wanted})
    found = [
        one
        for month in months
        for one in clerk.printed("statements", month)["statements"]
    ]
    assert sorted(found, key=lambda one: one["statement_id"]) == wanted
    for one in wanted[:5]:
        report = clerk.printed("statement", one["statement_id"])
        assert report["statement"] == one
        owed = -sum(
            leg["amount_fen"]
            for posting in report["postings"]
            for leg in posting["legs"]
            if leg["account"] == "due"
        )
        assert owed == one["payable_fen"] - (one["paid_fen"] or 0)
        lines = [
            row["setl_id"]
            for row in clerk.views["clearing_row"]
            if row["statement_id"] == one["statement_id"]
        ]
        assert sorted(row["setl_id"] for row in report["rows"]) == lines


def test_statements_are_readable(clerk: Clerk) -> None:
    """A clerk reads who pays whom, in words and yuan."""
    first = clerk.views["clearing_statement"][0]
    month = clerk.run("statements", first["clr_ym"])
    assert month.exit_code == 0, month.output
    assert "机构月结（元）" in month.output
    one = clerk.run("statement", first["statement_id"])
    assert "应拨付：" in one.output
    none = clerk.run("statement", "region:202201:x:y:310:11")
    assert (none.exit_code, "jiesuan statements" in none.output) == (1, True)


def test_fines_are_shown_beside_the_statement(clerk: Clerk) -> None:
    """A clerk reads each fine in yuan, who collects it, and its posting."""
    fine = clerk.views["clearing_fine"][0]
    id_ = fine["statement_id"]
    report = clerk.printed("statement", id_)
    assert len(report["fines"]) == sum(
        one["statement_id"] == id_ for one in clerk.views["clearing_fine"]
    )
    shown = {name: fine[name] for name in fine if name not in ("statement_id", "seq")}
    assert report["fines"][0] == shown
    posted = [one["legs"] for one in report["postings"] if one["what"] == "fine"]
    _, _, care, hospital, *_ = id_.split(":")
    assert posted[0] == [
        {"account": "fine-due", "party": hospital, "amount_fen": fine["amount_fen"]},
        {"account": "fines", "party": care, "amount_fen": -fine["amount_fen"]},
    ]
    said = clerk.run("statement", id_).output
    amount = f"{Decimal(fine['amount_fen']) / 100:,.2f}"
    kind = {"administrative": "行政处罚", "contractual": "协议违约金"}[fine["kind"]]
    for word in ("由就医地在清算单外收取", kind, amount, f"应缴处罚款 {hospital}"):
        assert word in said


def test_what_is_due_is_past_or_close(clerk: Clerk) -> None:
    """Every open deadline up to ten days ahead is named, and no other."""
    open_ = [
        one
        for one in clerk.views["clearing_statement"]
        if one["clr_stas"] not in ("50", "60")
    ]
    late = clerk.printed("clearing-due", "--on", "2030-01-01")["due"]
    assert {one["statement_id"] for one in late if one["deadline"] == "hard_stop"} == {
        one["statement_id"] for one in open_
    }
    assert all(one["days_left"] < 0 for one in late)
    assert clerk.printed("clearing-due", "--on", "2000-01-01")["due"] == []
    assert "已过" in clerk.run("clearing-due", "--on", "2030-01-01").output


def test_a_deadline_is_named_from_ten_days_before_it(clerk: Clerk) -> None:
    """Eleven days before its last day a statement to be declared is not, then it is."""
    rejected = {i for i, s in clerk.life.books.statements.items() if "rejected_on" in s}
    one = next(
        one
        for one in clerk.views["clearing_statement"]
        if one["clr_stas"] == "00" and one["statement_id"] not in rejected
    )
    for deadline in ("latest_on", "hard_stop"):
        last = date.fromisoformat(one[deadline])
        for days_left in (11, 10, 0, -1):
            on = str(last - timedelta(days=days_left))
            found = [
                due["days_left"]
                for due in clerk.printed("clearing-due", "--on", on)["due"]
                if due["statement_id"] == one["statement_id"]
                and due["deadline"] == deadline
            ]
            assert found == ([days_left] if days_left <= 10 else []), (deadline, on)


def test_what_was_rejected_has_twenty_days_to_be_declared_again(clerk: Clerk) -> None:
    """The day that applies is the later of the old one and the twentieth after."""
    books = clerk.life.books
    rejected = {
        id_: books.statements[id_]["rejected_on"] + timedelta(days=20)
        for id_, one in books.statements.items()
        if one["clr_stas"] in ("00", "70") and "rejected_on" in one
    }
    assert rejected, "nothing rejected is open"
    latest = {one["statement_id"]: one for one in clerk.views["clearing_statement"]}
    due = clerk.printed("clearing-due", "--on", "2030-01-01")["due"]
    for id_, again in rejected.items():
        names = {
            (one["deadline"], one["day"])
            for one in due
            if one["statement_id"] == id_ and one["deadline"] != "hard_stop"
        }
        old = latest[id_]["latest_on"]
        is_later = again.isoformat() > old
        wanted = ("redeclare_by", str(again)) if is_later else ("latest_on", old)
        assert names == {wanted}


def test_a_quota_is_the_mean_of_twelve_months_times_the_months_configured(
    clerk: Clerk,
) -> None:
    """Each pair's months are summed to the fen; who configures nothing gets a code."""
    rows = [
        one
        for one in clerk.views["settlement"]
        if one["pay_loc"] != "1" and one["insuplc_admdvs"] != one["mdtrtarea_admvs"]
    ]
    years = sorted({one["clr_ym"][:4] for one in rows})
    found = clerk.printed("quota-proposal", str(int(years[0]) + 1))["proposals"]
    assert sum(one["total_fen"] for one in found) == sum(
        one["fund_pay_sumamt_fen"] for one in rows if one["clr_ym"][:4] == years[0]
    )
    for one in found:
        assert len(one["months"]) == 12
        if one["refusal"] is None:
            exact = one["total_fen"] * one["prepay_months"] / 12
            assert abs(one["quota_fen"] - exact) <= 0.5
        else:
            assert one["refusal"]["code"] == "policy-not-in-force"


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
def test_a_view_is_exported_whole(clerk: Clerk, tmp_path: Path, suffix: str) -> None:
    """A file of each form has as many rows as the view."""
    out = tmp_path / f"rows.{suffix}"
    count = len(clerk.views["settlement"])
    report = clerk.printed("export-view", "settlement", "--out", str(out))
    assert report["rows"] == count
    if suffix == "csv":
        with out.open(newline="") as file:
            found = list(csv.DictReader(file))
        assert [one["setl_id"] for one in found] == [
            one["setl_id"] for one in clerk.views["settlement"]
        ]
    elif suffix == "parquet":
        table = parquet.read_table(out)
        assert table["fund_pay_sumamt_fen"].to_pylist() == [
            one["fund_pay_sumamt_fen"] for one in clerk.views["settlement"]
        ]
    else:
        assert out.read_bytes()[:2] == b"PK"


def test_every_view_can_be_exported(clerk: Clerk, tmp_path: Path) -> None:
    """No column of any table has a type that a file cannot take."""
    from jiesuan_projections.engine.reading.views import names

    for view in names():
        clerk.printed("export-view", view, "--out", str(tmp_path / f"{view}.parquet"))
    assert clerk.run("export-view", "nothing", "--out", "x.csv").exit_code == 2


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_ledger_held_against_its_own_export_is_equal(
    clerk: Clerk, tmp_path: Path, suffix: str
) -> None:
    """Every row of a month is 000000; one that was changed is not."""
    month = clerk.views["settlement"][0]["clr_ym"]
    file, out = tmp_path / f"m.{suffix}", tmp_path / "result.txt"
    clerk.printed("export-view", "settlement", "--month", month, "--out", str(file))
    report = clerk.printed("reconcile", "regions", str(file), "--out", str(out))
    rows = [
        one
        for one in clerk.views["settlement"]
        if one["clr_ym"] == month and one["pay_loc"] != "1"
    ]
    assert report["classes"]["000000"] == report["rows"] == len(rows)


def test_an_institution_s_own_rows_are_even(clerk: Clerk, tmp_path: Path) -> None:
    """Totals and detail of what the ledger itself says have no difference."""
    place = clerk.views["settlement"][0]["fixmedins_code"]
    rows = [
        one
        for one in clerk.views["settlement"]
        if one["fixmedins_code"] == place and one["pay_loc"] != "1"
    ]
    file, out = tmp_path / "ours.txt", tmp_path / "result.txt"
    file.write_text("".join(map(line_of, rows)), "utf-8")
    days = ("--institution", place, "--from", "2000-01-01", "--until", "2099-12-31")
    report = clerk.printed("reconcile", "detail", str(file), *days, "--out", str(out))
    assert report["classes"]["000000"] == report["rows"] == len(rows)
    of_kind = [
        one for one in rows if (one["insutype"], one["clr_type"]) == ("310", "11")
    ]
    sums = {
        name: sum(one[f"{name}_fen"] for one in of_kind)
        for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay")
    }
    amounts = (
        *("--medfee", in_yuan(sums["medfee_sumamt"])),
        *("--fund-pay", in_yuan(sums["fund_pay_sumamt"])),
        *("--acct-pay", in_yuan(sums["acct_pay"])),
    )
    kind = ("--clr-type", "11", "--insutype", "310")
    refunds = sum(one["refd_setl_flag"] == "1" for one in of_kind)
    for count in (len(of_kind), len(of_kind) - 2 * refunds):
        words = ("totals", *days, *kind, "--setl-cnt", str(count), *amounts)
        assert clerk.printed("reconcile", *words)["stmt_rslt"] == "0"
    words = ("totals", *days, *kind, "--setl-cnt", str(len(of_kind) + 1), *amounts)
    report = clerk.printed("reconcile", *words)
    assert (report["stmt_rslt"], report["differences"][0]["field"]) == ("1", "setl_cnt")


def test_a_fault_writes_nothing(clerk: Clerk, tmp_path: Path) -> None:
    """The line is named, the exit code is 1, and there is no file."""
    file, out = tmp_path / "bad.txt", tmp_path / "result.txt"
    file.write_text("a\tb\n", "utf-8")
    days = ("--institution", "X", "--from", "2000-01-01", "--until", "2099-12-31")
    done = clerk.run("reconcile", "detail", str(file), *days, "--out", str(out))
    assert (done.exit_code, "第1行" in done.output) == (1, True)
    assert [one.name for one in tmp_path.glob("*result*")] == []


def test_indicators_are_sums_of_the_rows(clerk: Clerk, tmp_path: Path) -> None:
    """Every sum of the view is that of the settlements, claims excepted."""
    out = tmp_path / "indicator.parquet"
    clerk.printed("export-view", "indicator", "--out", str(out))
    rows = parquet.read_table(out).to_pylist()
    ours = [one for one in clerk.views["settlement"] if one["pay_loc"] != "1"]
    for name in ("medfee_sumamt_fen", "fund_pay_sumamt_fen", "inscp_scp_amt_fen"):
        assert sum(one[name] for one in rows) == sum(one[name] for one in ours)
    key = ("fixmedins_code", "dise_codg", "med_type")
    known = {(one["month"], *(one[name] for name in key)): one for one in rows}
    grown = 0
    for (month, *rest), one in known.items():
        own = [
            row
            for row in ours
            if row["clr_ym"] == month and [row[name] for name in key] == rest
        ]
        count = sum(-1 if row["refd_setl_flag"] == "1" else 1 for row in own)
        charge = sum(row["medfee_sumamt_fen"] for row in own)
        fund_pay = sum(row["fund_pay_sumamt_fen"] for row in own)
        assert (one["setl_cnt"], one["medfee_sumamt_fen"]) == (count, charge)
        if count:
            assert abs(one["avg_medfee_fen"] - charge / count) <= 0.5
        if charge:
            assert one["reim_ratio"] == rounded(Fraction(fund_pay, charge))
        before = known.get((f"{int(month[:4]) - 1}{month[4:]}", *rest))
        if before and count and before["setl_cnt"] and before["medfee_sumamt_fen"]:
            grown += 1
            old = Fraction(before["medfee_sumamt_fen"], before["setl_cnt"])
            assert one["growth"] == rounded(Fraction(charge, count) / old - 1)
        else:
            assert one["growth"] is None
    assert grown, "no month has the same a year before"


def rounded(exact: Fraction) -> Decimal:
    """Return four decimals, half away from nothing."""
    tenths = (abs(exact) * 10_000 + Fraction(1, 2)).__floor__()
    return Decimal(tenths if exact >= 0 else -tenths).scaleb(-4)


def in_yuan(fen: int) -> str:
    """Write fen as yuan."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02}"


def line_of(row: Json) -> str:
    """Write a row of the ledger as an institution does."""
    amounts = (
        row["medfee_sumamt_fen"],
        row["fund_pay_sumamt_fen"],
        row["acct_pay_fen"],
    )
    texts = (row["setl_id"], row["mdtrt_id"], row["psn_no"], *map(in_yuan, amounts))
    return "\t".join((*texts, row["refd_setl_flag"])) + "\n"
