"""A million lines for `try`, bred by what they reach: `make fuzz`.

`python -m tests.fuzz [LINES] [SEED]`. Atheris counts which branches of our packages
each line reaches; a line that reaches a new one is kept and changed again, by its
structure (`tests/fuzz/lines.py`). Every line must get one answer
(`tests/fuzz/asking.py`). What is known is forgotten from time to time, as a file of its
own would begin with nothing.

What fails is written to `fuzz-failed.jsonl`: all the lines since then, the last of them
the one that failed; `jiesuan try` reads it.
"""

import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from tests.fuzz.lines import OVERLAYS, as_bytes, mutated, templates

try:
    import atheris
except ImportError:
    sys.exit(
        "atheris is not installed: `make fuzz` installs it, where it can: there are "
        "wheels for CPython 3.11 to 3.13 on Linux (x86-64) alone. "
        "`make test` asks a few thousand lines everywhere."
    )

OURS: Final = ("jiesuan_domain", "jiesuan_events", "jiesuan_ledger", "jiesuan_services")
AT_ONCE: Final = 4_000
"""Lines after which what is known is forgotten, so that memory stays bounded."""
LONGEST: Final = 16 * 1024
SECONDS: Final = 10
"""How long one line may take at most."""
MEMORY_MIB: Final = 2_048
FAILED: Final = Path("fuzz-failed.jsonl")

with atheris.instrument_imports(include=list(OURS)):
    from tests.fuzz.asking import Asked

    from jiesuan_services.runtime.packs import load_packs


class Fuzz:
    """Asks one line after another, until there were enough."""

    def __init__(self, wanted: int, *, seed: int) -> None:
        self._wanted = wanted
        self._seed = seed
        self._packs = load_packs(OVERLAYS)
        self._seen = Counter[str | None]()
        self._began = time.monotonic()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._asked = Asked(self._packs)
        for template in templates():
            self._asked.answer(json.dumps(template).encode())

    def ask(self, raw: bytes) -> None:
        """Ask a line that atheris has made."""
        try:
            self._seen[self._asked.answer(raw)] += 1
        except Exception:
            FAILED.write_bytes(b"".join(b"%s\n" % one for one in self._asked.lines))
            self._say(f"line {self._seen.total() + 1} failed: see {FAILED}")
            raise
        if self._seen.total() % AT_ONCE == 0:
            self._begin_anew()
        if self._seen.total() == self._wanted:
            self._end()

    def _end(self) -> None:
        seconds = time.monotonic() - self._began
        self._say(f"{self._wanted:,} lines in {seconds:.0f} s")
        self._say(f"{dict(self._seen.most_common())}")
        os._exit(0)  # libFuzzer knows no other end of what has found nothing

    def _say(self, what: str) -> None:
        sys.stdout.write(f"seed {self._seed}: {what}\n")
        sys.stdout.flush()


def another(raw: bytes, longest: int, seed: int) -> bytes:
    """Change a line: what is JSON by its structure, other bytes as atheris does."""
    chance = random.Random(seed)
    try:
        message: Any = json.loads(raw)
    except (ValueError, RecursionError):
        if chance.random() < 0.5:
            return bytes(atheris.Mutate(raw, longest)).replace(b"\n", b" ")
        message = chance.choice(templates())
    return as_bytes(mutated(message, chance), chance)[:longest]


def main() -> None:
    """Fuzz until so many lines were asked; the folder of what was kept is forgotten."""
    wanted, seed = (int(word) for word in [*sys.argv[1:], *("1000000", "1")][:2])
    with tempfile.TemporaryDirectory(prefix="jsn-fuzz-") as folder:
        for number, template in enumerate(templates()):
            Path(folder, str(number)).write_bytes(json.dumps(template).encode())
        options = {
            "seed": seed,
            "max_len": LONGEST,
            "len_control": 0,
            "mutate_depth": 1,
            "cross_over": 0,
            "timeout": SECONDS,
            "rss_limit_mb": MEMORY_MIB,
            "artifact_prefix": f"{folder}/",
        }
        words = [f"-{name}={value}" for name, value in options.items()]
        fuzz = Fuzz(wanted, seed=seed)
        atheris.Setup([sys.argv[0], *words, folder], fuzz.ask, custom_mutator=another)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
