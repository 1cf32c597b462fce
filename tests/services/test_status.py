"""What `jiesuan status` makes of what processes say and of how they were kept."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from tests.connected.conftest import until

from jiesuan_embedded.process import is_alive
from jiesuan_services.runtime.heartbeat import Heartbeat
from jiesuan_services.supervisor.measuring import measure_tables
from jiesuan_services.supervisor.status import (
    NotForgotten,
    forget,
    processes,
    standing,
)
from jiesuan_services.supervisor.worker import (
    KeptRun,
    Worker,
    end_runs,
    last_words,
    runs,
)

PID = "import os; print(os.getpid())"
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("ready", flush=True)
time.sleep(60)
"""


def kept(folder: Path, name: str, **said: Any) -> None:
    """Note how a process is kept."""
    (folder / "processes").mkdir(exist_ok=True)
    KeptRun(**said).write(folder / "processes" / f"{name}.run.json")


def test_a_process_that_said_nothing_yet_is_in_the_list(tmp_path: Path) -> None:
    """Right after `up` every process is named, as one that starts: it stands."""
    kept(tmp_path, "decider-0", pid=os.getpid(), since=time.time())
    said = {"processes": processes(tmp_path)}
    assert said["processes"]["decider-0"]["state"] == "starting"
    assert standing(said) == [{"process": "decider-0", "why": "还没有报告"}]


def test_a_process_that_ended_is_in_the_list_with_its_last_words(
    tmp_path: Path,
) -> None:
    """Restarts of the last hour are counted, older ones not, and the error is told."""
    now = time.time()
    restarts = [now - 3_700, now - 60, now - 5]
    kept(tmp_path, "decider-0", restarts=restarts, error="KeyError: 'cause'")
    one = processes(tmp_path)["decider-0"]
    assert (one["state"], one["restarts"]) == ("ended", 2)
    assert one["last_error"] == "KeyError: 'cause'"


def test_what_the_one_before_it_said_is_not_taken_for_its_own(tmp_path: Path) -> None:
    """A process that was started again is not said to decide before it says so."""
    Heartbeat(tmp_path / "beats", "decider-0").beat("deciding")
    kept(tmp_path, "decider-0", pid=os.getppid(), since=time.time())
    assert processes(tmp_path)["decider-0"]["state"] == "starting"


def test_what_ends_while_it_is_looked_at_is_passed_over(tmp_path: Path) -> None:
    """A file that was there when files were listed, and is gone now, stops no look."""
    for name in ("beats/a.json", "processes/a.run.json"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).symlink_to(tmp_path / "gone")
    assert processes(tmp_path) == {}


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("projecting", "连不上PostgreSQL：ConnectionRefusedError: "),
        ("refused", "已拒绝运行：ConnectionRefusedError: "),
    ],
)
def test_a_projector_without_its_database_stands(state: str, why: str) -> None:
    """Where PostgreSQL does not answer, the tables stand, whatever else is well."""
    said = {"processes": {"projector": {"state": state}}}
    pg = "postgresql://nobody@127.0.0.1:1/nothing"
    asyncio.run(measure_tables(said["processes"], "127.0.0.1:1", pg=pg))
    (one,) = standing(said)
    assert one["process"] == "projector"
    assert one["why"].startswith(why)


def fallen(folder: Path, name: str, *, pid: int) -> float:
    """Let a process have said its last word a minute ago; return when that was."""
    Heartbeat(folder / "beats", name).beat("serving")
    path = folder / "beats" / f"{name}.json"
    at = time.time() - 60
    path.write_text(
        json.dumps(json.loads(path.read_text()) | {"said_by": pid, "at": at})
    )
    return at


