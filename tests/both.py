"""Every test, in two runs side by side: what needs servers, and what does not.

`python -m tests.both` gives its arguments to both. The run with the servers, which is
the longer one, is shown as it goes, the other when both have ended.
"""

import subprocess
import sys
import tempfile
from typing import Final

WITH_SERVERS: Final = "connected"
WITHOUT: Final = "not connected"
NOTHING_CHOSEN: Final = 5
"""What pytest exits with when no test is chosen: the other run may have some."""


def command(which: str) -> list[str]:
    """Return the command of one of the runs."""
    return [sys.executable, "-m", "pytest", *sys.argv[1:], "-m", which]


def main() -> int:
    """Run both; return the exit code of the one that failed."""
    with tempfile.TemporaryFile() as said:
        beside = subprocess.Popen(command(WITHOUT), stdout=said, stderr=said)
        try:
            shown = subprocess.run(command(WITH_SERVERS), check=False).returncode
            codes = {shown, beside.wait()}
        finally:
            beside.terminate()
            beside.wait()
            said.seek(0)
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
    if codes != {NOTHING_CHOSEN}:
        codes.discard(NOTHING_CHOSEN)
    return max(codes, key=abs)


if __name__ == "__main__":
    sys.exit(main())
