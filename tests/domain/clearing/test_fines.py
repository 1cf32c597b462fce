"""Fines of an institution: beside its statement, the care place's own, all anew."""

import json
from typing import Any

import pytest
from tests.domain.clearing.test_money import drawn
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
    fine,
    refusal,
)

Json = dict[str, Any]


def in_audit() -> WrittenMonths:
    """Return a month with a deduction, both of whose statements are in audit."""
    months, (row,) = drawn(10_000)
    months.in_audit(OF_HOSPITAL, "2022-02-02", deduction(row, 300))
    months.in_audit(OF_REGION, "2022-02-03")
    return months


def test_fines_move_nothing_else() -> None:
    """Every line of every view is the same, and the answer shows no statement."""
    months = in_audit()
    before = list(months.trial.clearing_views())
    answer = months.fined(day("2022-02-04"), fine(5_000), fine(70, "contractual"))
    assert code(answer) == "decided"
    assert (answer["statement_cnt"], answer["statements"]) == (0, [])
    assert list(months.trial.clearing_views()) == before
    assert months.views()["clearing_fine"] == [
        {
            "statement_id": OF_HOSPITAL,
            "seq": seq,
            **one,
            "fined_on": "2022-02-04",
        }
        for seq, one in enumerate([fine(5_000), fine(70, "contractual")])
    ]


def test_what_is_owed_stays_what_is_due() -> None:
    """A fined month is paid in full, and receivable is payable."""
    months = in_audit()
    months.fined(day("2022-02-04"), fine(5_000))
    for id_ in (OF_HOSPITAL, OF_REGION):
        months.cleared(id_, "2022-02-05")
        assert code(months.paid(id_, "2022-02-05")) == "decided"
        assert months.statement(id_)["paid_fen"] == 7_700
    balances = months.views()["clearing_balance"]
    assert {(one["admdvs"], one["receivable_fen"]) for one in balances} == {
        (CARE, 7_700),
        (HOME, 0),
    }
    assert sum(one["receivable_fen"] - one["payable_fen"] for one in balances) == 0


def test_the_list_is_the_whole_list() -> None:
    """What is not named again is no fine any more; the facts tell what was before."""
    months = in_audit()
    months.fined(day("2022-02-04"), fine(5_000), fine(70))
    months.fined(day("2022-02-05"), fine(70))
    (left,) = months.views()["clearing_fine"]
    assert (left["amount_fen"], left["fined_on"]) == (70, "2022-02-05")
    assert code(months.fined(day("2022-02-06"))) == "decided"
    assert "clearing_fine" not in months.views()
    told = [
        len(json.loads(one.value)["fines"])
        for one in months.trial.clearing.entries
        if one.type == "jiesuan.clearing.fined.v1"
    ]
    assert told == [2, 1, 0]


def test_fines_come_once_an_audit_has_begun() -> None:
    """Before it they are refused by the states in which they may come; then taken."""
    months, _ = drawn(10_000)
    wrong = refusal(months.fined(day("2022-02-01", 10), fine(1)))
    assert (wrong["code"], wrong["details"]["clr_stas"]) == ("wrong-state", "00")
    assert wrong["details"]["allowed"] == ["30", "40", "50", "60", "70"]
    met = []

    def fined(on: str, hour: int) -> None:
        assert code(months.fined(day(on, hour), fine(hour))) == "decided"
        met.append(months.statement(OF_HOSPITAL)["clr_stas"])

    months.in_audit(OF_HOSPITAL, "2022-02-02")
    fined("2022-02-02", 13)
    months.by_payer("reject", OF_HOSPITAL, day("2022-02-03"), reason="材料不全")
    fined("2022-02-03", 10)
    assert months.statement(OF_HOSPITAL)["reason"] == "材料不全"
    months.in_audit(OF_HOSPITAL, "2022-02-04")
    for hour, what in ((13, "finish-audit"), (15, "clear")):
        months.by_payer(what, OF_HOSPITAL, day("2022-02-04", hour))
        fined("2022-02-04", hour + 1)
    months.paid(OF_HOSPITAL, "2022-02-05")
    fined("2022-02-05", 16)
    assert met == ["30", "70", "40", "50", "60"]


def test_a_rejection_takes_no_fine_back() -> None:
    """The audit's deductions fall away; a fine stands until it is set aside."""
    months = in_audit()
    months.fined(day("2022-02-04"), fine(5_000))
    months.by_payer("reject", OF_HOSPITAL, day("2022-02-05"), reason="材料不全")
    assert months.money(OF_HOSPITAL) == (0, 0, 8_000)
    assert [one["amount_fen"] for one in months.views()["clearing_fine"]] == [5_000]


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"statement_id": OF_REGION}, "data.statement_id"),
        ({"fines": [{**fine(1), "amount_fen": 0}]}, "data.fines.0.amount_fen"),
        ({"fines": [{**fine(1), "kind": "criminal"}]}, "data.fines.0.kind"),
        ({"fines": [{**fine(1), "reason": ""}]}, "data.fines.0.reason"),
        ({"fines": [fine(1)] * 1_001}, "data.fines"),
        ({"fines": None}, "data.fines"),
    ],
)
def test_what_is_no_list_of_an_institution_s_fines_is_malformed(
    changed: Json, path: str
) -> None:
    """A region's statement, an empty reason or nothing to pay is named by its path."""
    months = in_audit()
    data = {"statement_id": OF_HOSPITAL, "fines": [], **changed}
    answer = months.clearing(
        "fine", f"/agency/{CARE}", region=CARE, time=day("2022-02-04"), **data
    )
    assert (code(answer), refusal(answer)["details"]["path"]) == ("malformed", path)


@pytest.mark.parametrize(
    ("source", "id_", "wrong"),
    [
        (f"/agency/{HOME}", OF_HOSPITAL, "not-your-statement"),
        (f"/medins/{HOSPITAL}", OF_HOSPITAL, "malformed"),
        (f"/agency/{CARE}", OF_HOSPITAL.replace(":11", ":41"), "unknown-statement"),
        (f"/agency/{CARE[:2]}0000", OF_HOSPITAL, "decided"),
    ],
)
def test_only_the_care_agency_fines(source: str, id_: str, wrong: str) -> None:
    """The payer of the statement, or an agency above it, and nobody else."""
    months = in_audit()
    answer = months.clearing(
        "fine",
        source,
        region=CARE,
        time=day("2022-02-04"),
        statement_id=id_,
        fines=[fine(1)],
    )
    assert code(answer) == wrong


def test_a_fine_names_its_statement() -> None:
    """What is asked of the statement later may not have come before the fine."""
    months = in_audit()
    months.fined(day("2022-02-05"), fine(1))
    late = months.by_payer("finish-audit", OF_HOSPITAL, day("2022-02-04"))
    assert refusal(late)["details"]["path"] == "time"
