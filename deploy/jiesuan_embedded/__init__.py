"""Real Kafka and real PostgreSQL on this machine, without Docker."""

from jiesuan_embedded.faults import MachineError
from jiesuan_embedded.machine import Machine
from jiesuan_embedded.servers import Servers, servers_from_environment

__all__ = ["Machine", "MachineError", "Servers", "servers_from_environment"]
