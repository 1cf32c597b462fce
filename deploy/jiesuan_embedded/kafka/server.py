"""Real Apache Kafka on one node: KRaft, durable, fast to start."""

import base64
import hashlib
import os
import shutil
import signal
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from jiesuan_embedded.kafka.jars import class_path, pinned
from jiesuan_embedded.kafka.java import QUIET, java, release_of
from jiesuan_embedded.ports import answers, claim
from jiesuan_embedded.process import Process, run_to_end

HEAP: Final = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
LOG_LEVEL: Final = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
START_SECONDS: Final = 60
STOP_SECONDS: Final = 20

# One node: every internal topic has one replica. A small heap: the cleaner's buffer
# would not fit as it comes. After kill -9 a broker waits for its own dead session:
# 13 s with the usual time-outs. No topic by accident, no position of a group forgotten.
# A transaction that somebody leaves open keeps his partition waiting: ten seconds.
SETTINGS: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
group.initial.rebalance.delay.ms=0
offsets.retention.minutes=5256000
transaction.max.timeout.ms=10000
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
log.cleaner.dedupe.buffer.size=16777216
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
message.max.bytes=16777216
replica.fetch.max.bytes=16777216
num.network.threads=2
num.io.threads=4
"""


def archive_of(cache: Path, binary: Path) -> Path:
    """Return the path of the AppCDS archive of these jars and this very Java."""
    made_of = f"{binary}\n{release_of(binary)}\n{pinned()}"
    return cache / "cds" / f"{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.jsa"


def joined(jars: Sequence[Path]) -> str:
    """Write a class path as Java reads it."""
    return os.pathsep.join(map(str, jars))


class Kafka:
    """One broker in one folder, on remembered ports."""

    def __init__(
        self,
        folder: Path,
        cache: Path,
        *,
        port: int,
        controller: int,
        jvm: Sequence[str] = (),
        settings: Sequence[str] = (),
    ) -> None:
        self.port = port
        self._jvm = jvm
        self._settings = settings
        """Lines after ours: of two that set the same, Java takes the later."""
        self._folder = folder
        self._cache = cache
        self._controller = controller
        self._data = folder / "data"
        self.process = Process(folder, "kafka", mark=str(folder))

    def begin(self) -> None:
        """Start the broker; `wait` says when it serves."""
        if self.process.pid is not None:
            return
        claim(self.port, server="Kafka")
        claim(self._controller, server="Kafka's controller")
        self.process.start(self.prepare())

    def prepare(self) -> list[str | Path]:
        """Write the settings, format the storage, and give the broker's command."""
        self._folder.mkdir(parents=True, exist_ok=True)
        binary = java()
        jars = class_path(self._cache)
        config = self._folder / "server.properties"
        config.write_text(
            SETTINGS.format(
                port=self.port, controller=self._controller, data=self._data
            )
            + "\n".join(self._settings)
        )
        self._format(binary, config, jars=jars)
        temporary = f"-Djava.io.tmpdir={self._emptied(self._folder / 'tmp')}"
        options = [*HEAP, *(self._jvm or self._shared(binary)), LOG_LEVEL, temporary]
        return [binary, *QUIET, *options, "-cp", joined(jars), "kafka.Kafka", config]

    def wait(self) -> None:
        """Wait until the broker answers on its port."""
        self.process.wait_until(lambda: answers(self.port), seconds=START_SECONDS)

    def stop(self) -> None:
        """Stop the broker cleanly, bounded."""
        self.process.stop(signal.SIGTERM, seconds=STOP_SECONDS)

    def _shared(self, binary: Path) -> list[str]:
        archive = archive_of(self._cache, binary)
        if not archive.exists():
            return []
        return [f"-XX:SharedArchiveFile={archive}", "-Xlog:disable"]

    def _emptied(self, folder: Path) -> Path:
        """Return the broker a place for its native libraries, without older ones."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def _format(self, binary: Path, config: Path, *, jars: list[Path]) -> None:
        if (self._data / "meta.properties").exists():
            return
        self._data.mkdir(parents=True, exist_ok=True)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        run_to_end(
            [
                binary,
                *QUIET,
                *HEAP,
                *self._shared(binary),
                LOG_LEVEL,
                "-cp",
                joined(jars),
                "kafka.tools.StorageTool",
                "format",
                f"--cluster-id={cluster}",
                "-c",
                str(config),
            ],
            what="Kafka存储的初始化",
        )
