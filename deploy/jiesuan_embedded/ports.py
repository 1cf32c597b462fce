"""Free ports below 32768: a client retrying a dead port in the ephemeral range can
connect to itself, and then the server cannot bind."""

import random
import socket
import time
from typing import Final

from jiesuan_embedded.faults import MachineError

LOWEST: Final = 20_000
HIGHEST: Final = 32_000
TRIES: Final = 200
RELEASE_SECONDS: Final = 3
POLL_SECONDS: Final = 0.05


def free_port(taken: set[int]) -> int:
    """Return a port that nobody listens on, none of those already chosen."""
    chance = random.SystemRandom()
    for _ in range(TRIES):
        port = chance.randrange(LOWEST, HIGHEST)
        if port not in taken and is_free(port):
            return port
    raise MachineError(f"{LOWEST}至{HIGHEST}之间没有空闲端口")


def is_free(port: int) -> bool:
    """Whether a server could bind the port on loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def claim(port: int, *, server: str) -> None:
    """Wait until the port is free: a process killed just now gives it back at once.

    Somebody else on it would look like our server, ready.
    """
    until = time.monotonic() + RELEASE_SECONDS
    while not is_free(port):
        if time.monotonic() > until:
            raise MachineError(
                f"{server}原用的端口{port}被其他程序占用："
                "请停止那个程序，或删除ports.json以另选端口"
            )
        time.sleep(POLL_SECONDS)


def answers(port: int) -> bool:
    """Whether somebody listens; a connection to itself does not count."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        try:
            probe.connect(("127.0.0.1", port))
        except OSError:
            return False
        return bool(probe.getsockname() != probe.getpeername())
