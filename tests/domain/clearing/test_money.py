"""Deductions, recoveries, rejections and prepayments, to the fen."""

import pytest
from tests.domain.clearing.months import hospital
from tests.domain.clearing.written_months import (
    CARE,
    HOME,
    HOSPITAL,
    OF_HOSPITAL,
    OF_REGION,
    WrittenMonths,
    code,
    day,
    deduction,
    refusal,
)

NEXT_REGION = OF_REGION.replace("202201", "202202")
NEXT_HOSPITAL = OF_HOSPITAL.replace("202201", "202202")


def drawn(*fen: int) -> tuple[WrittenMonths, list[str]]:
    """A month with bills that was drawn, and their ids."""
    months = WrittenMonths()
    rows = months.begin(*fen)
    months.drawn("202201", day("2022-02-01"))
    return months, rows


def test_a_deduction_counts_in_both_kinds() -> None:
    """What the care region deducts of its hospital it does not ask of the insured."""
    months, (row,) = drawn(10_000)
    months.in_audit(OF_HOSPITAL, "2022-02-02", deduction(row, 300))
    assert months.money(OF_HOSPITAL) == (300, 0, 7_700)
    assert months.money(OF_REGION) == (300, 0, 7_700)
    assert months.lines(OF_REGION)[row]["deducted_fen"] == 300


def test_no_more_is_deducted_than_the_fund_paid() -> None:
    """Of both audits together a row bears its fund payment, and not a fen more."""
    months, (row,) = drawn(10_000)
    months.in_audit(OF_HOSPITAL, "2022-02-02", deduction(row, 3_000))
    months.in_audit(OF_REGION, "2022-02-03")
    parts = [deduction(row, 2_500), deduction(row, 2_501)]
    answer = months.by_payer("audit", OF_REGION, day("2022-02-04"), deductions=parts)
    assert refusal(answer)["details"] == {
        "setl_id": row,
        "limit_fen": 8_000,
        "found_fen": 8_001,
    }
    parts[1] = deduction(row, 2_500)
    answer = months.by_payer("audit", OF_REGION, day("2022-02-04"), deductions=parts)
    assert code(answer) == "decided"
    assert months.money(OF_HOSPITAL) == (8_000, 0, 0)


def test_of_a_refund_nothing_is_deducted() -> None:
    """A row that gives back pays for no deduction."""
    months, (row,) = drawn(10_000)
    mirror = months.take_back(row, day("2022-02-05"))
    months.drawn("202202", day("2022-03-01"))
    months.in_audit(NEXT_REGION, "2022-03-02")
    audit = [deduction(mirror, 1)]
    answer = months.by_payer("audit", NEXT_REGION, day("2022-03-03"), deductions=audit)
    assert refusal(answer)["details"]["limit_fen"] == 0


def test_what_is_done_is_recovered_by_the_next_statement() -> None:
    """Deducted after the other audit was over, it returns by its original channel."""
    months, (row,) = drawn(10_000)
    months.in_audit(OF_REGION, "2022-02-02")
    months.by_payer("finish-audit", OF_REGION, day("2022-02-03"))
    months.in_audit(OF_HOSPITAL, "2022-02-04", deduction(row, 300))
    assert months.money(OF_REGION) == (0, 0, 8_000)
    (pending,) = months.views()["clearing_recovery"]
    assert pending == {
        "kind": "region",
        "mdtrtarea_admvs": CARE,
        "insuplc_admdvs": HOME,
        "fixmedins_code": None,
        "insutype": "310",
        "clr_type": "11",
        "pending_fen": 300,
    }
    months.bill(5_000, day("2022-02-20"))
    months.drawn("202202", day("2022-03-01"))
    assert months.money(NEXT_REGION) == (0, 300, 3_700)
    assert months.money(NEXT_HOSPITAL) == (0, 0, 4_000)
    assert "clearing_recovery" not in months.views()


