"""The clocks of a chronic qualification run as long as the pack says (第十五条)."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.domain import asking

from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

OVERLAY = """
pack: 429900-310
parameters:
  reverification_years:
    unit: years
    values: [{from: 2022-01-01, value: 3, because: {B}}]
  interruption_years:
    unit: years
    values: [{from: 2022-01-01, value: 2, because: {B}}]
""".replace("{B}", '{instrument: 统筹区配置, article: "-", quote: "-"}')


def settled_on(days: list[str], *, packs: Path | None, begin: str) -> list[Any]:
    """Settle chronic care on each day; the date that each answer says is due."""
    made = Trial(load_packs(packs))
    asked = [
        *asking.institutions(),
        asking.enrol("E1"),
        asking.qualify("Q1", "M00500", begin),
        *(
            asking.settle(f"S{n}", 1000, care="14", day=day, dise_codg="M00500")
            for n, day in enumerate(days)
        ),
    ]
    lines = [json.loads(made.answer(asking.text(one), 1))["data"] for one in asked]
    return [
        line["refusals"][0]["details"]["since"]
        if line["outcome"] == "refused"
        else None
        for line in lines[-len(days) :]
    ]


@pytest.mark.parametrize(
    ("configured", "begin", "days", "due"),
    [
        (False, "2019-06-01", ["2023-09-01", "2024-05-31", "2024-06-01"], "2024-06-01"),
        (True, "2019-06-01", ["2022-02-01", "2022-05-31", "2022-06-01"], "2022-06-01"),
        (False, "2022-01-01", ["2022-02-01", "2023-01-31", "2024-01-31"], "2024-01-31"),
        (True, "2022-05-01", ["2022-05-01", "2022-05-02", "2024-05-02"], "2024-05-02"),
    ],
)
def test_a_clock_runs_as_long_as_the_pack_says(
    tmp_path: Path, configured: bool, begin: str, days: list[str], due: str
) -> None:
    """Each clock's last day settles; the next is refused and named as due."""
    (tmp_path / "years.yaml").write_text(OVERLAY, "utf-8")
    found = settled_on(days, packs=tmp_path if configured else None, begin=begin)
    assert found == [None, None, due]
