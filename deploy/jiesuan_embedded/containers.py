"""The same two servers from testcontainers, where a Docker engine answers."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jiesuan_embedded.servers import Servers


def engine_answers() -> bool:
    """Look for the engine's socket, before anything slow is imported."""
    return Path("/var/run/docker.sock").exists() or "DOCKER_HOST" in os.environ


@contextmanager
def containers() -> Iterator[Servers]:
    """Run Kafka and PostgreSQL in containers for as long as the context is open."""
    from testcontainers.community.kafka import KafkaContainer
    from testcontainers.community.postgres import PostgresContainer

    with (
        KafkaContainer("apache/kafka:4.1.2") as kafka,
        PostgresContainer("postgres:18", dbname="jiesuan", driver=None) as postgres,
    ):
        yield Servers(
            kafka=kafka.get_bootstrap_server(),
            pg=postgres.get_connection_url(),
            kind="testcontainers",
        )
