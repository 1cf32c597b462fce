"""Sums that no reader takes are refused before they are written (`contracts.md` §1)."""

from typing import Any

from tests.domain.clearing.months import bill, overlays
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

from jiesuan_domain.policy.loader import load
from jiesuan_events.words.money import MAX_FEN
from jiesuan_ledger.clearing.facts import read_clearing_fact
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import shipped_texts

_LINE = 999_999_999_900
"""The dearest line that a price of ten digits allows."""
_LINES = 1000


def _large_bill(
    months: WrittenMonths, person: str, number: int, *, on: str = "2022-01-10"
) -> str:
    """Settle a bill of as many lines as a bill may have, each the dearest."""
    time = day(on)
    one = bill(_LINE, time)
    lines = [
        {**one["feedetail"][0], "feedetl_sn": str(serial)} for serial in range(_LINES)
    ]
    answer = months.ask(
        "settle",
        f"/medins/{HOSPITAL}",
        subject=person,
        time=time,
        data={
            **one,
            "psn_no": person,
            "fixmedins_code": HOSPITAL,
            "mdtrt_id": f"V-{person}-{number}",
            "insutype": "310",
            "med_type": "11",
            "mdtrtarea_admvs": CARE,
            "insuplc_admdvs": HOME,
            "medfee_sumamt_fen": _LINE * _LINES,
            "feedetail": lines,
        },
    )
    assert answer["outcome"] == "decided", answer["refusals"]
    return str(answer["setl_id"])


def _more_than_a_statement_holds() -> tuple[WrittenMonths, str]:
    """Settle nine bills of one person and one of another; give the latter's id."""
    months = WrittenMonths()
    months.begin()
    months.enrol("PT2", HOME)
    for number in range(9):
        _large_bill(months, "PT1", number)
    last = _large_bill(months, "PT2", 9)
    assert 10 * _LINE * _LINES > MAX_FEN > 9 * _LINE * _LINES
    return months, last


def _without_a_cap() -> Trial:
    """Try with packs whose fund pays of everything."""
    uncapped = {
        name: text.replace("900000000,", f"{MAX_FEN},")
        for name, text in overlays().items()
    }
    months = shipped_texts("packs/clearing", ".yaml")
    shipped = shipped_texts("packs", ".yaml") | months
    sentences = shipped_texts("sentences", ".yaml")
    return Trial(load(shipped, uncapped, sentences=sentences))


def _all_facts_are_read(months: WrittenMonths) -> bool:
    entries = months.trial.clearing.entries
    return all(read_clearing_fact(one.type, one.value) for one in entries)


def _give_back(months: WrittenMonths, setl_id: str, time: str) -> str:
    """Refund the other person's bill; give the id of its mirror."""
    answer: dict[str, Any] = months.refund("PT2", setl_id, at=HOSPITAL, time=time)
    return str(answer["setl_id"])


def test_a_month_of_more_than_can_be_written_is_drawn_once_it_is_less() -> None:
    """The draw names the statement that is too large, and passes after a refund."""
    months, last = _more_than_a_statement_holds()
    large = months.drawn("202201", day("2022-02-01"))
    assert refusal(large)["details"] == {
        "path": "data",
        "reason": f"the sums of {OF_HOSPITAL} leave the bounds",
    }
    assert OF_HOSPITAL in refusal(large)["message"]
    assert "clearing_statement" not in months.views()
    _give_back(months, last, day("2022-02-02"))
    assert code(months.drawn("202202", day("2022-03-01"))) == "decided"
    assert _all_facts_are_read(months)


def test_no_row_is_carried_if_the_rest_cannot_be_written() -> None:
    """A refund that keeps a statement within bounds stays in it."""
    months, last = _more_than_a_statement_holds()
    mirror = _give_back(months, last, day("2022-01-12"))
    assert code(months.drawn("202201", day("2022-02-01"))) == "decided"
    before = months.statement(OF_REGION)
    carried = months.confirm("202201", day("2022-02-02"), **{mirror: "0"})
    assert refusal(carried)["code"] == "malformed"
    assert months.statement(OF_REGION) == before
    assert _all_facts_are_read(months)


def test_a_prepayment_used_beyond_what_can_be_written_is_given_no_quota() -> None:
    """The account is as large as its bills; the quota waits until it is smaller."""
    months = WrittenMonths(_without_a_cap())
    months.begin()
    months.enrol("PT2", HOME)
    for number in range(12):
        _large_bill(months, ("PT1", "PT2")[number % 2], number)
    data = {"mdtrtarea_admvs": CARE, "insuplc_admdvs": HOME, "insutype": "310"}
    quota = months.ask(
        "prepay.quota",
        f"/agency/{HOME}",
        subject=CARE,
        time=day("2022-02-01"),
        data={**data, "year": "2022", "quota_fen": 100, "basis": "annual"},
    )
    assert refusal(quota)["details"] == {
        "path": "data",
        "reason": "the sums of the prepayment leave the bounds",
    }
    assert _all_facts_are_read(months)


def test_no_more_is_deducted_than_the_next_statement_can_recover() -> None:
    """What waits for the hospital's next statement stays within what can be written."""
    months = WrittenMonths(_without_a_cap())
    months.begin()
    months.enrol("PT2", HOME)
    large = MAX_FEN // _LINE // _LINES
    bills = {
        month: [_large_bill(months, person, number, on=on) for number in range(large)]
        for month, person, on in (
            ("202201", "PT1", "2022-01-10"),
            ("202202", "PT2", "2022-02-10"),
        )
    }
    for month in bills:
        months.drawn(month, day("2022-03-01"))
        hospital_s = OF_HOSPITAL.replace("202201", month)
        months.in_audit(hospital_s, "2022-03-02")
        months.cleared(hospital_s, "2022-03-02")
    answers = []
    for month, rows in bills.items():
        region_s = OF_REGION.replace("202201", month)
        months.in_audit(region_s, "2022-03-03")
        deductions = [deduction(row, _LINE * _LINES * 8 // 10) for row in rows]
        time = day("2022-03-04")
        answers.append(months.by_payer("audit", region_s, time, deductions=deductions))
    assert [code(one) for one in answers] == ["decided", "malformed"]
    assert refusal(answers[1])["details"]["reason"] == (
        "the sums of the recovery leave the bounds"
    )
    assert _all_facts_are_read(months)
