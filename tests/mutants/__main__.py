"""Mutate the law and count the mutants that its tests let live: ``make mutants``.

A mutant that means the same as the law is written down in equivalent.toml and counted
apart; of all others at least ``LEAST_SCORE`` percent of every group must die.
"""

import argparse
import json
import math
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.mutants.made import Mutant

ROOT: Final = Path(__file__).parent.parent.parent
SERVICES: Final = ROOT / "services"
KEPT: Final = ROOT / "mutants" / "judged.jsonl"
LEAST_SCORE: Final = 95
GROUPS: Final = {
    "benefit": ("benefit/**/*.py",),
    "gates": ("gates/*.py",),
    "refunds": ("requests/refund.py", "requests/gap_refund.py", "requests/mirror.py"),
    "filings": ("requests/registering/places.py", "person/rights/*.py"),
}
"""What is mutated of ``jiesuan_domain``."""
NOT_JUDGED: Final = "not judged"
DEAD: Final = ("killed", "timed out")
TESTS: Final = ("tests/domain", "tests/acceptance")
NOT_OF_THESE: Final = ("tests/domain/policy", "tests/domain/clearing")
FEWER: Final = {"JIESUAN_LIVES": "150", "JIESUAN_EXAMPLES": "20"}
"""A mutant that needs more lives than these is one that wants a case of its own."""


@dataclass(frozen=True)
class Judged:
    """A mutant's verdict as it is kept."""

    group: str
    module: str
    name: str
    changed: tuple[str, ...]
    verdict: str
    because: str

    @property
    def lives(self) -> bool:
        """Whether no test noticed it."""
        return self.verdict in ("survived", "untested")

    @property
    def is_same(self) -> bool:
        """Whether it lives and means the same; what dies, does not."""
        return self.lives and bool(self.because)


def modules(patterns: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Yield the group and path of each module that one of the patterns means."""
    law = SERVICES / "jiesuan_domain"
    globs = [(group, one) for group, globs in GROUPS.items() for one in globs]
    for group, one in globs:
        for path in sorted(law.glob(one)):
            named = str(path.relative_to(law))
            if any(fnmatchcase(named, f"*{wanted}*") for wanted in patterns):
                yield group, path


def kept() -> dict[str, dict[str, Any]]:
    """Read what earlier runs judged, the last verdict of each mutant."""
    if not KEPT.exists():
        return {}
    lines = (json.loads(line) for line in KEPT.read_text().splitlines())
    return {line["identity"]: line for line in lines}


def record() -> Path:
    """Return where the tests' lines are recorded while the law is what it is."""
    law = sha256(b"".join(path.read_bytes() for _, path in modules([""])))
    return KEPT.parent / f"reached-{law.hexdigest()[:12]}.json"


def judge(patterns: Sequence[str], *, minutes: float, longest: float) -> list[Judged]:
    """Judge the mutants that are not known to be dead, and return all of them."""
    from tests.mutants.made import mutants_of
    from tests.mutants.reasons import read_reasons, reason

    made = [
        (group, path, one)
        for group, path in modules(patterns)
        for one in mutants_of(SERVICES, path)
    ]
    known, reasons = kept(), read_reasons()
    same = {m.identity: reason(reasons, m.function, m.changed) for _, _, m in made}
    dead = {name for name, one in known.items() if one["verdict"] in DEAD}
    open_ = [one for _, _, one in made if one.identity not in dead]
    open_.sort(key=lambda one: one.identity in known or bool(same[one.identity]))
    if open_:
        until = time.monotonic() + 60 * minutes
        known |= _judged(open_, until=until, longest=longest)
    unknown = {"verdict": NOT_JUDGED, "killer": ""}
    return [
        Judged(
            group,
            str(path.relative_to(SERVICES)),
            one.name,
            one.changed,
            known.get(one.identity, unknown)["verdict"],
            same[one.identity],
        )
        for group, path, one in made
    ]


def _judged(
    mutants: "Sequence[Mutant]", *, until: float, longest: float
) -> dict[str, dict[str, Any]]:
    """Run the tests on mutants until a moment, and keep what comes of each."""
    os.environ.update(FEWER)
    import pytest
    from tests.mutants.judging import Judging

    found: dict[str, dict[str, Any]] = {}
    KEPT.parent.mkdir(exist_ok=True)
    with KEPT.open("a") as file:

        def note(mutant: "Mutant", verdict: str, killer: str) -> None:
            line = {"identity": mutant.identity, "verdict": verdict, "killer": killer}
            found[mutant.identity] = line
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()

        files = frozenset(str(path) for _, path in modules([""]))
        plugin = Judging(
            mutants, note, until, record=record(), files=files, longest=longest
        )
        without = [f"--ignore={one}" for one in NOT_OF_THESE]
        pytest.main(["-q", "--tb=no", "--assert=plain", *TESTS, *without], [plugin])
    return found


def in_group(judged: Sequence[Judged], group: str) -> list[Judged]:
    """Return the mutants of a group."""
    return [one for one in judged if one.group == group]


def score(judged: Sequence[Judged]) -> float:
    """Return how many percent were killed of those judged that mean something else."""
    killed = sum(one.verdict in DEAD for one in judged)
    living = sum(one.lives and not one.is_same for one in judged)
    return 100 * killed / (killed + living) if killed + living else 100.0


def row(name: str, judged: Sequence[Judged]) -> str:
    """Write one row of the table."""
    counts = (
        len(judged),
        sum(one.is_same for one in judged),
        sum(one.verdict == NOT_JUDGED for one in judged),
        sum(one.verdict in DEAD for one in judged),
        sum(one.lives and not one.is_same for one in judged),
    )
    numbers = "".join(f"{one:>11}" for one in counts)
    return f"{name:<50}{numbers}{score(judged):>8.1f}%"


def table(judged: Sequence[Judged]) -> str:
    """Write a row for every module and group, and one for the whole."""
    heads = ("mutants", "equivalent", "not judged", "killed", "survived")
    rows = [f"{'module':<50}" + "".join(f"{one:>11}" for one in heads) + "    score"]
    for module in dict.fromkeys(one.module for one in judged):
        rows.append(row(module, [one for one in judged if one.module == module]))
    for group in dict.fromkeys(one.group for one in judged):
        rows.append(row(group, in_group(judged, group)))
    return "\n".join((*rows, row("all", judged)))


def arguments() -> argparse.Namespace:
    """Read the command's arguments."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("patterns", nargs="*", default=[""], help="parts of a path")
    parser.add_argument("--minutes", type=float, default=24 * 60.0)
    parser.add_argument(
        "--longest",
        type=float,
        default=math.inf,
        help="seconds: slower tests do not judge, what they alone kill survives",
    )
    parser.add_argument(
        "--go-on", action="store_true", help="keep the dead of the runs before"
    )
    return parser.parse_args()


def main() -> None:
    """Judge, and write the table and what lives."""
    asked = arguments()
    if not asked.go_on:
        shutil.rmtree(KEPT.parent, ignore_errors=True)
    judged = judge(asked.patterns, minutes=asked.minutes, longest=asked.longest)
    for one in judged:
        if one.lives and not one.is_same:
            sys.stdout.write("\n".join(("", one.name, *one.changed, "")))
    sys.stdout.write(f"\n{table(judged)}\n")
    weak = [group for group in GROUPS if score(in_group(judged, group)) < LEAST_SCORE]
    if weak:
        sys.exit(f"less than {LEAST_SCORE} % killed: {', '.join(weak)}")


if __name__ == "__main__":
    main()
