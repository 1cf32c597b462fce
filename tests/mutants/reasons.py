"""Why a mutant may live: written down in survivors.toml, printed beside it."""

import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

WRITTEN = Path(__file__).parent / "survivors.toml"
MANGLED = re.compile(r"x(?:_|ǁ(?P<cls>\w+?)ǁ)(?P<name>\w+?)__mutmut_\d+$")


def function_of(mutant: str) -> str:
    """Return the function that a mutant changes, under its own name."""
    module, _, mangled = mutant.removeprefix("jiesuan_domain.").rpartition(".")
    parts = MANGLED.match(mangled)
    if parts is None:
        raise ValueError(f"mutmut names its mutants otherwise: {mutant}")
    return ".".join(part for part in (module, parts["cls"], parts["name"]) if part)


def changed_lines(shown: str) -> list[str]:
    """Return the lines of a diff that a mutant takes out or puts in."""
    return [
        line
        for line in shown.splitlines()
        if line[:1] in ("-", "+") and line[:3] not in ("---", "+++")
    ]


@dataclass(frozen=True)
class Reason:
    """Mutants of some functions, known by what they put in, and why they live."""

    within: str
    becomes: re.Pattern[str]
    because: str


@dataclass(frozen=True)
class Reasons:
    """All reasons that are written down."""

    known: tuple[Reason, ...]

    @classmethod
    def read(cls, path: Path = WRITTEN) -> "Reasons":
        """Read the file of reasons."""
        entries = tomllib.loads(path.read_text())["survivor"]
        return cls(
            tuple(
                Reason(one["within"], re.compile(one["becomes"]), one["because"])
                for one in entries
            )
        )

    def of(self, mutant: str, lines: list[str]) -> str:
        """Return the reason why a mutant may live, or say that there is none."""
        function = function_of(mutant)
        put_in = " ".join(line[1:].strip() for line in lines if line[0] == "+")
        for one in self.known:
            if fnmatchcase(function, one.within) and one.becomes.search(put_in):
                return one.because
        return "NO REASON IS WRITTEN: a test is missing"

    def explain(self, mutant: str, shown: str) -> str:
        """Write what a mutant changed and why it may live."""
        lines = changed_lines(shown)
        return "\n".join([mutant, *lines, f"  {self.of(mutant, lines)}"]) + "\n"
