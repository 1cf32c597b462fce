"""The demo's three months, foretold in memory: whenever it is run, each is closed."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from jiesuan_events.words.instants import BEIJING
from jiesuan_services.demo.months.claims import Tables, claims_of
from jiesuan_services.demo.months.regions import write_packs
from jiesuan_services.demo.months.story import ThreeMonths, three_months
from jiesuan_services.runtime.packs import load_packs


def keep_nothing(topic: str, record: Any, *, time: str) -> None:
    """Keep nothing of what is past."""


def foretold(tmp_path: Path, now: datetime) -> ThreeMonths:
    """Write the months as of some day."""
    packs = load_packs(write_packs(tmp_path / "packs"))
    return three_months(now, packs, keep=keep_nothing)


def tables_of(story: ThreeMonths) -> Tables:
    """Return what the tables must say, from the views of the trial."""
    statements = story.views["clearing_statement"]
    sums: dict[str, dict[str, Any]] = {}
    for one in story.views["clearing_balance"]:
        none = {"admdvs": one["admdvs"], "receivable_fen": 0, "payable_fen": 0}
        region = sums.setdefault(one["admdvs"], none)
        region["receivable_fen"] += one["receivable_fen"]
        region["payable_fen"] += one["payable_fen"]
    owed = [one for one in statements if one["kind"] == "region"]
    return Tables(statements, owed, list(sums.values()), 0)


@pytest.mark.parametrize("day", [(2026, 1, 1), (2026, 3, 31), (2027, 12, 31)])
def test_every_claim_is_foretold(tmp_path: Path, day: tuple[int, int, int]) -> None:
    """On the first and the last day of months and years every claim holds."""
    story = foretold(tmp_path, datetime(*day, 23, 59, tzinfo=BEIJING))
    claims = claims_of(story, tables_of(story), unlike=0)
    assert [one.zh for one in claims if not one.holds] == []
    assert "clearing_waiting" not in story.views


def test_a_claim_that_is_false_is_seen(tmp_path: Path) -> None:
    """One fen unpaid, one answer unlike, one posting off: each breaks its own claim."""
    story = foretold(tmp_path, datetime(2026, 1, 1, tzinfo=BEIJING))
    tables = tables_of(story)
    tables.owed[0]["paid_fen"] -= 1
    one_off = Tables(tables.statements, tables.owed, tables.balance, 1)
    broken = [one.zh for one in claims_of(story, one_off, unlike=1) if not one.holds]
    assert len(broken) == 3
