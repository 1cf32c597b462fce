"""Exactly once at the counter: kill -9 of everything, at each step of a message."""

import os
import random
import time
from collections import Counter
from typing import Any

import pytest
from tests.connected.conftest import until
from tests.connected.counter.books import fen, standing
from tests.connected.counter.stepwise.desk import VICTIMS, HospitalDesk, StepKill
from tests.connected.counter.stepwise.kinds import KINDS
from tests.connected.counter.stepwise.steps import STEPS

pytestmark = pytest.mark.connected

ROUNDS = int(os.environ.get("JIESUAN_STEPS", "0"))
"""`make kills`: 1. So often each kind is stopped at each step for each victim; at 0
each step is once."""
ONCE_EACH = ("gateway",) * 7 + ("decider",) * 4 + ("kafka", "postgres")
"""What is killed where each step is once: mostly what is soon there again."""
MOST_PERSONS = 40
Table = dict[tuple[str, str], Counter[bool]]


def each_step(chance: random.Random) -> list[StepKill]:
    """Plan one kill at each step."""
    kills = []
    victims = chance.sample(ONCE_EACH, len(STEPS))
    for step, victim in zip(STEPS, victims, strict=True):
        kind = chance.choice([kind for kind in KINDS if step.has(kind)])
        gives_up = kind.settles and chance.random() < 0.5
        kills.append(StepKill(step, victim, kind, gives_up, f"{chance.random()}"))
    return kills


def every_way(chance: random.Random, rounds: int) -> list[StepKill]:
    """Plan kills of everything at each step of each kind, in any order."""
    kills = [
        StepKill(step, victim, kind, gives_up, f"{chance.random()}")
        for _ in range(rounds)
        for step in STEPS
        for victim in VICTIMS
        for kind in KINDS
        for gives_up in (False, True)
        if step.has(kind) and (kind.settles or not gives_up)
    ]
    chance.shuffle(kills)
    return kills


def rows(table: Table) -> list[str]:
    """Write how many ended as settled and as none, by step and by victim."""
    made = [f"{'settled / none':28}" + "".join(f"{one:>10}" for one in VICTIMS)]
    for step in STEPS:
        cells = [table.get((step.name, one), Counter()) for one in VICTIMS]
        said = "".join(f"{f'{one[True]} / {one[False]}':>10}" for one in cells)
        made.append(f"{step.name:28}{said}")
    return made


async def test_a_message_is_performed_once_whatever_is_killed_at_whichever_step(
    desk: HospitalDesk, capsys: Any, figures: list[str]
) -> None:
    """After a kill at a step, asking again or 2601 tells what the ledger holds of it,
    one settlement or none, and the books kept from replies alone are the ledger's."""
    seed = int(os.environ.get("JIESUAN_SEED") or time.time_ns() % 1_000_000)
    with capsys.disabled():
        print(f" [JIESUAN_SEED={seed}]", end="", flush=True)  # noqa: T201
    chance, site = random.Random(seed), desk.gateways.site
    kills = every_way(chance, ROUNDS) if ROUNDS else each_step(chance)
    persons = [f"P85{n:02}" for n in range(min(len(kills), MOST_PERSONS))]
    await site.admit(persons, balance="3000.00")
    table: Table = {}
    began = time.monotonic()
    for number, kill in enumerate(kills):
        try:
            is_settled = await desk.live(kill, persons[number % len(persons)])
        except Exception as wrong:
            wrong.add_note(f"kill {number}: {kill}")
            raise
        cell = table.setdefault((kill.step.name, kill.victim), Counter())
        cell[is_settled] += 1
    books = {key: fen(entry) for key, entry in desk.books.items()}

    async def agree() -> bool:
        return await standing(site, persons) == books

    await until(agree, seconds=60)
    figures.append(
        f"counter: {len(kills)} killed at named steps in "
        f"{time.monotonic() - began:.0f} s, {dict(desk.counts)}, seed {seed}"
    )
    figures.extend(rows(table))
