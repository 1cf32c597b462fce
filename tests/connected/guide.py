"""A guide that is run: its console blocks in one shell, its outputs compared."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).parents[2]
BLOCK: Final = re.compile(r"```console\n(.*?)```", re.DOTALL)
END: Final = "--- the command ends ---"
MASKS: Final = (
    (r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", "INSTANT"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "INSTANT"),
    (r"\b[0-9a-f]{8}\+A[A-Za-z0-9+/]{43}", "KEY"),
    (r"[A-Za-z0-9+/]{43,}={0,2}", "BASE64"),
    (r"\b[0-9a-f]{32,64}\b", "HEX"),
    (r"\bS[0-9A-F]{28}\b", "SETL_ID"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r"/\S+/(?=books|again|export|forged|cut|nowhere)", ""),
    (r"[\w.-]+@[\w.-]+", "WHO"),
    (r"(?<=由 )[\w.-]+(?= 写入)", "WRITER"),
)
"""What is another each time: a ledger's id, keys, hashes, times, ports, accounts."""


@dataclass(frozen=True)
class Command:
    """A command as the guide shows it, and what it prints there."""

    text: str
    output: str


def commands(page: str) -> Iterator[Command]:
    """Return the commands of a page's console blocks, in order."""
    for block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            first, *rest = part.splitlines()
            said = [first]
            while rest and rest[0].startswith("> "):
                said.append(rest.pop(0)[2:])
            yield Command("\n".join(said), "\n".join(rest).strip())


def masked(text: str) -> str:
    """Return a text without what is another each time."""
    for pattern, name in MASKS:
        text = re.sub(pattern, name, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


class Shell:
    """One bash in which commands follow each other, as a reader types them."""

    def __init__(self, folder: Path, *, path: Path) -> None:
        for name in ("tools", "examples"):
            (folder / name).symlink_to(ROOT / name)
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("JIESUAN_")
        }
        self._process = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env={
                **kept,
                "PATH": f"{path}:{kept['PATH']}",
                "COLUMNS": "100",
                "PYTHONIOENCODING": "utf-8",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def run(self, command: str) -> str:
        """Run a command to its end; return what it printed."""
        writing, reading = self._ends()
        writing.write(f"{command}\necho; echo '{END}'\n")
        writing.flush()
        lines: list[str] = []
        while (line := reading.readline()) and line.rstrip() != END:
            lines.append(line)
        return "".join(lines).strip()

    def _ends(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def close(self) -> None:
        """End the shell and what it left running in its session."""
        for end in self._ends():
            end.close()
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()


def with_outputs(page: str, shell: Shell) -> str:
    """Return a page with what its commands print now: how the guide is written."""

    def ran(block: re.Match[str]) -> str:
        parts = []
        for command in commands(block.group(0)):
            output = shell.run(command.text)
            shown = command.text.replace("\n", "\n> ")
            parts.append(f"$ {shown}\n{output}\n" if output else f"$ {shown}\n")
        return f"```console\n{''.join(parts)}```"

    return BLOCK.sub(ran, page)
