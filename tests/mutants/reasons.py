"""Which mutants mean the same as the law: written down in equivalent.toml, and why."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

WRITTEN = Path(__file__).parent / "equivalent.toml"


@dataclass(frozen=True)
class Reason:
    """Mutants of some functions, known by what they put in, and why they live."""

    within: str
    becomes: re.Pattern[str]
    because: str


def read_reasons(path: Path = WRITTEN) -> tuple[Reason, ...]:
    """Read the file of reasons."""
    entries = tomllib.loads(path.read_text())["equivalent"]
    return tuple(
        Reason(one["within"], re.compile(one["becomes"]), one["because"])
        for one in entries
    )


def reason(known: Sequence[Reason], function: str, changed: Sequence[str]) -> str:
    """Return why a mutant means the same, or nothing: it wants a test."""
    put_in = " ".join(line[1:].strip() for line in changed if line[0] == "+")
    for one in known:
        if fnmatchcase(function, one.within) and one.becomes.search(put_in):
            return one.because
    return ""
