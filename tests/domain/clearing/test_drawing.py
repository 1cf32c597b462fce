"""Drawing a month, and the rows that are carried out of it (`contracts.md` §10)."""

from hashlib import sha256

from tests.domain.clearing.written_months import (
    CARE,
    HOME,
    HOSPITAL,
    OF_HOSPITAL,
    OF_REGION,
    WrittenMonths,
    code,
    day,
    refusal,
)


def test_a_month_is_drawn_when_it_is_over_and_once() -> None:
    """Not in its last hour, then once; never again, nor an earlier one."""
    months = WrittenMonths()
    months.begin(10_000)
    early = months.drawn("202201", "2022-01-31T23:59:59+08:00")
    assert code(early) == "month-not-over"
    assert code(months.drawn("202201", "2022-01-31T16:00:00+00:00")) == "decided"
    again = months.drawn("202201", day("2022-02-02"))
    assert refusal(again)["details"] == {"clr_ym": "202201", "latest_clr_ym": "202201"}
    assert code(months.drawn("202112", day("2022-02-02"))) == "already-drawn"
    assert code(months.drawn("202202", day("2022-03-01"))) == "nothing-to-draw"


def test_a_draw_is_refused_for_one_reason_alone() -> None:
    """A month that is not over and has no rows is refused because it is not over."""
    months = WrittenMonths()
    months.begin()
    answer = months.drawn("202201", day("2022-01-31"))
    assert [one["code"] for one in answer["refusals"]] == ["month-not-over"]


def test_a_row_of_another_region_stands_in_two_statements() -> None:
    """The hospital is owed by the care region, the care region by the insured one."""
    months = WrittenMonths()
    rows = months.begin(10_000, 5_000)
    answer = months.drawn("202201", day("2022-02-01"))
    assert [one["statement_id"] for one in answer["statements"]] == [
        OF_HOSPITAL,
        OF_REGION,
    ]
    for one in answer["statements"]:
        assert one["setl_cnt"] == 2
        assert one["medfee_sumamt_fen"] == 15_000
        assert one["fund_pay_sumamt_fen"] == one["payable_fen"] == 12_000
        assert one["acct_pay_fen"] == 1_000
        assert one["psn_cash_pay_fen"] == 2_000
        text = "".join(f"{setl_id}\n" for setl_id in rows)
        assert one["digest"] == sha256(text.encode()).hexdigest()
        assert (one["declare_by"], one["latest_on"]) == ("2022-02-20", "2022-04-20")
        assert one["hard_stop"] == "2023-03-31"


def test_a_late_row_is_drawn_with_the_next_month() -> None:
    """What is entered late under its old month brings that month's deadlines along."""
    months = WrittenMonths()
    months.begin(10_000)
    months.drawn("202201", day("2022-02-01"))
    late = months.bill(100, day("2022-01-31"))
    assert months.views()["clearing_waiting"] == [
        {
            "setl_id": late,
            "mdtrtarea_admvs": CARE,
            "since_clr_ym": "202201",
            "why": "late",
        }
    ]
    months.drawn("202202", day("2022-03-01"))
    row = months.statement(OF_REGION.replace("202201", "202202"))
    assert (row["declare_by"], row["latest_on"]) == ("2022-03-20", "2022-04-20")


def test_a_claim_is_in_no_statement_and_waits_for_none() -> None:
    """What the agency reimbursed itself is nobody's to clear."""
    months = WrittenMonths()
    months.begin()
    months.settle(
        "PT1", HOME, at=HOSPITAL, time=day("2022-01-10"), fen=100, type_="claim"
    )
    assert code(months.drawn("202201", day("2022-02-01"))) == "nothing-to-draw"
    assert "clearing_waiting" not in months.views()


def test_a_row_that_is_not_confirmed_is_carried_in_both_kinds() -> None:
    """Flag 0 takes a row out of both statements, into the next draw."""
    months = WrittenMonths()
    kept, carried = months.begin(10_000, 5_000)
    months.drawn("202201", day("2022-02-01"))
    answer = months.confirm("202201", day("2022-02-02"), **{kept: "1", carried: "0"})
    assert [one["setl_cnt"] for one in answer["statements"]] == [1, 1]
    (waits,) = months.views()["clearing_waiting"]
    assert (waits["setl_id"], waits["why"]) == (carried, "carried")
    months.drawn("202202", day("2022-03-01"))
    for old in (OF_HOSPITAL, OF_REGION):
        new = old.replace("202201", "202202")
        assert months.lines(old)[carried] == {
            "statement_id": old,
            "setl_id": carried,
            "cnfm_flag": "0",
            "deducted_fen": 0,
            "carried_from": None,
            "carried_to": new,
        }
        assert months.lines(new)[carried]["carried_from"] == old
        assert months.lines(new)[carried]["cnfm_flag"] is None


