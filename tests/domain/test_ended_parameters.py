"""A value that ended, or has not begun, is asked for by name: never as if unset."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.domain import asking
from tests.domain.asking import Message, settle
from tests.domain.overlays import BECAUSE, shape

from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

DAY = "2022-03-01"
TIERS = ("primary", "secondary", "tertiary", "ministry")
CONFIGURED = {
    "inpatient_ratio": {
        group: dict.fromkeys(TIERS, "0.8000") for group in ("active", "retired")
    },
    "inpatient_deductible": dict.fromkeys(TIERS, 30_000),
    "two_disease_ratio": dict.fromkeys(TIERS, "0.5000"),
}
SETTLE = settle("S1", 10_000)
CHRONIC = settle("S1", 10_000, care="14", dise_codg="M00500")
AWAY = settle("S1", 10_000, at=asking.AWAY)
CHRONIC_AWAY = settle("S1", 10_000, at=asking.AWAY, care="14", dise_codg="M00500")
HYPERTENSION = settle("S1", 10_000, care="15", dise_codg="M03900")
EMERGENCY = settle("S1", 10_000, care="13")
IN_HOSPITAL = settle("S1", 90_000, care="21")
IN_HOSPITAL_AWAY = settle("S1", 90_000, at=asking.AWAY, care="21")
REFUND = asking.undo("refund", "R1", "S0")
UNDO = asking.undo("compensate", "C1", "S0")
GAP = asking.undo("gap-refund", "G1", "S0")
NEEDED: list[tuple[str, Any, Message]] = [
    ("large_sum_threshold", 24_000_000, SETTLE),
    ("employer_supplement_ratio", "0.5000", SETTLE),
    ("disease_limits", {"M00500": 1_000}, CHRONIC),
    ("two_disease_limits", {"M03900": 1_000}, HYPERTENSION),
    ("disease_items", {"M03900": ["X1"]}, HYPERTENSION),
    ("local_disease_codes", {"M90001": "M03900"}, HYPERTENSION),
    ("designation_required", {"ordinary": True}, SETTLE),
    ("disease_items", {"M00500": ["X1"]}, CHRONIC),
    ("reverification_years", 1, CHRONIC),
    ("interruption_years", 1, CHRONIC),
    ("local_disease_codes", {"M90001": "M00500"}, CHRONIC),
    (
        "local_disease_codes",
        {"M90001": "M00500"},
        asking.qualify("Q2", "M07801", DAY),
    ),
    ("cross_province_diseases", ["M00500"], CHRONIC_AWAY),
    ("temporary_filing_months", 6, AWAY),
    ("stay_extends_filing", True, AWAY),
    ("filing_required", {"ordinary": True, "chronic": True}, AWAY),
    ("local_area", "4201", AWAY),
    ("filing_inpatient_reduction", {"referred": "0.1000"}, IN_HOSPITAL_AWAY),
    ("reduction_exempt_regions", ["31"], IN_HOSPITAL_AWAY),
    ("refund_scope", "institution", REFUND),
    ("refund_scope", "institution", UNDO),
    ("gap_refund_allowed", True, GAP),
    ("gap_refund_keeps_later", True, GAP),
]
NOT_NEEDED: list[tuple[str, Any, Message]] = [
    ("disease_limits", {"M00500": 1_000}, SETTLE),
    ("disease_limits", {"M00500": 1_000}, HYPERTENSION),
    ("two_disease_limits", {"M03900": 1_000}, CHRONIC),
    ("two_disease_limits", {"M03900": 1_000}, SETTLE),
    ("interruption_years", 1, SETTLE),
    ("disease_items", {"M00500": ["X1"]}, SETTLE),
    ("designation_required", {"ordinary": True}, EMERGENCY),
    ("temporary_filing_months", 6, SETTLE),
    ("temporary_filing_months", 6, settle("S1", 10_000, at=asking.AWAY, care="13")),
    ("cross_province_diseases", ["M00500"], AWAY),
    ("filing_inpatient_reduction", {"referred": "0.1000"}, IN_HOSPITAL),
    ("refund_scope", "institution", SETTLE),
    ("large_sum_ratio", "0.9000", SETTLE),
    ("gap_refund_keeps_later", True, REFUND),
]


def overlay(folder: Path, name: str, *, values: list[dict[str, Any]]) -> None:
    """Lay one parameter over 67号, and what else is paid for, on all days."""
    body = {
        other: {
            **shape(other),
            "values": [{"from": "2022-01-01", "value": value, "because": BECAUSE}],
        }
        for other, value in CONFIGURED.items()
    }
    body[name] = {**shape(name), "values": values}
    path = folder / "429900-310.yaml"
    path.write_text(json.dumps({"pack": "429900-310", "parameters": body}))


def answer(folder: Path, asked: Message) -> dict[str, Any]:
    """Ask for it after a settlement, an enrolment, a qualification and a filing."""
    before = Trial(load_packs())
    trial = Trial(load_packs(folder))
    start = [
        *asking.institutions(),
        asking.enrol("E1"),
        asking.qualify("Q1", "M00500", "2022-01-01"),
        asking.file_away("F1"),
    ]
    said = ""
    for one in (*start, settle("S0", 10_000, at=asking.PRIMARY)):
        said = before.answer(asking.text(one), 1)
    assert json.loads(said)["data"]["outcome"] == "decided"
    for one in start:
        trial.answer(asking.text(one), 1)
    # What was settled before the value went is still there to be taken back.
    trial.persons.known[asking.PERSON] = before.persons.get(asking.PERSON)
    data: dict[str, Any] = json.loads(trial.answer(asking.text(asked), 1))["data"]
    return data


def refused_by_name(data: dict[str, Any], name: str) -> None:
    """Hold an answer to be the refusal that asks for a parameter."""
    assert data["outcome"] == "refused"
    first = data["refusals"][0]
    assert first["code"] == "policy-not-in-force"
    assert first["details"] == {"parameter": name, "on": DAY}


@pytest.mark.parametrize(
    "after",
    [
        pytest.param([], id="ended"),
        pytest.param(["2022-03-02"], id="ended, and to come again"),
    ],
)
@pytest.mark.parametrize(("name", "value", "asked"), NEEDED)
def test_a_value_that_is_needed_and_not_in_force_is_named(
    tmp_path: Path, name: str, value: Any, asked: Message, after: list[str]
) -> None:
    """Whatever rests on a value of another day waits for its configuration."""
    first, *later = (
        {"from": begin, "value": value, "because": BECAUSE}
        for begin in ("2022-01-01", *after)
    )
    overlay(tmp_path, name, values=[first, {"until": "2022-02-28"}, *later])
    refused_by_name(answer(tmp_path, asked), name)


@pytest.mark.parametrize(("name", "value", "asked"), NEEDED)
def test_before_a_value_to_come_the_notice_holds_or_nobody_knows(
    tmp_path: Path, name: str, value: Any, asked: Message
) -> None:
    """Until a region's value begins the pack's holds; where it has none, none does."""
    dated = [{"from": "2022-03-02", "value": value, "because": BECAUSE}]
    overlay(tmp_path, name, values=dated)
    data = answer(tmp_path, asked)
    shipped = load_packs().find("429900", "310")
    assert shipped is not None
    if name in shipped.parameters:
        assert data["outcome"] == "decided"
    else:
        refused_by_name(data, name)


@pytest.mark.parametrize(("name", "value", "asked"), NOT_NEEDED)
def test_a_value_that_nobody_looks_at_is_not_asked_for(
    tmp_path: Path, name: str, value: Any, asked: Message
) -> None:
    """What does not rest on a value that has ended is decided without it."""
    dated = [{"from": "2022-01-01", "value": value, "because": BECAUSE}]
    overlay(tmp_path, name, values=[*dated, {"until": "2022-02-28"}])
    assert answer(tmp_path, asked)["outcome"] == "decided"


def test_a_code_is_not_called_neither_of_the_two_where_nobody_can_say(
    tmp_path: Path,
) -> None:
    """A day that knows no local codes asks for them and says nothing of the disease."""
    dated = [{"from": "2022-01-01", "value": {"M90001": "M03900"}, "because": BECAUSE}]
    overlay(tmp_path, "local_disease_codes", values=[*dated, {"until": "2022-02-28"}])
    data = answer(tmp_path, settle("S1", 10_000, care="15", dise_codg="M90001"))
    refused_by_name(data, "local_disease_codes")
    assert [one["code"] for one in data["refusals"]] == ["policy-not-in-force"]
