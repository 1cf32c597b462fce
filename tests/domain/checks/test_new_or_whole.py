"""What batches add up to is what looking over the whole finds, however they are cut."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.domain.asking import Message
from tests.domain.checks.looking import facts_of, found_in, packs_with
from tests.domain.checks.table import Table
from tests.domain.naive_lives import StoppedLife

from jiesuan_services.supervisor.checking import LawChecker

LIVES = 150
KNOWN: dict[str, Any] = {
    "items_for_one_sex": {"2": ["X1"]},
    "item_youngest_age": {"X2": 60},
    "supply_overlap_days": 5,
    "supply_days_limit": {"ordinary": 20, "chronic": 20},
    "item_most_a_day": {"X1": "0.0300"},
}


class CrowdedLife(StoppedLife):
    """A life whose bills crowd into a few days and are to last."""

    def bill(self) -> Message:
        """Draw a bill of one of a few moments, its lines lasting for some days."""
        made = super().bill()
        time = (
            f"2022-03-0{self.random.randint(1, 3)}T08:{self.random.randint(0, 59):02}"
        )
        for one in made["data"]["feedetail"]:
            one["fee_ocur_time"] = f"{time}:00+08:00"
            one["prd_days"] = self.random.randint(1, 30)
        made["data"]["mdtrt_id"] = f"V{self.random.randint(1, 9)}"
        return made


def crowded(random: Random) -> list[Message]:
    """Draw a life."""
    drawn = CrowdedLife(random)
    return [*drawn.begin(), *(drawn.next() for _ in range(random.randint(5, 40)))]


@pytest.mark.parametrize("share", range(3))
def test_batches_add_up_to_the_whole(share: int, tmp_path: Path) -> None:
    """A ledger taken in batches of any size ends with the findings of the whole."""
    packs = packs_with(tmp_path, **KNOWN)
    seen: set[str] = set()
    for seed in range(share * LIVES // 3, (share + 1) * LIVES // 3):
        random = Random(seed)
        facts = facts_of(crowded(random), packs)
        table = Table(LawChecker(packs))
        at = 0
        while at < len(facts):
            size = random.choice((1, 1, 2, 5))
            table.take(facts[at : at + size])
            at += size
        whole = found_in(facts, packs)
        assert sorted(map(str, table.findings)) == sorted(map(str, whole)), seed
        seen |= {one.rule for one in whole}
    assert {"same-time-elsewhere", "supply-overlaps"} <= seen


def test_what_is_looked_over_again_is_the_same() -> None:
    """Looking twice finds the same, in the same order."""
    packs = packs_with(None)
    facts = facts_of(crowded(Random(7)), packs)
    assert found_in(facts, packs) == found_in(facts, packs)
