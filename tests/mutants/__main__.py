"""Mutate the law and count the mutants that its tests let live: ``make mutants``.

Works on a copy in ``mutants/``, because mutmut wants packages side by side and writes
beside them. A mutant is killed by a failing test, a crash or a time-out.
"""

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.mutants.reasons import Reasons

ROOT = Path(__file__).parent.parent.parent
STAGE = ROOT / "mutants"
MUTMUT = Path(sys.executable).parent / "mutmut"
COPIED = {
    "services/jiesuan_domain": "jiesuan_domain",
    "services/jiesuan_services": "jiesuan_services",
    "events/jiesuan_events": "jiesuan_events",
    "events/jiesuan_ledger": "jiesuan_ledger",
    "tests": "tests",
}
LEAST_SCORE = 90
"""Percent of a module's mutants that must die."""
SURVIVED, UNTESTED = 0, 33
"""Exit codes that mutmut writes for a mutant that lives."""


def stage() -> None:
    """Lay out a fresh copy as mutmut wants it."""
    shutil.rmtree(STAGE, ignore_errors=True)
    for source, target in COPIED.items():
        shutil.copytree(
            ROOT / source, STAGE / target, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", STAGE)


def mutmut(*words: str, quietly: bool = False) -> str:
    """Run mutmut in the copy, on one core; give what it says if asked quietly."""
    done = subprocess.run(
        [str(MUTMUT), *words], cwd=STAGE, check=True, capture_output=quietly, text=True
    )
    return done.stdout or ""


def results() -> dict[str, dict[str, int]]:
    """Read the exit codes of every module's mutants."""
    found = {}
    for path in sorted((STAGE / "mutants" / "jiesuan_domain").rglob("*.meta")):
        tried = json.loads(path.read_text())["exit_code_by_key"].items()
        codes = {name: code for name, code in tried if code is not None}
        if codes:
            found[str(path.relative_to(STAGE / "mutants").with_suffix(""))] = codes
    return found


def alive(codes: dict[str, int]) -> list[str]:
    """Return the mutants that live."""
    return [name for name, code in codes.items() if code in (SURVIVED, UNTESTED)]


def row(name: str, total: int, *, living: int) -> str:
    """Write one row of the table."""
    score = 100 * (total - living) / total
    return f"{name:<42}{total:>8}{total - living:>8}{living:>10}{score:>8.1f}%\n"


def table(found: dict[str, dict[str, int]]) -> str:
    """Write a row for every module, and one for the whole."""
    heads = ("mutants", "killed", "survived", "score")
    rows = ["{:<42}{:>8}{:>8}{:>10}{:>9}\n".format("module", *heads)]
    sums: Counter[str] = Counter()
    for module, codes in found.items():
        living = len(alive(codes))
        rows.append(row(module, len(codes), living=living))
        sums.update(total=len(codes), living=living)
    return "".join((*rows, row("all", sums["total"], living=sums["living"])))


def main() -> None:
    """Mutate what pyproject.toml names, or only the mutants of the given patterns."""
    stage()
    mutmut("run", "--max-children", "1", *sys.argv[1:])
    found = results()
    sys.stdout.write(table(found))
    reasons = Reasons.read()
    for name in (name for codes in found.values() for name in alive(codes)):
        shown = mutmut("show", name, quietly=True)
        sys.stdout.write("\n" + reasons.explain(name, shown))
    weak = [
        module
        for module, codes in found.items()
        if len(alive(codes)) * 100 > len(codes) * (100 - LEAST_SCORE)
    ]
    if weak:
        sys.exit(f"less than {LEAST_SCORE} % killed: {', '.join(weak)}")


if __name__ == "__main__":
    main()
