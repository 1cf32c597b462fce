"""A parameter that a settlement needs and the region lacks is named, never guessed."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.domain import asking
from tests.domain.asking import settle
from tests.domain.overlays import write_overlay
from tests.domain.refusal_cases import CHRONIC, DAY, ELSEWHERE, last

from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

WHOLE: dict[str, Any] = {
    "local_area": "42",
    "outpatient_deductible": 0,
    "outpatient_ratio": "0.5000",
    "outpatient_cap": 100_000,
    "chronic_diseases": ["M00500"],
    "chronic_ratio": "0.6000",
    "inpatient_deductible": 100,
    "inpatient_ratio": "0.7000",
    "large_sum_threshold": 1_000_000,
}
CARES: dict[str, dict[str, Any]] = {
    "outpatient": {"care": "11"},
    "chronic": CHRONIC,
    "inpatient": {"care": "21"},
}


def region(folder: Path, **parameters: Any) -> Trial:
    """Make a region with these parameters in which the test person may be treated."""
    write_overlay(folder, parameters, pack="999900-310")
    return Trial(load_packs(folder))


def settled(made: Trial, care: str) -> dict[str, Any]:
    """Settle ten yuan of one kind of care and give the answer's data."""
    asked = (
        *asking.institutions(),
        asking.enrol("E1", **ELSEWHERE),
        asking.qualify("Q1", "M00500", "2022-01-01"),
        settle("S1", 1000, **CARES[care], **ELSEWHERE),
    )
    return last(made, *asked)


@pytest.mark.parametrize(
    ("care", "pay"), [("outpatient", 500), ("chronic", 600), ("inpatient", 630)]
)
def test_a_region_with_every_parameter_pays(
    care: str, *, pay: int, tmp_path: Path
) -> None:
    """Each kind of care is paid at the region's ratio."""
    assert settled(region(tmp_path, **WHOLE), care)["hifp_pay_fen"] == pay


@pytest.mark.parametrize(
    "parameter",
    [
        "outpatient_deductible",
        "outpatient_ratio",
        "outpatient_cap",
        "chronic_ratio",
        "inpatient_deductible",
        "inpatient_ratio",
    ],
)
def test_a_parameter_that_a_region_lacks_is_named(
    parameter: str, tmp_path: Path
) -> None:
    """The refusal names the parameter and the service day."""
    held = {name: value for name, value in WHOLE.items() if name != parameter}
    refusals = settled(region(tmp_path, **held), parameter.partition("_")[0])[
        "refusals"
    ]
    assert [one["code"] for one in refusals] == ["policy-not-in-force"]
    assert refusals[0]["details"] == {"parameter": parameter, "on": DAY}


def test_a_region_without_a_list_of_diseases_settles_none(tmp_path: Path) -> None:
    """Chronic care where no list is configured waits for the list first."""
    held = {name: one for name, one in WHOLE.items() if name != "chronic_diseases"}
    refusals = settled(region(tmp_path, **held), "chronic")["refusals"]
    assert [one["code"] for one in refusals] == ["policy-not-in-force", "not-qualified"]
    assert refusals[0]["details"] == {"parameter": "chronic_diseases", "on": DAY}


def region_before(folder: Path, parameter: str) -> Trial:
    """Make a whole region in which one parameter begins on the day after."""
    write_overlay(folder, WHOLE, pack="999900-310")
    path = folder / "999900-310.yaml"
    overlay = json.loads(path.read_text())
    overlay["parameters"][parameter]["values"][0]["from"] = "2022-03-02"
    path.write_text(json.dumps(overlay))
    return Trial(load_packs(folder))


def test_a_threshold_that_has_no_value_yet_is_named(tmp_path: Path) -> None:
    """A region that knows a 大额 threshold needs its value on the service day."""
    made = region_before(tmp_path, "large_sum_threshold")
    refusals = settled(made, "outpatient")["refusals"]
    assert [one["code"] for one in refusals] == ["policy-not-in-force"]
    assert refusals[0]["details"] == {"parameter": "large_sum_threshold", "on": DAY}


def claimed(made: Trial, care: str) -> dict[str, Any]:
    """Claim ten yuan of one kind of care and give the answer's data."""
    lines = [asking.line("1", 1000)]
    claim = asking.bill(lines, care=care, manl_reim_rea="未能直接结算", **ELSEWHERE)
    asked = (
        *asking.institutions(),
        asking.enrol("E1", **ELSEWHERE),
        asking.message("claim", "C1", claim),
    )
    return last(made, *asked)


def test_a_claim_asks_for_the_local_area_of_inpatient_care_alone(
    tmp_path: Path,
) -> None:
    """How far a hospital is decides its ratio; other claims do not ask for it."""
    made = region_before(tmp_path, "local_area")
    refusals = claimed(made, "21")["refusals"]
    assert [one["code"] for one in refusals] == ["policy-not-in-force"]
    assert refusals[0]["details"] == {"parameter": "local_area", "on": DAY}
    made = region_before(tmp_path, "local_area")
    assert claimed(made, "11")["hifp_pay_fen"] == 500
