"""One data directory with its two servers."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jiesuan_embedded.jars import cache_home
from jiesuan_embedded.java import java
from jiesuan_embedded.kafka import Kafka, archive_of
from jiesuan_embedded.ports import free_port
from jiesuan_embedded.postgres import Postgres
from jiesuan_embedded.process import start_detached
from jiesuan_embedded.servers import Servers


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

    def _ports(self) -> dict[str, int]:
        """Choose ports once; clients find the servers there after every restart."""
        path = self.data_dir / "ports.json"
        if path.exists():
            remembered: dict[str, int] = json.loads(path.read_text())
            return remembered
        ports: dict[str, int] = {}
        for name in ("kafka", "controller", "postgres"):
            ports[name] = free_port(set(ports.values()))
        path.write_text(json.dumps(ports))
        return ports

    @property
    def servers(self) -> Servers:
        """Where the two servers are."""
        return Servers(f"127.0.0.1:{self.kafka.port}", self.postgres.dsn, "embedded")

    def start(self) -> Servers:
        """Start both at once and wait until they serve."""
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(self.start_kafka), pool.submit(self._postgres)]:
                done.result()
        self._make_archive()
        return self.servers

    def _postgres(self) -> None:
        self.start_postgres()

    def _make_archive(self) -> None:
        """Make the AppCDS archive beside what runs: the next start is the quick one."""
        if archive_of(self._cache, java()).exists():
            return
        command = [sys.executable, "-m", "jiesuan_embedded.appcds", str(self._cache)]
        with (self.data_dir / "appcds.log").open("ab") as log:
            start_detached(command, log=log)

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
        with ThreadPoolExecutor(2) as pool:
            for done in [
                pool.submit(self.kafka.stop),
                pool.submit(self.postgres.stop),
            ]:
                done.result()

    def status(self) -> dict[str, Any]:
        """Say what runs where."""
        return {
            "kafka": {"address": self.servers.kafka, "pid": self.kafka.process.pid},
            "postgres": {"port": self.postgres.port, "pid": self.postgres.process.pid},
        }
