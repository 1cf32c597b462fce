"""The law against a second, naive law: thousands of lives, fen for fen.

`make lives` lives twelve thousand; a run of all tests lives a sixth of them.
"""

import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from tests.domain import asking
from tests.domain.asking import Message
from tests.domain.naive import Naive
from tests.domain.naive_bill import World
from tests.domain.naive_gates import ORDER
from tests.domain.naive_lives import staying, stopped
from tests.domain.naive_telling import differences
from tests.domain.overlays import write_overlay
from tests.domain.strategies import life

from jiesuan_domain.policy.model import Packs
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

LIVES = int(os.environ.get("JIESUAN_LIVES", "2000"))
Draw = Callable[[Random], Iterator[Message]]
WORLDS: list[tuple[str, World, Draw]] = [
    ("bare", World(), life),
    (
        "configured",
        World(Fraction(9, 10), supplement=Fraction(3, 10), stays=True, limits=True),
        staying,
    ),
    (
        "gates",
        World(Fraction(9, 10), stays=True, local="4201", months=6, twin=True, chosen=4),
        stopped,
    ),
]


GATES = {*ORDER, "too-many-designations"}
MANY = 300


def live_once(seed: int, packs: Packs, *, world: World, draw: Draw) -> list[str]:
    """Live one life under both laws; name what came out different."""
    trial, naive = Trial(packs), Naive(world)
    found: list[str] = []
    asked = [*asking.institutions(), *draw(Random(seed))]
    for number, one in enumerate(asked, 1):
        answer = trial.answer(asking.text(one), number)
        wrong = differences(naive.ask(one), answer)
        found += [f"seed {seed} {one['id']} {one['type']}: {what}" for what in wrong]
    return found


@pytest.mark.parametrize("at", range(len(WORLDS)), ids=[one[0] for one in WORLDS])
def test_two_laws_agree_on_every_life(at: int, tmp_path: Path) -> None:
    """Random lives come out the same: in a bare region, a configured one, at gates."""
    _, world, draw = WORLDS[at]
    overlay = world.overlay()
    if overlay:
        write_overlay(tmp_path, overlay)
    if world.twin:
        write_overlay(tmp_path, world.twin_overlay(), pack="420100-310")
    packs = load_packs(tmp_path)
    share = LIVES // len(WORLDS)
    seeds = range(at * share, (at + 1) * share)
    print(f"seeds {seeds.start}..{seeds.stop - 1}")  # noqa: T201
    for seed in seeds:
        assert live_once(seed, packs, world=world, draw=draw) == []


def test_the_lives_meet_every_gate() -> None:
    """No gate is agreed on for want of a life that is stopped by it."""
    _, world, draw = WORLDS[-1]
    stopped_by: set[str] = set()
    reduced = 0
    for seed in range(MANY):
        naive = Naive(world)
        for one in [*asking.institutions(), *draw(Random(seed))]:
            stopped_by.update(naive.ask(one).get("codes", []))
        reduced += sum(1 for item in naive.known.values() if item.points)
    assert GATES - stopped_by == set()
    assert reduced > 0
