"""Every test, in two lines side by side, each about as long as the other.

`python -m tests.both` gives its arguments to all runs. One line is most of what needs
servers, and is shown as it goes; the other is what needs none, then the read models,
and is shown when both have ended.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Final

SHOWN: Final = "connected and not tables"
BESIDE: Final = ("not connected", "connected and tables")
INTERRUPTED: Final = 2
"""What pytest exits with when it was stopped: the next run is not begun."""
NOTHING_CHOSEN: Final = 5
"""What pytest exits with when no test is chosen: the other runs may have some."""


def command(which: str) -> list[str]:
    """Return the command of one of the runs."""
    return [sys.executable, "-m", "pytest", *sys.argv[1:], "-m", which]


def in_turn(said: IO[bytes]) -> Iterator[int]:
    """Run what goes beside, one after the other; return the exit codes."""
    for which in BESIDE:
        done = subprocess.run(command(which), stdout=said, stderr=said, check=False)
        yield done.returncode
        if done.returncode == INTERRUPTED:
            return


def main() -> int:
    """Run both lines; return the exit code of the one that failed."""
    with tempfile.TemporaryFile() as said:
        try:
            with ThreadPoolExecutor(1) as pool:
                beside = pool.submit(lambda: set(in_turn(said)))
                shown = subprocess.run(command(SHOWN), check=False).returncode
            codes = {shown, *beside.result()}
        finally:
            said.seek(0)
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
    if codes != {NOTHING_CHOSEN}:
        codes.discard(NOTHING_CHOSEN)
    return max(codes, key=abs)


if __name__ == "__main__":
    sys.exit(main())
