"""Lines changed at random, by their structure and byte by byte: `try` answers each."""

import json
import os
import random
from collections import Counter

from tests.fuzz.asking import Asked
from tests.fuzz.lines import OVERLAYS, as_bytes, mutated, templates

from jiesuan_services.runtime.packs import load_packs

LINES = int(os.environ.get("JIESUAN_TRY_FUZZ", "8000"))
"""`make fuzz` lets the lines that reach new code breed, and asks a million of them."""
SEED = int(os.environ.get("JIESUAN_SEED", "12"))
AT_ONCE = 4_000
"""Lines after which what is known is forgotten, so that memory stays bounded."""


def test_every_changed_line_gets_one_answer(figures: list[str]) -> None:
    """No line raises anything; each that is not blank is answered once, in JSON, and
    what is shown of the answer is text.
    """
    chance, seen = random.Random(SEED), Counter[str | None]()
    packs, known = load_packs(OVERLAYS), templates()
    for at in range(LINES):
        if at % AT_ONCE == 0:
            asked = Asked(packs)
            for template in known:
                asked.answer(json.dumps(template).encode())
        raw = as_bytes(mutated(chance.choice(known), chance), chance)
        try:
            seen[asked.answer(raw)] += 1
        except Exception as wrong:
            raise AssertionError(f"seed {SEED}, line {at}: {raw!r}") from wrong
    assert seen["decided"] > LINES / 20
    assert seen["malformed"] > LINES / 20
    figures.append(f"try, seed {SEED}, {LINES} lines: {seen.most_common()}")
