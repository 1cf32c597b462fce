"""One data directory with its two servers."""

import json
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from jiesuan_embedded.faults import MachineError
from jiesuan_embedded.kafka.jars import cache_home
from jiesuan_embedded.kafka.java import java
from jiesuan_embedded.kafka.server import Kafka, archive_of
from jiesuan_embedded.ports import free_port
from jiesuan_embedded.postgres.server import Postgres
from jiesuan_embedded.process import Process, alone
from jiesuan_embedded.servers import Servers

SERVERS: Final = ("kafka", "controller", "postgres")
ARCHIVER_SECONDS: Final = 5


def _at_once(*works: Callable[[], None]) -> None:
    """Do things side by side; the first that fails is raised when all have ended."""
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result()


def _remembered(path: Path) -> dict[str, int]:
    try:
        ports = json.loads(path.read_text())
        return {name: int(ports[name]) for name in SERVERS}
    except (ValueError, KeyError, TypeError):
        raise MachineError(
            f"{path}无法识别：请删除它，再运行jiesuan up，会另选端口"
        ) from None


class Machine:
    """Kafka and PostgreSQL of one data directory; they outlive who started them."""

    def __init__(self, data_dir: Path, *, cache: Path | None = None) -> None:
        self.data_dir = data_dir.resolve()
        self._cache = cache or cache_home()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        ports = self._ports()
        self.kafka = Kafka(
            self.data_dir / "kafka",
            self._cache,
            port=ports["kafka"],
            controller=ports["controller"],
        )
        self.postgres = Postgres(self.data_dir / "postgres", port=ports["postgres"])
        self._scratch = self.data_dir / "appcds"
        self._archiver = Process(self.data_dir, "appcds", mark=str(self._scratch))

    def _ports(self) -> dict[str, int]:
        """Choose ports once; clients find the servers there after every restart."""
        path = self.data_dir / "ports.json"
        with alone(self.data_dir / "ports.lock"):
            if not path.exists():
                ports: list[int] = []
                for _ in SERVERS:
                    ports.append(free_port(set(ports)))
                new = path.with_name(".ports.json.new")
                new.write_text(json.dumps(dict(zip(SERVERS, ports, strict=True))))
                new.replace(path)
        return _remembered(path)

    @property
    def servers(self) -> Servers:
        """Where the two servers are."""
        return Servers(f"127.0.0.1:{self.kafka.port}", self.postgres.dsn, "embedded")

    def start(self) -> Servers:
        """Start both at once and wait until they serve."""
        with alone(self.data_dir / "lock"):
            _at_once(self.start_kafka, self.start_postgres)
            self._make_archive()
        return self.servers

    def _make_archive(self) -> None:
        """Make the AppCDS archive beside what runs: the next start is the quick one."""
        if archive_of(self._cache, java()).exists():
            return
        module = ["-m", "jiesuan_embedded.kafka.appcds"]
        self._archiver.start([sys.executable, *module, self._cache, self._scratch])

    def start_kafka(self) -> None:
        """Start Kafka and wait until it serves."""
        self.kafka.begin()
        self.kafka.wait()

    def start_postgres(self) -> None:
        """Start PostgreSQL and wait until it serves."""
        self.postgres.begin()
        self.postgres.wait()

    def kill_kafka(self) -> None:
        """kill -9 Kafka."""
        self.kafka.process.kill()

    def kill_postgres(self) -> None:
        """kill -9 PostgreSQL, its children with it."""
        self.postgres.process.kill()

    def stop(self) -> None:
        """Stop both cleanly; nothing is left running."""
        with alone(self.data_dir / "lock"):
            self._archiver.stop(signal.SIGTERM, seconds=ARCHIVER_SECONDS)
            _at_once(self.kafka.stop, self.postgres.stop)

    def status(self) -> dict[str, Any]:
        """Say what runs where."""
        return {
            "kafka": {"address": self.servers.kafka, "pid": self.kafka.process.pid},
            "postgres": {"port": self.postgres.port, "pid": self.postgres.process.pid},
        }
