"""The edges of calendar and money: refused or borne, never a crash."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.domain import asking
from tests.domain.asking import Message
from tests.domain.overlays import trial

from jiesuan_events.words.money import MAX_FEN
from jiesuan_services.clerk.trial import Trial


def answers(made: Trial, *asked: Message) -> list[dict[str, Any]]:
    """Ask in order and read the answers' data."""
    for one in asking.institutions():
        made.answer(asking.text(one), 1)
    lines = [made.answer(asking.text(one), 1) for one in asked]
    return [json.loads(line)["data"] for line in lines]


def first_code(data: dict[str, Any]) -> str:
    """Return the code that counts."""
    return str(data["refusals"][0]["code"])


@pytest.mark.parametrize(
    "moment",
    [
        "9999-12-31T20:00:00Z",
        "0001-01-01T00:00:00+10:00",
        "2022-02-30T00:00:00+08:00",
        "2022-03-01T08:00:00",
        "2022-03-01",
    ],
)
def test_a_moment_outside_the_calendar_is_malformed(moment: str) -> None:
    """A line at a moment that Beijing's calendar does not know is refused by path."""
    asked = asking.settle("S1", 100)
    asked["data"]["feedetail"][0]["fee_ocur_time"] = moment
    data = answers(trial(), asking.enrol("E1"), asked)[-1]
    assert first_code(data) == "malformed"
    path = data["refusals"][0]["details"]["path"]
    assert path == "data.feedetail.0.fee_ocur_time"


def test_a_qualification_at_the_end_of_time_does_not_end(tmp_path: Path) -> None:
    """Years added past the calendar stand for ever."""
    codes = {"M00503": "M00500"}
    made = trial(tmp_path, chronic_diseases=["M00500"], local_disease_codes=codes)
    asked = (
        asking.enrol("E1"),
        asking.qualify("Q1", "M00500", "9997-01-01", enddate="9999-12-31"),
        asking.settle("S1", 100, day="9998-01-05", care="14", dise_codg="M00500"),
    )
    data = answers(made, *asked)
    assert data[1]["outcome"] == "decided"
    assert first_code(data[2]) == "policy-not-in-force"


def test_a_year_never_outgrows_what_readers_read() -> None:
    """A report that would carry a year's sum past the bound is refused."""
    asked = (
        asking.enrol("E1"),
        asking.inpatient("I1", "2022", MAX_FEN),
        asking.inpatient("I2", "2022", 1),
        asking.settle("S1", 1),
        asking.message("quote", "K1", asking.bill([asking.line("1", 1)])),
        asking.settle("S2", 1, day="2023-03-01"),
    )
    data = answers(trial(), *asked)
    assert data[1]["outcome"] == "decided"
    assert [first_code(one) for one in data[2:5]] == ["malformed"] * 3
    assert data[5]["outcome"] == "decided"


def test_a_disease_limit_binds_chronic_care_alone(tmp_path: Path) -> None:
    """Ordinary care neither meets nor uses a disease's limit."""
    made = trial(tmp_path, disease_limits={"M00500": 10_000})
    asked = (
        asking.enrol("E1"),
        asking.qualify("Q1", "M00500", "2022-01-01"),
        asking.settle("S1", 300_000),
        asking.settle("S2", 20_000, care="14", dise_codg="M00500"),
        asking.undo("gap-refund", "G1", "S1"),
    )
    data = answers(made, *asked)
    assert data[2]["hifp_pay_fen"] == 48_000
    assert data[3]["hifp_pay_fen"] == 10_000
    assert data[3]["overcap_amt_fen"] == 8_000
    assert data[4]["resettled"][0]["hifp_pay_fen"] == 10_000


def test_a_region_of_its_own_knows_the_ten_national_codes(tmp_path: Path) -> None:
    """A pack that is an overlay alone settles the ten codes across provinces."""
    made = trial(
        tmp_path,
        pack="999900-310",
        local_area="9999",
        chronic_ratio="0.8000",
        chronic_diseases=["M00500", "M02101"],
        filing_required=False,
    )
    own = {"care": "14", "at": asking.AWAY, "insuplc_admdvs": "999900"}
    asked = (
        asking.enrol("E1", insuplc_admdvs="999900"),
        asking.qualify("Q1", "M00500", "2022-01-01"),
        asking.qualify("Q2", "M02101", "2022-01-01"),
        asking.settle("S1", 1000, dise_codg="M00500", **own),
        asking.settle("S2", 1000, dise_codg="M02101", **own),
    )
    data = answers(made, *asked)
    assert data[3]["hifp_pay_fen"] == 800
    assert first_code(data[4]) == "disease-not-in-list"


def test_a_compensation_cannot_undo_itself() -> None:
    """A 2601 that names itself is refused and leaves its name free."""
    asked = (asking.enrol("E1"), asking.undo("compensate", "C1", "C1"))
    data = answers(trial(), *asked, asked[1])
    assert [first_code(one) for one in data[1:]] == ["not-compensable"] * 2


def test_lines_are_looked_at_beside_a_missing_ratio(tmp_path: Path) -> None:
    """A 乙类 line without any ratio does not hide a line that does not add up."""
    made = trial(
        tmp_path,
        pack="999900-310",
        local_area="4201",
        outpatient_ratio="0.5000",
        outpatient_cap=100_000,
        outpatient_deductible=0,
    )
    wrong = asking.line("2", 500) | {"pric": "9.00"}
    lines = [asking.line("1", 500, chrgitm_lv="02"), wrong]
    asked = asking.message("settle", "S1", asking.bill(lines, insuplc_admdvs="999900"))
    data = answers(made, asking.enrol("E1", insuplc_admdvs="999900"), asked)[-1]
    codes = [one["code"] for one in data["refusals"]]
    assert codes == ["policy-not-in-force", "lines-do-not-add-up"]
    assert data["refusals"][0]["details"]["parameter"] == "class_b_selfpay_prop"


def test_verification_is_due_from_the_day_after_the_last() -> None:
    """A qualification counts on its end date, and is due for renewal the day after."""
    asked = (
        asking.enrol("E1"),
        asking.qualify("Q1", "M00500", "2022-01-01", enddate="2022-06-30"),
        asking.settle("S1", 1, day="2022-06-30", care="14", dise_codg="M00500"),
        asking.settle("S2", 1, day="2022-07-01", care="14", dise_codg="M00500"),
    )
    data = answers(trial(), *asked)
    assert data[2]["outcome"] == "decided"
    assert first_code(data[3]) == "reverification-required"
    assert data[3]["refusals"][0]["details"]["since"] == "2022-07-01"
