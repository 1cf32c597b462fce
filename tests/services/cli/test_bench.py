"""`jiesuan bench`: figures as they are known, and nothing left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from jiesuan_services.cli.operators.bench import bench, line
from jiesuan_services.runtime.bootstrap import environment_for

MOST_SECONDS = 120


def test_the_law_is_measured_alone() -> None:
    """The law needs no servers; a figure says its baseline, processor and Python."""
    asked = ["--only", "law", "--only", "long-life", "--scale", "0.02", "--json"]
    lines = CliRunner().invoke(bench, asked).stdout.splitlines()
    printed = [json.loads(one) for one in lines]
    assert [one["figure"] for one in printed] == ["law", "long-life", "long-life 14"]
    for one in printed:
        low, high = one["range"]
        assert 0 < low <= one["value"] <= high
        assert one["baseline_value"] > 0
        assert one["processor"].endswith(f"，{os.cpu_count()}核")
        assert one["python"].endswith(f"（{sys.base_prefix}）")


def test_a_person_of_any_day_is_measured() -> None:
    """A person's state is measured against its bound, and on how many entries."""
    asked = ["--only", "as-of", "--scale", "0.1", "--json"]
    printed = json.loads(CliRunner().invoke(bench, asked).stdout)
    assert (printed["figure"], printed["unit"]) == ("as-of p95", "ms")
    assert printed["baseline"] == "一人 120 条账目，账本共 8,841 条"
    assert printed["value"] > 0


def test_a_figure_is_told_in_chinese() -> None:
    """A person reads value, range, baseline, what must be and whether it is so."""
    figure = {
        "figure": "decide",
        "value": 12_780.0,
        "unit": "requests/s",
        "baseline": "只转写不计算（echo）",
        "baseline_value": 29_817.0,
        "ratio": 0.43,
        "must": ">= 0.4 x",
        "holds": True,
        "range": [12_429.0, 13_947.0],
    }
    assert line(figure) == (
        "decide        12,780.00 requests/s    [12,429.00 .. 13,947.00]  "
        "0.43 倍于基线：只转写不计算（echo）（29,817.00），要求 >= 0.4 x：达到"
    )


def processes_under(folder: Path) -> list[str]:
    """List the processes of which a command line names a folder."""
    found: list[str] = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = place.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(folder) in command:
            found.append(command)
    return found


def wait_for(folder: Path, running: "subprocess.Popen[bytes]") -> None:
    """Wait until the benchmark's servers run under a folder."""
    deadline = time.monotonic() + MOST_SECONDS
    while len(processes_under(folder)) < 2:
        assert running.poll() is None, "the benchmark ended before it was ended"
        assert time.monotonic() < deadline, "no servers were started"
        time.sleep(0.1)


@pytest.mark.connected
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
def test_ended_it_ends_its_servers(tmp_path: Path, signal_: signal.Signals) -> None:
    """A benchmark that is ended stops its servers and removes their data."""
    command = [sys.executable, "-m", "jiesuan_services", "bench"]
    running = subprocess.Popen(
        [*command, "--only", "decide", "--scale", "0.01", "--json"],
        env=environment_for(TMPDIR=str(tmp_path)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(tmp_path, running)
        running.send_signal(signal_)
        assert running.wait(MOST_SECONDS) == 128 + signal_
    finally:
        running.kill()
    assert processes_under(tmp_path) == []
    assert list(tmp_path.glob("jiesuan-bench-*")) == []