def test_what_was_recovered_goes_back_the_same_way() -> None:
    """Rejected after it was recovered, the statement after that gives it back."""
    months, (row,) = drawn(10_000)
    months.in_audit(OF_REGION, "2022-02-02")
    months.by_payer("finish-audit", OF_REGION, day("2022-02-03"))
    months.in_audit(OF_HOSPITAL, "2022-02-04", deduction(row, 300))
    months.bill(5_000, day("2022-02-20"))
    months.drawn("202202", day("2022-03-01"))
    months.by_payer("reject", OF_HOSPITAL, day("2022-03-02"), reason="扣款有误")
    assert months.money(OF_HOSPITAL) == (0, 0, 8_000)
    assert months.money(NEXT_REGION) == (0, 300, 3_700)
    months.bill(5_000, day("2022-03-20"))
    months.drawn("202203", day("2022-04-01"))
    third = OF_REGION.replace("202201", "202203")
    assert months.money(third) == (0, -300, 4_300)


def test_a_mirror_carries_the_opposite() -> None:
    """Refunded, a row gives back what was paid for it, less the deduction."""
    months, (row,) = drawn(10_000)
    months.in_audit(OF_HOSPITAL, "2022-02-02", deduction(row, 300))
    mirror = months.take_back(row, day("2022-02-05"))
    months.drawn("202202", day("2022-03-01"))
    for id_ in (NEXT_HOSPITAL, NEXT_REGION):
        assert months.money(id_) == (-300, 0, -7_700)
        assert months.lines(id_)[mirror]["deducted_fen"] == -300


def test_a_mirror_hears_of_later_deductions() -> None:
    """Deducted after the refund was drawn, the mirror gives it back all the same."""
    months, (row,) = drawn(10_000)
    months.take_back(row, day("2022-02-05"))
    months.drawn("202202", day("2022-03-01"))
    months.in_audit(NEXT_REGION, "2022-03-02")
    months.by_payer("finish-audit", NEXT_REGION, day("2022-03-03"))
    months.in_audit(OF_HOSPITAL, "2022-03-04", deduction(row, 300))
    assert months.money(NEXT_HOSPITAL) == (-300, 0, -7_700)
    assert months.money(NEXT_REGION) == (0, 0, -8_000)
    (pending,) = months.views()["clearing_recovery"]
    assert (pending["kind"], pending["pending_fen"]) == ("region", -300)


def test_a_rejection_takes_its_own_deductions_back() -> None:
    """In the other kind and on the mirror too; another audit's stay."""
    months, (row,) = drawn(10_000)
    months.in_audit(OF_HOSPITAL, "2022-02-02", deduction(row, 300))
    months.in_audit(OF_REGION, "2022-02-03", deduction(row, 200))
    months.take_back(row, day("2022-02-05"))
    months.drawn("202202", day("2022-03-01"))
    assert months.money(NEXT_REGION) == (-500, 0, -7_500)
    months.by_payer("reject", OF_HOSPITAL, day("2022-03-02"), reason="扣款有误")
    assert months.money(OF_HOSPITAL) == months.money(OF_REGION) == (200, 0, 7_800)
    assert months.money(NEXT_REGION) == (-200, 0, -7_800)


def test_only_the_full_amount_is_paid() -> None:
    """A fen more or less is refused; a negative amount is paid as such."""
    months, (row,) = drawn(10_000)
    months.take_back(row, day("2022-02-05"))
    months.drawn("202202", day("2022-03-01"))
    months.in_audit(NEXT_REGION, "2022-03-02")
    months.cleared(NEXT_REGION, "2022-03-03")
    answer = months.by_payer(
        "pay",
        NEXT_REGION,
        day("2022-03-04"),
        paid_fen=-7_999,
        paid_on="2022-03-04",
    )
    assert refusal(answer)["details"] == {"expected_fen": -8_000, "found_fen": -7_999}
    assert code(months.paid(NEXT_REGION, "2022-03-04")) == "decided"
    row_ = months.statement(NEXT_REGION)
    assert (row_["clr_stas"], row_["paid_fen"]) == ("60", -8_000)


def test_a_declaration_is_held_against_the_sums() -> None:
    """Each of the five sums that differs is named with theirs and ours."""
    months, _ = drawn(10_000)
    answer = months.declare(OF_REGION, day("2022-02-02"), setl_cnt=2, acct_pay_fen=0)
    assert refusal(answer)["details"] == {
        "differences": [
            {"field": "setl_cnt", "expected": 1, "found": 2},
            {"field": "acct_pay_fen", "expected": 500, "found": 0},
        ]
    }


