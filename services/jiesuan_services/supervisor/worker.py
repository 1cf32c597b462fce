"""One process kept running, and what is known of its starts for `jiesuan status`."""

import asyncio
import contextlib
import json
import os
import signal
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from jiesuan_embedded.process import is_alive

STOP_SECONDS: Final = 8.0
FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 10.0
KILLED_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.05
HOUR: Final = 3_600.0
TAIL_BYTES: Final = 8_192
MOST_SAID: Final = 300
SUFFIX: Final = ".run.json"


@dataclass(slots=True)
class KeptRun:
    """A process as it is kept: since when it runs, and when others before it ended."""

    pid: int | None = None
    since: float = 0.0
    restarts: list[float] = field(default_factory=list)
    error: str | None = None
    """What the last one that ended said last."""

    def write(self, path: Path) -> None:
        """Write it, whole; a disk that has no room for it ends no process."""
        part = path.with_suffix(".part")
        with contextlib.suppress(OSError):
            part.write_text(json.dumps(asdict(self), ensure_ascii=False))
            part.rename(path)

    def ended(self, error: str) -> None:
        """Note that the process ended, or did not start, and why."""
        self.pid, at = None, time.time()
        self.restarts = [one for one in self.restarts if one > at - HOUR] + [at]
        self.error = error


def runs(folder: Path) -> dict[str, KeptRun]:
    """Read how the processes are kept; without a supervisor there are none."""
    found: dict[str, KeptRun] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        # Whoever ends takes his note away, maybe since it was found.
        with contextlib.suppress(FileNotFoundError):
            said: dict[str, Any] = json.loads(path.read_text())
            found[path.name.removesuffix(SUFFIX)] = KeptRun(**said)
    return found


def end_runs(data: Path, *, seconds: float = STOP_SECONDS) -> list[int]:
    """End what a supervisor that was killed left running; return who lives on.

    Politely first; a frozen process hears nothing but SIGKILL.
    """
    folder, mark = data / "processes", f"JIESUAN_DATA={data}".encode()
    left = [run.pid for run in runs(folder).values() if run.pid is not None]
    for signal_, patience in (
        (signal.SIGTERM, seconds),
        (signal.SIGKILL, KILLED_SECONDS),
    ):
        left = [pid for pid in left if _is_of(pid, mark)]
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal_)
        until = time.monotonic() + patience
        while any(map(is_alive, left)) and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
    left = [pid for pid in left if is_alive(pid)]
    for path in folder.glob(f"*{SUFFIX}") if not left else ():
        path.unlink(missing_ok=True)
    return left


def _is_of(pid: int, mark: bytes) -> bool:
    """Whether a process runs, and in the environment that we gave it."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return is_alive(pid) and mark in environment


def last_words(log: Path) -> str:
    """Return the last line of a log, which of a traceback says what was wrong."""
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
        lines = file.read().decode("utf-8", "replace").split("\n")
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return said[:MOST_SAID] or "没有留下日志"


class Worker:
    """One process kept running: started again when it ends, after a growing wait."""

    def __init__(self, name: str, command: list[str], *, env: dict[str, str]) -> None:
        self.name = name
        self._command = command
        self._env = env

    async def keep(self, folder: Path, stop: asyncio.Event) -> None:
        """Keep the process running until asked to stop; then stop it politely."""
        run, noted = KeptRun(), folder / f"{self.name}{SUFFIX}"
        wait = FIRST_WAIT
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                run.since = time.time()
                error = await self._run(run, folder, stopping=stopping)
                if stop.is_set():
                    break
                run.ended(error)
                run.write(noted)
                if time.time() - run.since > LONGEST_WAIT:
                    wait = FIRST_WAIT
                await asyncio.wait([stopping], timeout=wait)
                wait = min(2 * wait, LONGEST_WAIT)
        finally:
            noted.unlink(missing_ok=True)
            stopping.cancel()

    async def _run(
        self, run: KeptRun, folder: Path, *, stopping: asyncio.Task[Any]
    ) -> str:
        """Run the process until it ends or is to stop; return what it said last."""
        try:
            process = await self._start(folder)
        except OSError as wrong:
            return f"{type(wrong).__name__}: {wrong}"
        run.pid = process.pid
        run.write(folder / f"{self.name}{SUFFIX}")
        ended = asyncio.create_task(process.wait())
        try:
            await asyncio.wait([ended, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            # However this ends, nothing is left that nobody keeps.
            if process.returncode is None:
                await _end(process)
        return f"{last_words(folder / f'{self.name}.log')}（退出码 {await ended}）"

    async def _start(self, folder: Path) -> asyncio.subprocess.Process:
        with (folder / f"{self.name}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *self._command,
                env=self._env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
