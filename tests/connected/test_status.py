"""`jiesuan up --detach` and `jiesuan status` on real servers: they tell the truth."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.connected
PROCESSES = {"decider-0", "decider-1", "projector", "sealer", "clearing", "gateway"}


def jiesuan(data: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a data directory of its own."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("JIESUAN_KAFKA", "JIESUAN_PG")
    }
    base = [sys.executable, "-m", "jiesuan_services"]
    return subprocess.run(
        [*base, *command, "--data", str(data)],
        env=env,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data directory whose stack is stopped in the end."""
    folder = tmp_path / "data"
    yield folder
    jiesuan(folder, "down")


def status(data: Path) -> tuple[int, dict[str, Any]]:
    """Ask for the status: exit code, and what is said."""
    done = jiesuan(data, "status", "--json")
    return done.returncode, json.loads(done.stdout)


def test_status_tells_what_serves_and_what_stands(data: Path) -> None:
    """All serve when `up` returns; one that is stopped or killed is told of."""
    up = jiesuan(data, "up", "--detach", "--deciders", "2")
    assert up.returncode == 0, up.stderr
    code, said = status(data)
    assert (code, said["standing"]) == (0, [])
    assert set(said["processes"]) == PROCESSES
    assert {one["restarts"] for one in said["processes"].values()} == {0}
    lanes = [
        lane
        for name, one in said["processes"].items()
        if name.startswith("decider")
        for lane in one["partitions"].values()
    ]
    assert [(lane["lag"], lane["lag_seconds"]) for lane in lanes] == [(0, 0.0)] * 8
    os.kill(said["processes"]["decider-1"]["pid"], signal.SIGSTOP)
    time.sleep(6)
    code, told = status(data)
    assert code == 1
    assert [one["process"] for one in told["standing"]] == ["decider-1"]
    os.kill(said["processes"]["decider-1"]["pid"], signal.SIGKILL)
    until = time.monotonic() + 60
    while code == 1 and time.monotonic() < until:
        code, told = status(data)
    assert told["processes"]["decider-1"]["restarts"] == 1
    assert "退出码 -9" in told["processes"]["decider-1"]["last_error"]
    assert (code, told["standing"]) == (0, [])
