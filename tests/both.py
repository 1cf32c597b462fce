"""Every test, in two lines side by side, each about as long as the other.

`python -m tests.both` gives its arguments to both. One line is most of what needs
servers, and is shown as it goes; the other is what needs none, the read models and the
machine, and is shown when both have ended.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Final

SHOWN: Final = "connected and not aside"
BESIDE: Final = "not connected or aside"
NOTHING_CHOSEN: Final = 5
"""What pytest exits with when no test is chosen: the other run may have some."""


def command(which: str) -> list[str]:
    """Return the command of one of the runs."""
    return [sys.executable, "-m", "pytest", *sys.argv[1:], "-m", which]


def environment(folder: str) -> dict[str, str]:
    """Return what the runs are started with: what is compiled once is kept in a folder.

    Many images tell Python to write no bytecode. Hundreds of processes are started, and
    each would compile all that it imports: most of a second of a core.
    """
    if not sys.dont_write_bytecode:
        return dict(os.environ)
    given = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
    given.pop("PYTHONDONTWRITEBYTECODE", None)
    return given


def beside(said: IO[bytes], env: dict[str, str]) -> int:
    """Run what is not shown as it goes; return its exit code."""
    done = subprocess.run(
        command(BESIDE), stdout=said, stderr=said, env=env, check=False
    )
    return done.returncode


def main() -> int:
    """Run both lines; return the exit code of the one that failed."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryDirectory() as folder:
        env = environment(folder)
        try:
            with ThreadPoolExecutor(1) as pool:
                other = pool.submit(beside, said, env)
                shown = subprocess.run(command(SHOWN), env=env, check=False).returncode
            codes = {shown, other.result()}
        finally:
            said.seek(0)
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
    if codes != {NOTHING_CHOSEN}:
        codes.discard(NOTHING_CHOSEN)
    return max(codes, key=abs)


if __name__ == "__main__":
    sys.exit(main())
