"""One server process: started in a session of its own, found again by its pid file."""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from jiesuan_embedded.faults import MachineError

POLL_SECONDS: Final = 0.05
SPAWN_SECONDS: Final = 10
LOCK_SECONDS: Final = 120
PREPARE_SECONDS: Final = 180
"""A second on a quiet machine, and more than thirty on one that is very busy."""


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in ("Z", "X")


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock that ends with its holder: two starts must not cross."""
    with path.open("w") as lock:
        until = time.monotonic() + LOCK_SECONDS
        while not try_lock(lock):
            if time.monotonic() > until:
                raise MachineError(f"另一进程占用{path}过久")
            time.sleep(POLL_SECONDS)
        yield


def try_lock(file: IO[str]) -> bool:
    """Take the lock of an open file, if nobody has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def start_detached(
    command: Sequence[str | Path],
    *,
    log: IO[bytes],
    env: Mapping[str, str] | None = None,
    uid: int | None = None,
    cwd: Path | None = None,
) -> int:
    """Start a process that is no child of ours, and return its pid.

    The shell between us puts it in the background and ends, so that it outlives us
    and is reaped by the system.
    """
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=log,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        env=dict(env) if env is not None else None,
        user=uid,
        group=uid,
        extra_groups=[] if uid is not None else None,
        cwd=cwd,
        check=True,
        timeout=SPAWN_SECONDS,
    )
    return int(done.stdout)


def run_to_end(command: Sequence[str | Path], *, what: str, **how: Any) -> None:
    """Run what prepares a data directory; raise MachineError where it fails."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=PREPARE_SECONDS,
            check=False,
            **how,
        )
    except subprocess.TimeoutExpired:
        raise MachineError(
            f"{what}{PREPARE_SECONDS}秒内没有完成：机器太忙或磁盘太慢，请稍候重新启动"
        ) from None
    if done.returncode:
        raise MachineError(f"{what}失败：{done.stderr.strip()}")


class ProcessDied(MachineError):
    """A server ended before it served."""


class Process:
    """A detached process with a pid file, a log file and a mark in its command line."""

    def __init__(self, folder: Path, name: str, *, mark: str) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._pid_file = folder / f"{name}.pid"
        self._mark = mark

    @property
    def pid(self) -> int | None:
        """Return the pid of the running process, None if another has that pid."""
        try:
            pid = int(self._pid_file.read_text())
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if self._mark.encode() in line else None

    def start(
        self,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        uid: int | None = None,
        cwd: Path | None = None,
    ) -> None:
        """Start the process unless it runs."""
        if self.pid is not None:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            pid = start_detached(command, log=log, env=env, uid=uid, cwd=cwd)
        self._pid_file.write_text(str(pid))

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until the process serves; a death or a time-out is a named error."""
        until = time.monotonic() + seconds
        while not ready():
            if self._has_died():
                raise ProcessDied(f"{self.name}启动后立即退出，见{self.log}")
            if time.monotonic() > until:
                raise MachineError(
                    f"{self.name}在{seconds:.0f}秒内没有就绪，见{self.log}"
                )
            time.sleep(POLL_SECONDS)

    def _has_died(self) -> bool:
        try:
            return not is_alive(int(self._pid_file.read_text()))
        except (OSError, ValueError):
            return True

    def stop(self, signal_: signal.Signals, *, seconds: float) -> None:
        """Stop the process: politely, then for good; bounded."""
        if self._signal(signal_) and not self._gone(seconds):
            self.kill()
        if self.pid is None:
            self._pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """kill -9, and wait until the process is gone."""
        if self._signal(signal.SIGKILL):
            self._gone(10)

    def _signal(self, signal_: signal.Signals) -> bool:
        pid = self.pid
        if pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal_)
        return True

    def _gone(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while self.pid is not None and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
        return self.pid is None
