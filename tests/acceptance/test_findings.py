"""What once went wrong, each case with the answers that it must get."""

import json
from pathlib import Path

import pytest
from tests.acceptance.test_worked_cases import says

from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

FINDINGS = Path(__file__).parent / "cases" / "findings"
ASKED = sorted(
    path
    for path in FINDINGS.glob("*.jsonl")
    if not path.name.endswith(".expected.jsonl")
)


@pytest.mark.parametrize("asked", ASKED, ids=[path.stem for path in ASKED])
def test_what_went_wrong_comes_out_right(asked: Path) -> None:
    """Each request of a finding gets the outcome, code and amounts beside it."""
    overlays = asked.with_suffix(".packs")
    packs = load_packs(overlays if overlays.is_dir() else None)
    requests = asked.read_text().splitlines()
    expected = asked.with_suffix(".expected.jsonl").read_text().splitlines()
    answers = list(Trial(packs).answers(requests))
    for line, wanted_line in zip(answers, expected, strict=True):
        data, wanted = json.loads(line)["data"], json.loads(wanted_line)
        assert data["outcome"] == wanted["outcome"], data
        assert says(data, wanted.get("data", {})), (data, wanted)
        if "code" in wanted:
            assert data["refusals"][0]["code"] == wanted["code"]
