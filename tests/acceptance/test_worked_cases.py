"""The worked cases (docs/law/vectors.md) as files a clerk can read."""

import json
from pathlib import Path
from typing import Any

import pytest

from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

CASES = Path(__file__).parent / "cases"


def says(found: Any, wanted: Any) -> bool:
    """Whether what was found says everything that was wanted."""
    if isinstance(wanted, dict):
        return all(says(found.get(key), value) for key, value in wanted.items())
    return bool(found == wanted)


def blocking_ids(refusal: dict[str, Any]) -> list[str]:
    """List the sender's ids of what blocks a refund, in order."""
    return [one["medins_setl_id"] for one in refusal["details"]["blocking"]]


@pytest.mark.parametrize("name", ["public_money", "public_refunds", "public_b"])
def test_every_worked_case_comes_out_as_written(name: str) -> None:
    """Each request of a worked file gets the answer that stands beside it."""
    requests = (CASES / f"{name}.jsonl").read_text().splitlines()
    expected = (CASES / f"{name}.expected.jsonl").read_text().splitlines()
    answers = list(Trial(load_packs()).answers(requests))
    assert len(answers) == len(expected)
    for line, wanted_line in zip(answers, expected, strict=True):
        data, wanted = json.loads(line)["data"], json.loads(wanted_line)
        assert data["outcome"] == wanted["outcome"]
        assert says(data, wanted.get("data", {})), (data, wanted)
        if "code" in wanted:
            assert data["refusals"][0]["code"] == wanted["code"]
        if "blocking_ids" in wanted:
            assert blocking_ids(data["refusals"][0]) == wanted["blocking_ids"]