def test_a_row_is_carried_once_and_no_longer() -> None:
    """In the second month after its own a row must be cleared."""
    months = WrittenMonths()
    _, row = months.begin(10_000, 5_000)
    for month, on in (("202201", "2022-02-01"), ("202202", "2022-03-01")):
        months.drawn(month, day(on))
        assert code(months.confirm(month, day(on, 10), **{row: "0"})) == "decided"
    months.drawn("202203", day("2022-04-01"))
    answer = months.confirm("202203", day("2022-04-02"), **{row: "0"})
    assert refusal(answer)["code"] == "carried-too-long"
    assert refusal(answer)["details"] == {"rows": [row]}
    assert code(months.confirm("202203", day("2022-04-02"), **{row: "1"})) == "decided"


def test_of_several_confirmations_the_latest_counts() -> None:
    """Rolled back, the one before it counts; rolled back twice it is unknown."""
    months = WrittenMonths()
    (row,) = months.begin(10_000)
    months.drawn("202201", day("2022-02-01"))
    first = months.confirm("202201", day("2022-02-02"), **{row: "0"})
    second = months.confirm("202201", day("2022-02-03"), **{row: "1"})
    assert months.statement(OF_REGION)["setl_cnt"] == 1
    for answer, count in ((second, 0), (first, 1)):
        id_ = answer["request_id"]
        undone = months.unconfirm("202201", id_, day("2022-02-04"))
        assert code(undone) == "decided"
        assert months.statement(OF_REGION)["setl_cnt"] == count
    again = months.unconfirm("202201", first["request_id"], day("2022-02-05"))
    assert code(again) == "unknown-confirmation"


def test_a_row_that_was_drawn_again_stays_where_it_is() -> None:
    """Neither a new confirmation nor a rollback of the old month reaches it."""
    months = WrittenMonths()
    (row,) = months.begin(10_000)
    months.drawn("202201", day("2022-02-01"))
    first = months.confirm("202201", day("2022-02-02"), **{row: "0"})
    months.drawn("202202", day("2022-03-01"))
    confirmed = months.confirm("202201", day("2022-03-02"), **{row: "1"})
    undone = months.unconfirm("202201", first["request_id"], day("2022-03-02"))
    assert code(confirmed) == code(undone) == "not-in-statement"
    assert refusal(undone)["details"] == {"rows": [row]}


def test_no_row_leaves_a_statement_that_is_declared() -> None:
    """Once the care region has declared, a hospital may confirm but not carry."""
    months = WrittenMonths()
    kept, other = months.begin(10_000, 5_000)
    months.drawn("202201", day("2022-02-01"))
    assert code(months.declare(OF_REGION, day("2022-02-02"))) == "decided"
    carried = months.confirm("202201", day("2022-02-03"), **{other: "0"})
    assert refusal(carried)["details"] == {
        "statement_id": OF_REGION,
        "clr_stas": "10",
        "allowed": ["00", "70"],
    }
    assert code(months.confirm("202201", day("2022-02-03"), **{kept: "1"})) == "decided"


def test_amounts_are_the_ledgers() -> None:
    """A row with other amounts is refused, with theirs and ours beside each other."""
    months = WrittenMonths()
    (row,) = months.begin(10_000)
    months.drawn("202201", day("2022-02-01"))
    answer = months.clearing(
        "confirm",
        f"/medins/{HOSPITAL}",
        region=CARE,
        time=day("2022-02-02"),
        clr_ym="202201",
        fixmedins_code=HOSPITAL,
        rows=[
            {
                "setl_id": row,
                "cnfm_flag": "1",
                "medfee_sumamt_fen": 10_000,
                "fund_pay_sumamt_fen": 7_999,
            }
        ],
    )
    ours = {"medfee_sumamt_fen": 10_000, "fund_pay_sumamt_fen": 8_000}
    theirs = {**ours, "fund_pay_sumamt_fen": 7_999}
    assert refusal(answer)["details"] == {
        "rows": [{"setl_id": row, "expected": ours, "found": theirs}]
    }
