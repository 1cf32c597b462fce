"""The same two servers from testcontainers, where a Docker engine answers."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from jiesuan_embedded.kafka.server import SETTINGS
from jiesuan_embedded.ports import free_port
from jiesuan_embedded.servers import Servers

KAFKA_IMAGE: Final = "apache/kafka:4.4.0"
POSTGRES_IMAGE: Final = "postgres:18"
SOCKET: Final = "/var/run/docker.sock"
CONTROLLER: Final = 9093


def engine_answers() -> bool:
    """Knock at the engine's socket, before anything slow is imported."""
    if "DOCKER_HOST" in os.environ:
        return True
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(SOCKET)
        except OSError:
            return False
    return True


def settings(host: str, port: int) -> dict[str, str]:
    """Return the embedded broker's settings as the image takes them."""
    text = SETTINGS.format(port=port, controller=CONTROLLER, data="/var/lib/kafka/data")
    lines = dict(line.split("=", 1) for line in text.splitlines())
    lines["listeners"] = f"PLAINTEXT://:{port},CONTROLLER://:{CONTROLLER}"
    lines["advertised.listeners"] = f"PLAINTEXT://{host}:{port}"
    return {
        f"KAFKA_{name.replace('.', '_').upper()}": value
        for name, value in lines.items()
    }


@contextmanager
def containers() -> Iterator[Servers]:
    """Run Kafka and PostgreSQL in containers for as long as the context is open."""
    from testcontainers.community.postgres import PostgresContainer
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    # The broker tells clients its own address, so the port is chosen beforehand.
    port = free_port(set())
    broker = DockerContainer(KAFKA_IMAGE).with_bind_ports(port, port)
    host = broker.get_container_host_ip()
    for name, value in settings(host, port).items():
        broker.with_env(name, value)
    broker.waiting_for(LogMessageWaitStrategy("Kafka Server started"))
    with (
        broker,
        PostgresContainer(POSTGRES_IMAGE, dbname="jiesuan", driver=None) as postgres,
    ):
        yield Servers(f"{host}:{port}", postgres.get_connection_url(), "testcontainers")
