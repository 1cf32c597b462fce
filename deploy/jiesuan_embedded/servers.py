"""Where Kafka and PostgreSQL are, and who runs them."""

from collections.abc import Mapping
from dataclasses import dataclass

from jiesuan_embedded.faults import MachineError


@dataclass(frozen=True, slots=True)
class Servers:
    """Two addresses; ``kind`` is embedded, given or testcontainers."""

    kafka: str
    pg: str
    kind: str


def servers_from_environment(env: Mapping[str, str]) -> Servers | None:
    """Use the servers that JIESUAN_KAFKA and JIESUAN_PG name; none if neither does."""
    kafka, pg = env.get("JIESUAN_KAFKA"), env.get("JIESUAN_PG")
    if kafka and pg:
        return Servers(kafka, pg, "given")
    if kafka or pg:
        # Half a wish must not end in a ledger where nobody looks for it.
        raise MachineError("JIESUAN_KAFKA和JIESUAN_PG要么都设，要么都不设")
    return None
