"""The clerk's cases: every code, gate and reading, in Chinese and yuan."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.acceptance.clerk import disagreements, institutions, request_of
from tests.domain import asking
from tests.domain.overlays import trial

from jiesuan_domain.clearing import refusals as clearing
from jiesuan_domain.policy.parameters import PARAMETERS
from jiesuan_domain.refusals import of_person, of_request
from jiesuan_events.words.codes import RefusalCode

CASES = Path(__file__).parent / "cases"
FILES = (
    "agencies",
    "benefits",
    "configured",
    "designations",
    "filings",
    "gates",
    "inpatient",
    "limits",
    "lines",
    "names",
    "pools",
    "refunds",
    "two_diseases",
    "undoing",
    "visits",
)

ELSEWHERE = (
    "upload_working_days",
    "flag_working_days",
    "clearing_",
    "prepay_",
    "annual_fund_budget",
)
"""No request about a person asks for these: `jiesuan due`, clearing, a bulletin do."""
OF_CLEARING = {
    name.replace("_", "-") for name in vars(clearing) if not name.startswith("_")
} - {name.replace("_", "-") for name in dir(of_request) + dir(of_person)}
"""Codes that only a request about a month gets."""
TOO_LONG_FOR_A_CASE = {"too-large"}
"""Over 55 bills of 1,000 lines: tests/services/decider/test_too_large.py."""


@cache
def written(name: str) -> list[Any]:
    """Return the cases of a file as they are written."""
    return yaml.load((CASES / f"{name}.yaml").read_text(), yaml.CSafeLoader)


def cases() -> list[Any]:
    """Read every case of every file, named by its title."""
    return [
        pytest.param(case, id=f"{name}: {case['案例']}")
        for name in FILES
        for case in written(name)
    ]


def run(case: dict[str, Any], folder: Path) -> list[tuple[dict[str, Any], Any]]:
    """Run a case and give each answer's data with its step."""
    settings = case.get("配置", {})
    pack = case.get("政策包", "429900-310")
    made = trial(folder if settings else None, pack=pack, **settings)
    for one in institutions():
        made.answer(asking.text(one), 1)
    home = {"参保地": case.get("参保地", asking.HOME)}
    came = []
    for number, step in enumerate(case["经过"], 1):
        request = request_of(home | step, number)
        line = made.answer(asking.text(request), number)
        came.append((json.loads(line)["data"], step))
    return came


@pytest.mark.parametrize("case", cases())
def test_each_case_comes_out_as_the_clerk_wrote(
    case: dict[str, Any], tmp_path: Path
) -> None:
    """Every step of a case gets the answer that is written beside it."""
    assert case["依据"]
    for data, step in run(case, tmp_path):
        wanted = {"结果": "办理", **step.get("应得", {})}
        assert disagreements(wanted, data) == [], (step, data.get("refusals"))
        for refusal in data.get("refusals", []):
            assert refusal["message"].endswith("。")


def test_every_code_has_a_case() -> None:
    """No code of the contract goes without a case in which it comes first."""
    steps = [step for name in FILES for case in written(name) for step in case["经过"]]
    shown = {step.get("应得", {}).get("原因") for step in steps}
    assert {
        code.value for code in RefusalCode
    } - OF_CLEARING - shown == TOO_LONG_FOR_A_CASE


def test_every_parameter_has_a_case() -> None:
    """No parameter that a decision needs goes without a case that configures it."""
    configured = {
        parameter
        for name in FILES
        for case in written(name)
        for parameter in case.get("配置", {})
    }
    asked = {name for name in PARAMETERS if not name.startswith(ELSEWHERE)}
    assert asked - configured == set()
