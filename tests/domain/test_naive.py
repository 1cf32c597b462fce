"""The law against a second, naive law: ten thousand lives, fen for fen."""

from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from tests.domain import asking
from tests.domain.naive import Naive, differences
from tests.domain.overlays import write_overlay
from tests.domain.strategies import life

from jiesuan_domain.policy.model import Packs
from jiesuan_services.packs import load_packs
from jiesuan_services.trying import Trial

LIVES = 10_000


def live_once(seed: int, packs: Packs, *, ratio: Fraction | None) -> list[str]:
    """Live one life under both laws; name what came out different."""
    trial, naive = Trial(packs), Naive(ratio)
    found: list[str] = []
    asked = [*asking.institutions(), *life(Random(seed))]
    for number, one in enumerate(asked, 1):
        answer = trial.answer(asking.text(one), number)
        wrong = differences(naive.ask(one), answer)
        found += [f"seed {seed} {one['id']} {one['type']}: {what}" for what in wrong]
    return found


@pytest.mark.parametrize("ratio", [Fraction(9, 10), None])
def test_two_laws_agree_on_every_life(ratio: Fraction | None, tmp_path: Path) -> None:
    """Ten thousand random lives come out the same, with and without a 大额 ratio."""
    if ratio is not None:
        write_overlay(tmp_path, {"large_sum_ratio": "0.9000"})
    packs = load_packs(tmp_path)
    first = 0 if ratio is None else LIVES
    seeds = range(first, first + LIVES // 2)
    print(f"seeds {seeds.start}..{seeds.stop - 1}")  # noqa: T201
    for seed in seeds:
        assert live_once(seed, packs, ratio=ratio) == []
