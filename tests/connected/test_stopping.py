"""Processes that are told to stop, and servers that are not there."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jiesuan_embedded import Machine
from jiesuan_embedded.process import is_alive
from jiesuan_services.runtime.heartbeat import beats

pytestmark = pytest.mark.connected


def states(town: Any) -> set[str]:
    """Return what the processes say of themselves."""
    return {one["state"] for one in beats(town.folder / "data" / "beats").values()}


async def until_said(town: Any, state: str) -> None:
    """Wait until a process says so."""
    async with asyncio.timeout(30):
        while True:
            if state in states(town):
                return
            await asyncio.sleep(0.05)


async def test_a_decider_waits_for_the_broker_and_says_so(
    machine: Machine, town: Any, life: Any
) -> None:
    """Started without a broker it waits, decides when it comes, and stops in time."""
    await asyncio.to_thread(machine.kill_kafka)
    decider = town.process("decider-0")
    await decider.start()
    await until_said(town, "waiting for Kafka")
    await asyncio.to_thread(machine.start_kafka)
    await until_said(town, "deciding")
    await town.registered()
    day = life(3, people=10)
    await town.ask([*day.begin(), *day.more(200)])
    assert await decider.stop() < 5
    assert decider.process.returncode == 0
    await decider.start()
    await until_said(town, "deciding")
    await town.answered()
    assert await decider.stop() < 5
    assert decider.process.returncode == 0


async def test_a_decider_stops_without_its_broker(
    machine: Machine, town: Any, life: Any
) -> None:
    """With the broker gone in the middle of its work it still stops within 5 s."""
    decider = town.process("decider-0")
    await decider.start()
    await town.registered()
    day = life(4, people=50)
    await town.ask([*day.begin(), *day.more(6_000)])
    await asyncio.to_thread(machine.kill_kafka)
    assert await decider.stop() < 5
    await asyncio.to_thread(machine.start_kafka)
    await decider.start()
    await town.answered()
    assert (await town.verified()).is_sound


async def test_a_decider_stops_while_its_broker_hangs(
    machine: Machine, town: Any, life: Any
) -> None:
    """A broker that takes everything and says nothing does not keep it running."""
    decider = town.process("decider-0")
    await decider.start()
    await town.registered()
    day = life(5, people=50)
    await town.ask([*day.begin(), *day.more(6_000)])
    pid = machine.kafka.process.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        assert await decider.stop() < 5
    finally:
        os.kill(pid, signal.SIGCONT)
    await decider.start()
    await town.answered()
    assert (await town.verified()).is_sound


async def test_a_decider_refuses_a_foreign_ledger_by_name(
    town: Any, life: Any, fresh_ledger: str
) -> None:
    """A store of another ledger ends the process, which says why."""
    decider = town.process("decider-0")
    await decider.start()
    await town.registered()
    await town.ask(life(6).begin())
    await town.answered()
    await decider.stop()
    stranger = town.process("decider-0", kafka=fresh_ledger)
    await stranger.start()
    assert await asyncio.wait_for(stranger.process.wait(), 30) == 1
    assert "这个存储属于账本" in stranger.said()


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("told", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
@pytest.mark.parametrize("how", [(), ("--detach",)])
def test_a_start_that_is_stopped_leaves_no_server(
    told: str, code: int, how: tuple[str, ...], tmp_path: Path
) -> None:
    """Who stops `jiesuan up` while its servers start has none in the background."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("JIESUAN_KAFKA", "JIESUAN_PG")
    }
    command = [sys.executable, "-m", "jiesuan_services", "up", *how]
    up = subprocess.Popen(
        [*command, "--data", tmp_path], env=env, stderr=subprocess.PIPE, text=True
    )
    try:
        pid_file = tmp_path / "kafka" / "kafka.pid"
        until = time.monotonic() + 60
        while not pid_file.exists() and time.monotonic() < until:
            time.sleep(0.05)
        server = int(pid_file.read_text())
        up.send_signal(signal.Signals[told])
        _, said = up.communicate(timeout=60)
        assert (up.returncode, said.endswith("\n已中断。\n")) == (code, True)
        assert not is_alive(server)
        assert Machine(tmp_path).status()["postgres"]["pid"] is None
    finally:
        up.kill()
        Machine(tmp_path).stop()