def quota(
    months: WrittenMonths, fen: int, *, basis: str = "annual"
) -> dict[str, object]:
    """Set the quota of the year."""
    return months.ask(
        "prepay.quota",
        f"/agency/{HOME}",
        subject=CARE,
        time=day("2022-02-10"),
        data={
            "mdtrtarea_admvs": CARE,
            "insuplc_admdvs": HOME,
            "insutype": "310",
            "year": "2022",
            "quota_fen": fen,
            "basis": basis,
        },
    )


def test_a_prepayment_runs_down_and_is_made_up_again() -> None:
    """Rows use it from their entry until their region statement is paid."""
    months, (row,) = drawn(10_000)
    answer = quota(months, 11_428)
    assert answer["prepayment"] == {
        "mdtrtarea_admvs": CARE,
        "insuplc_admdvs": HOME,
        "insutype": "310",
        "year": "2022",
        "quota_fen": 11_428,
        "used_fen": 8_000,
        "paid_fen": 0,
        "deducted_fen": 0,
        "used_ratio": "0.7000",
        "warned": True,
    }
    months.in_audit(OF_REGION, "2022-02-12", deduction(row, 300))
    months.cleared(OF_REGION, "2022-02-13")
    months.paid(OF_REGION, "2022-02-13")
    (account,) = months.views()["prepayment"]
    assert account["used_fen"] == 0
    assert (account["paid_fen"], account["deducted_fen"]) == (7_700, 300)
    assert (account["used_ratio"], account["warned"]) == ("0.0000", False)


def test_a_warning_is_exact() -> None:
    """A quota of one fen more than the ratio allows is no warning, though it rounds."""
    months, _ = drawn(10_000)
    shown = quota(months, 11_429)["prepayment"]
    assert isinstance(shown, dict)
    assert (shown["used_ratio"], shown["warned"]) == ("0.7000", False)


def test_an_emergency_raises_the_quota() -> None:
    """The same or less is malformed; what was not there counts as nothing."""
    months, _ = drawn(10_000)
    assert code(quota(months, 5, basis="emergency")) == "decided"
    for fen in (4, 5):
        answer = quota(months, fen, basis="emergency")
        assert refusal(answer)["details"]["path"] == "data.quota_fen"
    assert code(quota(months, 6, basis="emergency")) == "decided"
    assert code(quota(months, 1, basis="adjust")) == "decided"


@pytest.mark.parametrize(
    ("what", "source", "expected"),
    [
        ("accept", f"/medins/{HOSPITAL}", "malformed"),
        ("accept", f"/agency/{CARE}", "not-your-statement"),
        ("accept", "/agency/990000", "wrong-state"),
        ("withdraw", f"/medins/{HOSPITAL}", "not-your-statement"),
        ("withdraw", f"/medins/{hospital(HOME)}", "not-your-statement"),
        ("withdraw", f"/agency/{HOME}", "not-your-statement"),
        ("withdraw", "/agency/000000", "wrong-state"),
    ],
)
def test_who_may_ask(what: str, source: str, expected: str) -> None:
    """A region's statement is its two agencies', or those above them."""
    months, _ = drawn(10_000)
    answer = months.clearing(
        what, source, region=CARE, time=day("2022-02-02"), statement_id=OF_REGION
    )
    assert code(answer) == expected


@pytest.mark.parametrize(
    ("id_", "expected"),
    [
        (OF_REGION.replace(CARE, "990300"), "malformed"),
        (OF_REGION.replace("region", "city"), "malformed"),
        (OF_REGION.replace("202201", "202213"), "malformed"),
        (OF_REGION.replace("202201", "202202"), "unknown-statement"),
    ],
)
def test_what_is_named(id_: str, expected: str) -> None:
    """An id of another form or region is malformed, one that was not drawn unknown."""
    months, _ = drawn(10_000)
    answer = months.clearing(
        "accept",
        "/agency/990000",
        region=CARE,
        time=day("2022-02-02"),
        statement_id=id_,
    )
    assert code(answer) == expected
