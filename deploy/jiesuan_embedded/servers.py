"""Where Kafka and PostgreSQL are, and who runs them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Servers:
    """Two addresses; ``kind`` is embedded, given or testcontainers."""

    kafka: str
    pg: str
    kind: str


def servers_from_environment(env: Mapping[str, str]) -> Servers | None:
    """Use the servers that JIESUAN_KAFKA and JIESUAN_PG name, if both do."""
    kafka, pg = env.get("JIESUAN_KAFKA"), env.get("JIESUAN_PG")
    return Servers(kafka, pg, "given") if kafka and pg else None
