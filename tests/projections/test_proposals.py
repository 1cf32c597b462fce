"""What is proposed of a statement or an account: made again naively, and never done."""

import asyncio
from typing import Any

from tests.projections.clerk import Clerk

from jiesuan_projections import connect
from jiesuan_services.cli.regions.proposing.deductions import deductions
from jiesuan_services.cli.regions.proposing.top_up import top_ups

Json = dict[str, Any]


def finding(setl_id: str, zh: str, *, paid: int, deducted: int = 0) -> Json:
    """Make a finding about a row of a statement."""
    return {
        "setl_id": setl_id,
        "rule": "same-bill-twice",
        "severity": "suspicion",
        "zh": zh,
        "medins_setl_id": "M",
        "fixmedins_code": "H",
        "fund_pay_sumamt_fen": paid,
        "deducted_fen": deducted,
    }


def test_each_row_is_proposed_once_and_never_for_more_than_is_left() -> None:
    """Reasons are joined; what is deducted already or was refunded is left out."""
    found = [
        finding("S1", "重复", paid=100, deducted=30),
        finding("S1", "超量", paid=100, deducted=30),
        finding("S2", "重复", paid=50, deducted=50),
        finding("S3", "重复", paid=-80),
    ]
    proposed = [
        (one["setl_id"], one["amount_fen"], one["reason"])
        for one in deductions(found, article="67号 第三十条")
    ]
    assert proposed == [("S1", 70, "重复；超量")]


def test_what_is_found_is_proposed_and_nothing_is_deducted(clerk: Clerk) -> None:
    """The request names rows of the statement alone; no deduction is there by it."""
    ((id_, row),) = asked(
        clerk,
        "SELECT statement_id, setl_id FROM clearing_row"
        " JOIN settlement USING (setl_id) WHERE cnfm_flag IS DISTINCT FROM '0'"
        " AND fund_pay_sumamt_fen > 0 AND deducted_fen = 0 ORDER BY 1, 2 LIMIT 1",
    )
    before = asked(clerk, "SELECT * FROM clearing_deduction")
    asked(
        clerk,
        "INSERT INTO finding (rule, psn_no, setl_id, severity, zh)"
        f" VALUES ('same-bill-twice', 'P', '{row}', 'suspicion', '重复的单据')",
    )
    said = clerk.printed("deduction-proposal", id_)
    text = clerk.run("deduction-proposal", id_).output
    asked(clerk, "DELETE FROM finding WHERE psn_no = 'P'")
    proposed = said["request"]["data"]["deductions"]
    paid = {
        one["setl_id"]: one["fund_pay_sumamt_fen"] for one in clerk.views["settlement"]
    }
    of = {one["setl_id"]: one["amount_fen"] for one in proposed}
    assert of[row] == paid[row]
    rows = clerk.printed("statement", id_)["rows"]
    assert set(of) <= {one["setl_id"] for one in rows}
    assert asked(clerk, "SELECT * FROM clearing_deduction") == before
    assert "没有扣任何款" in text


def asked(clerk: Clerk, sql: str) -> list[Any]:
    """Ask the tables of the clerk."""

    async def question() -> list[Any]:
        connection = await connect(clerk.env["JIESUAN_PG"])
        try:
            rows: list[Any] = await connection.fetch(sql)
            return rows
        finally:
            await connection.close()

    return asyncio.run(question())


def test_top_ups_are_what_cleared_statements_are_to_be_paid(clerk: Clerk) -> None:
    """Over all years each cleared statement is topped up by what it is to be paid."""
    to_pay = {
        one["statement_id"]: one["payable_fen"]
        for one in clerk.views["clearing_statement"]
        if (one["kind"], one["clr_stas"]) == ("region", "50")
    }
    assert to_pay, "nothing is cleared and unpaid"
    found: dict[str, int] = {}
    accounts = []
    for year in ("2021", "2022", "2023", "2024"):
        for one in clerk.printed("top-up-proposal", year)["proposals"]:
            accounts.append(one)
            for line in one["statements"]:
                before = found.get(line["statement_id"], 0)
                found[line["statement_id"]] = before + line["top_up_fen"]
    assert found == to_pay
    wanted = [(one["quota_fen"], one["used_fen"]) for one in clerk.views["prepayment"]]
    assert sorted(map(str, wanted)) == sorted(
        str((one["quota_fen"], one["used_fen"])) for one in accounts
    )


def test_a_top_up_is_computed_line_by_line() -> None:
    """Deductions and recoveries are not topped up; what was used is free again."""
    names = ("990100", "990200", "310")
    key = dict(
        zip(("mdtrtarea_admvs", "insuplc_admdvs", "insutype"), names, strict=True)
    )
    account = {**key, "year": "2022", "quota_fen": 1000, "used_fen": 700}
    line = {**key, "statement_id": "R", "fund_pay_fen": 500}
    cleared = [{**line, "deducted_fen": 30, "recovered_fen": 20}]
    (one,) = top_ups([account], cleared)
    assert (one["left_fen"], one["top_up_fen"]) == (300, 450)
    assert (one["used_after_fen"], one["left_after_fen"]) == (200, 800)
