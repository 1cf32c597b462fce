"""A stack as `jiesuan up` starts it: the command, and what its status says."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def jiesuan(data: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a data directory of its own."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("JIESUAN_KAFKA", "JIESUAN_PG")
    }
    env["JIESUAN_SEAL_EVERY"] = "2"
    base = [sys.executable, "-m", "jiesuan_services"]
    return subprocess.run(
        [*base, *command, "--data", str(data)],
        env=env,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def status(data: Path) -> tuple[int, dict[str, Any]]:
    """Ask for the status: exit code, and what is said."""
    done = jiesuan(data, "status", "--json")
    return done.returncode, json.loads(done.stdout)
