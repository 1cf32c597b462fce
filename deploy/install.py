"""Install the locked dependencies and the rooms: by uv, or by pip where uv fails."""

import subprocess
import sys
from pathlib import Path

UV = Path(sys.executable).parent / "uv"
BY_UV = [str(UV), "pip", "install", "--system-certs", "-q"]
BY_PIP = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]


def installed(base: list[str], *, rooms: list[str]) -> bool:
    """Install what is locked, then our rooms, editable; tell whether both went well."""
    editable = [word for room in rooms for word in ("-e", f"./{room}")]
    return all(
        subprocess.run([*base, *what], check=False).returncode == 0
        for what in (
            ["--require-hashes", "-r", "requirements.lock"],
            ["--no-deps", "--no-build-isolation", *editable],
        )
    )


def main() -> None:
    """Try uv, which is quick, then pip, which knows every machine's own settings."""
    rooms = sys.argv[1:]
    if UV.exists() and installed(BY_UV, rooms=rooms):
        return
    sys.stderr.write("uv is not to be had or failed: pip installs\n")
    if not installed(BY_PIP, rooms=rooms):
        sys.exit("nothing could be installed: see the messages above")


if __name__ == "__main__":
    main()
