"""Undoing under other packs than those a settlement was made under."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.domain import asking
from tests.domain.asking import Message, settle, undo
from tests.domain.overlays import trial
from tests.domain.refusal_cases import ELSEWHERE, OUTPATIENT

from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs


def ask(made: Trial, *asked: Message) -> dict[str, Any]:
    """Ask in order and give the data of the last answer."""
    lines = [made.answer(asking.text(one), 1) for one in asked]
    data: dict[str, Any] = json.loads(lines[-1])["data"]
    return data


def successor(old: Trial, folder: Path | None = None, **settings: Any) -> Trial:
    """Make a trial under other packs that knows the persons of an old one."""
    return follow(old, trial(folder, **settings))


def follow(old: Trial, made: Trial) -> Trial:
    """Let a trial know the persons of an old one, and every institution."""
    made.persons.known = old.persons.known
    for one in asking.institutions():
        made.answer(asking.text(one), 1)
    return made


@pytest.fixture
def moved(tmp_path: Path) -> Trial:
    """A person with S1, S2 and S3 after a move to a region of an overlay."""
    made = trial(tmp_path, **OUTPATIENT)
    asked = (
        *asking.institutions(),
        asking.enrol("E1"),
        asking.enrol("E2", begndate="2022-03-31", **ELSEWHERE),
        settle("S1", 1000, day="2022-03-31", **ELSEWHERE),
        settle("S2", 1000, day="2022-04-01", **ELSEWHERE),
        settle("S3", 1000, day="2022-04-02", **ELSEWHERE),
    )
    assert ask(made, *asked)["hifp_pay_fen"] == 500
    return made


def test_a_re_settlement_names_the_pack_it_was_computed_under(tmp_path: Path) -> None:
    """What is re-settled follows today's pack; what is reversed keeps its own."""
    old = trial()
    asked = (*asking.institutions(), asking.enrol("E1"), settle("S1", 240_000))
    ask(old, *asked)
    before = ask(old, settle("S2", 1000), settle("S3", 1000))
    made = successor(old, tmp_path, outpatient_ratio="0.4000", outpatient_deductible=0)
    gap = ask(made, undo("gap-refund", "G1", "S1"))
    today = ask(made, settle("S4", 1))["policy"]
    assert today != before["policy"]
    assert [one["policy"] for one in gap["resettled"]] == [today] * 2
    assert [one["policy"] for one in gap["reversed"]] == [before["policy"]] * 3
    assert [one["hifp_pay_fen"] for one in gap["resettled"]] == [400, 400]


def test_every_block_of_a_gap_refund_has_an_id_of_its_own() -> None:
    """Reversed and re-settled blocks share no settlement id, however many there are."""
    made = trial()
    asked = [settle(f"S{n}", 1000) for n in range(6)]
    ask(made, *asking.institutions(), asking.enrol("E1"), *asked)
    gap = ask(made, undo("gap-refund", "G1", "S0"))
    ids = [one["setl_id"] for one in gap["reversed"] + gap["resettled"]]
    assert len(ids) == len(set(ids)) == 11


def test_a_gap_refund_names_the_parameter_that_a_re_settlement_lacks(
    moved: Trial, tmp_path: Path
) -> None:
    """A parameter gone since is named with the service day that it is missing on."""
    folder = tmp_path / "later"
    folder.mkdir()
    without = {**OUTPATIENT, "gap_refund_allowed": True}
    del without["outpatient_cap"]
    made = successor(moved, folder, **without)
    refusals = ask(made, undo("gap-refund", "G1", "S1"))["refusals"]
    assert [one["code"] for one in refusals] == ["policy-not-in-force"]
    assert refusals[0]["details"] == {"parameter": "outpatient_cap", "on": "2022-04-01"}


def test_without_a_pack_a_refund_keeps_the_order_of_the_whole_year(
    moved: Trial,
) -> None:
    """A settlement whose pack is gone is refunded all the same, newest first."""
    made = successor(moved)
    refusals = ask(made, undo("refund", "R1", "S2"))["refusals"]
    assert [one["code"] for one in refusals] == ["later-settlements-first"]
    assert ask(made, undo("refund", "R2", "S3"))["hifp_pay_fen"] == -500
    assert ask(made, undo("refund", "R3", "S2"))["hifp_pay_fen"] == -500


def test_without_a_pack_nobody_has_allowed_a_gap_refund(moved: Trial) -> None:
    """What no pack allows is not allowed."""
    refusals = ask(successor(moved), undo("gap-refund", "G1", "S2"))["refusals"]
    assert [one["code"] for one in refusals] == ["gap-refund-not-allowed"]


@pytest.mark.parametrize(
    ("at", "lacking"),
    [(asking.AWAY, "filing_inpatient_reduction"), (asking.TERTIARY, None)],
)
def test_a_gap_refund_needs_the_points_of_a_stay_away_alone(
    at: str, *, lacking: str | None, tmp_path: Path
) -> None:
    """A stay under a filing is not re-settled where its points have no value."""
    whole: dict[str, Any] = {
        "inpatient_deductible": 100,
        "inpatient_ratio": "0.8000",
        "filing_inpatient_reduction": "0.1000",
    }
    old = trial(tmp_path, **whole)
    asked = (
        *asking.institutions(),
        asking.enrol("E1"),
        asking.file_away("F1"),
        settle("S1", 1000),
        settle("S2", 1000, at=at, care="21"),
    )
    assert ask(old, *asked)["outcome"] == "decided"
    path = tmp_path / "429900-310.yaml"
    overlay = json.loads(path.read_text())
    points = overlay["parameters"]["filing_inpatient_reduction"]["values"]
    points[0]["from"] = "2022-03-02"
    path.write_text(json.dumps(overlay))
    made = follow(old, Trial(load_packs(tmp_path)))
    refusals = ask(made, undo("gap-refund", "G1", "S1")).get("refusals", [])
    named = [(one["code"], one["details"]) for one in refusals]
    missing = {"parameter": lacking, "on": "2022-03-01"}
    assert named == ([("policy-not-in-force", missing)] if lacking else [])