def dead() -> int:
    """Return the number of a process that ran and does not any more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    return ended.pid


@pytest.mark.parametrize("runs_on", [False, True])
def test_what_nobody_keeps_and_fell_silent_says_since_when_and_what_to_do(
    tmp_path: Path, *, runs_on: bool
) -> None:
    """A gateway started by hand is said to have ended once its process is gone, else
    to be silent: since its last word, with the command that starts or forgets it."""
    pid = os.getpid() if runs_on else dead()
    at = fallen(tmp_path, "gateway-8081", pid=pid)
    said = {"processes": processes(tmp_path)}
    state = "silent" if runs_on else "ended"
    assert said["processes"]["gateway-8081"]["state"] == state
    (one,) = standing(said)
    assert round(one["since"]) == round(at)
    assert one["why"].startswith("没有动静" if runs_on else "已退出")
    assert "jiesuan status --forget gateway-8081" in one["why"]


def test_what_is_kept_is_not_offered_to_be_forgotten(tmp_path: Path) -> None:
    """A frozen process that is kept is silent since its last word; it is not forgotten
    while it is kept."""
    at = fallen(tmp_path, "gateway", pid=os.getpid())
    kept(tmp_path, "gateway", pid=os.getpid(), since=time.time())
    (one,) = standing({"processes": processes(tmp_path)})
    assert (round(one["since"]), one["why"]) == (round(at), "没有动静")
    with pytest.raises(NotForgotten, match="看护"):
        forget(tmp_path, "gateway")
    assert processes(tmp_path)


def test_what_is_forgotten_is_not_in_the_list(tmp_path: Path) -> None:
    """Forgotten, a process that is gone is said no more of; one that speaks, and one
    that nobody knows, are refused by name."""
    fallen(tmp_path, "gateway-8081", pid=dead())
    Heartbeat(tmp_path / "beats", "gateway-8082").beat("serving")
    forget(tmp_path, "gateway-8081")
    assert list(processes(tmp_path)) == ["gateway-8082"]
    with pytest.raises(NotForgotten, match="仍在运行"):
        forget(tmp_path, "gateway-8082")
    for name in ("gateway-8081", "../processes/x"):
        with pytest.raises(NotForgotten, match="没有"):
            forget(tmp_path, name)


def decider(**said: Any) -> dict[str, Any]:
    """Make what is said of one partition of a process that decides."""
    one = {"requests": 7, "lag": 0, "moved_at": time.time(), "standing": None, **said}
    return {"processes": {"decider-0": {"state": "deciding", "partitions": {"3": one}}}}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"lag": 9},
        {"moved_at": 0.0},
    ],
)
def test_a_partition_that_moves_or_has_nothing_to_do_does_not_stand(
    said: dict[str, Any],
) -> None:
    """Requests that are being decided, and none for long, are both well."""
    assert standing(decider(**said)) == []


def test_a_partition_that_does_not_move_stands(tmp_path: Path) -> None:
    """Requests wait and none of them is decided: that is said with its offset."""
    (one,) = standing(decider(lag=9, moved_at=1.0))
    assert (one["process"], one["partition"], one["offset"]) == ("decider-0", "3", 7)


def test_a_partition_that_was_set_aside_stands_with_its_reason() -> None:
    """Why and since when a partition was set aside is shown."""
    aside = {"offset": 7, "reason": "KeyError: 'cause'", "since": 5.0}
    (one,) = standing(decider(standing=aside))
    assert (one["offset"], one["why"], one["since"]) == (7, "KeyError: 'cause'", 5.0)


def test_nothing_at_all_stands() -> None:
    """Where no process runs, that is what is wrong."""
    assert standing({"processes": {}}) == [{"process": None, "why": "没有进程在运行"}]


def test_last_words_are_the_last_line(tmp_path: Path) -> None:
    """Of a traceback the last line says what was wrong; a log may be empty."""
    log = tmp_path / "x.log"
    log.write_bytes(b"x" * 20_000 + b"\nTraceback\n  File\nKeyError: 'cause'\n\n")
    assert last_words(log) == "KeyError: 'cause'"
    log.write_bytes(b"")
    assert last_words(log) == "没有留下日志"


async def test_a_worker_notes_how_its_process_ended(tmp_path: Path) -> None:
    """What ends is started again and noted; when all stops the note is gone."""
    worker = Worker("w", [sys.executable, "-c", "raise KeyError('x')"], env={})
    stop = asyncio.Event()
    keeping = asyncio.create_task(worker.keep(tmp_path, stop))
    async with asyncio.timeout(30):
        while True:
            said = runs(tmp_path)
            if said and len(said["w"].restarts) == 2:
                break
            await asyncio.sleep(0.05)
    assert said["w"].error == "KeyError: 'x'（退出码 1）"
    stop.set()
    await keeping
    assert runs(tmp_path) == {}


def test_what_a_killed_supervisor_left_is_ended(tmp_path: Path) -> None:
    """`down` ends a process that nobody keeps any more, a frozen one too; one of
    another data directory under the same number is let alone."""
    own = {**os.environ, "JIESUAN_DATA": str(tmp_path)}
    left, other = (
        subprocess.Popen([sys.executable, "-c", POLITE], env=env, stdout=PIPE)
        for env in (own, {**os.environ, "JIESUAN_DATA": "/elsewhere"})
    )
    for one in (left, other):
        assert one.stdout is not None
        with one.stdout as said:
            said.readline()
    for name, one in {"gateway": left, "sealer": other}.items():
        kept(tmp_path, name, pid=one.pid, since=time.time())
    left.send_signal(signal.SIGSTOP)
    try:
        assert end_runs(tmp_path, seconds=0.5) == []
        assert left.wait(timeout=10) == -signal.SIGKILL
        assert other.poll() is None
        assert runs(tmp_path / "processes") == {}
    finally:
        other.kill()
        other.wait()


async def test_a_process_that_cannot_be_started_ends_no_other(tmp_path: Path) -> None:
    """It is tried again, and what is wrong is noted, as of one that ended."""
    worker = Worker("w", [str(tmp_path / "absent")], env={})
    stop = asyncio.Event()
    keeping = asyncio.create_task(worker.keep(tmp_path, stop))

    async def is_tried_again() -> bool:
        said = runs(tmp_path)
        return keeping.done() or ("w" in said and len(said["w"].restarts) == 2)

    await until(is_tried_again, seconds=30)
    assert "FileNotFoundError" in str(runs(tmp_path)["w"].error)
    stop.set()
    await keeping


async def test_what_nobody_keeps_any_more_does_not_run_on(tmp_path: Path) -> None:
    """A worker that is given up ends its process, also where it could not note it."""
    (tmp_path / "w.run.part").mkdir()
    worker = Worker("w", [sys.executable, "-c", f"{PID}{POLITE}"], env={})
    keeping = asyncio.create_task(worker.keep(tmp_path, asyncio.Event()))

    async def is_ready() -> bool:
        return "ready" in said_in(tmp_path / "w.log")

    await until(is_ready, seconds=30)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert not is_alive(int(said_in(tmp_path / "w.log").split()[0]))


def said_in(log: Path) -> str:
    """Read a log, if there is one."""
    return log.read_text() if log.exists() else ""


SUPERVISED = """
import asyncio, os, sys
from pathlib import Path
from types import SimpleNamespace
from jiesuan_services.supervisor import stack
from jiesuan_services.supervisor.worker import Worker
data = Path(sys.argv[1])
kept = Worker("w", [sys.executable, "-c", sys.argv[2]], env=dict(os.environ))
stack.workers = lambda *_: [kept]
settings = SimpleNamespace(data=data)
asyncio.run(stack.supervise(SimpleNamespace(settings=settings), None))
"""


def supervised(data: Path, *, before: int | None) -> tuple[subprocess.Popen, int]:
    """Start a supervisor, and wait until it keeps another process than before."""
    own = {**os.environ, "JIESUAN_DATA": str(data)}
    command = [sys.executable, "-c", SUPERVISED, str(data), POLITE]
    supervisor = subprocess.Popen(command, env=own)
    last = time.monotonic() + 60
    while time.monotonic() < last:
        found = runs(data / "processes").get("w")
        if found is not None and found.pid not in (None, before):
            return supervisor, int(found.pid or 0)
        time.sleep(0.05)
    raise AssertionError("no process was started")


def test_a_supervisor_ends_what_one_before_it_left(tmp_path: Path) -> None:
    """After a kill -9 of the supervisor and another start each process runs once."""
    first, left = supervised(tmp_path, before=None)
    first.kill()
    first.wait()
    assert is_alive(left)
    second, kept_now = supervised(tmp_path, before=left)
    try:
        assert not is_alive(left)
        assert is_alive(kept_now)
    finally:
        second.terminate()
        second.wait()
    assert not is_alive(kept_now)
