"""Mutate the law and count the mutants that its tests let live: ``make mutants``.

Works on a copy in ``mutants/``, because mutmut wants packages side by side and writes
beside them. A mutant is killed by a failing test, a crash, a time-out, or mypy.
"""

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
STAGE = ROOT / "mutants"
MUTMUT = Path(sys.executable).parent / "mutmut"
COPIED = {
    "services/jiesuan_domain": "jiesuan_domain",
    "services/jiesuan_services": "jiesuan_services",
    "events/jiesuan_events": "jiesuan_events",
    "tests": "tests",
}
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


def results() -> dict[str, dict[str, int | None]]:
    """Read the exit codes of every module's mutants."""
    found = {}
    for path in sorted((STAGE / "mutants" / "jiesuan_domain").rglob("*.meta")):
        codes = json.loads(path.read_text())["exit_code_by_key"]
        if codes and any(code is not None for code in codes.values()):
            found[str(path.relative_to(STAGE / "mutants").with_suffix(""))] = codes
    return found


def alive(codes: dict[str, int | None]) -> list[str]:
    """Name the mutants that live."""
    return [name for name, code in codes.items() if code in (SURVIVED, UNTESTED, None)]


def row(name: str, total: int, *, living: int) -> str:
    """Write one row of the table."""
    score = 100 * (total - living) / total
    return f"{name:<42}{total:>8}{total - living:>8}{living:>10}{score:>8.1f}%\n"


def change(name: str) -> str:
    """Show what a mutant changed, without the lines around it."""
    lines = mutmut("show", name, quietly=True).splitlines()
    changed = [
        line
        for line in lines
        if line[:1] in ("-", "+") and line[:3] not in ("---", "+++")
    ]
    return "\n".join([name, *changed]) + "\n"


def report() -> None:
    """Print the table, the whole of it, and each survivor."""
    heads = ("mutants", "killed", "survived", "score")
    sys.stdout.write("{:<42}{:>8}{:>8}{:>10}{:>9}\n".format("module", *heads))
    sums: Counter[str] = Counter()
    names: list[str] = []
    for module, codes in results().items():
        living = alive(codes)
        sys.stdout.write(row(module, len(codes), living=len(living)))
        sums.update(total=len(codes), living=len(living))
        names += living
    sys.stdout.write(row("all", sums["total"], living=sums["living"]))
    for name in names:
        sys.stdout.write("\n" + change(name))


def main() -> None:
    """Mutate what pyproject.toml names, or only the mutants of the given patterns."""
    stage()
    mutmut("run", "--max-children", "1", *sys.argv[1:])
    report()


if __name__ == "__main__":
    main()
