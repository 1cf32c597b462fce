"""The example of the analyst's guide runs over what `export-view` writes."""

import importlib.util
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.projections.clerk import Clerk

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "analysts.md"
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^jiesuan (export-view \S+ --out \S+)$", re.MULTILINE)

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("duckdb") is None,
    reason="duckdb is not installed: run make setup (dependency group dev)",
)


def test_the_example_counts_what_the_ledger_says(
    clerk: Clerk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Costs by institution and what is owed are those of the views of a trial."""
    page = GUIDE.read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    commands = SHELL.findall(page)
    assert len(commands) == 2
    for command in commands:
        clerk.printed(*command.split())
    (example,) = PYTHON.findall(page)
    said: dict[str, Any] = {}
    exec(compile(example, str(GUIDE), "exec"), said)
    sums: Counter[tuple[str, str]] = Counter()
    counts: Counter[tuple[str, str]] = Counter()
    for row in clerk.views["settlement"]:
        if row["pay_loc"] != "1":
            key = (row["clr_ym"], row["fixmedins_code"])
            sums[key] += row["medfee_sumamt_fen"]
            counts[key] += -1 if row["refd_setl_flag"] == "1" else 1
    assert {
        (month, place): (count, sum_) for month, place, count, sum_, _ in said["COSTS"]
    } == {key: (counts[key], sum_) for key, sum_ in sums.items() if sum_}
    owed: Counter[str] = Counter()
    for one in clerk.views["clearing_statement"]:
        is_region = one["kind"] == "region"
        payee = one["mdtrtarea_admvs"] if is_region else one["fixmedins_code"]
        owed[payee] += one["payable_fen"] - (one["paid_fen"] or 0)
    assert dict(said["OWED"]) == {who: fen for who, fen in owed.items() if fen}
