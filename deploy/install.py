"""Install the locked dependencies and the rooms: by uv, or by pip where uv is not."""

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent


def commands(rooms: list[str]) -> list[list[str]]:
    """Give the two installs: what is locked, then our rooms, editable."""
    editable = [word for room in rooms for word in ("-e", f"./{room}")]
    locked = ["--require-hashes", "-r", "requirements.lock"]
    ours = ["--no-deps", "--no-build-isolation", *editable]
    if (BIN / "uv").exists():
        base = [str(BIN / "uv"), "pip", "install", "--system-certs", "-q"]
    else:
        base = [sys.executable, "-m", "pip", "install", "-q"]
    return [[*base, *locked], [*base, *ours]]


def main() -> None:
    """Run both; the first that fails ends it."""
    for command in commands(sys.argv[1:]):
        done = subprocess.run(command, check=False)
        if done.returncode:
            sys.exit(done.returncode)


if __name__ == "__main__":
    main()
