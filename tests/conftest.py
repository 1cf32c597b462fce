"""Fixtures of all tests: real servers, and where they come from."""

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from jiesuan_cluster.roles import provision_database
from jiesuan_cluster.topics import provision
from jiesuan_embedded import Machine, Servers, servers_from_environment
from jiesuan_embedded.containers import containers, engine_answers

# No test is timed: an example that took 200 ms beside others once failed.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")


def kind_of_servers() -> str:
    """Say which servers the tests will run on."""
    if servers_from_environment(os.environ) is not None:
        return "given"
    if os.environ.get("JIESUAN_TESTCONTAINERS") == "1" and engine_answers():
        return "testcontainers"
    return "embedded"


def pytest_report_header(config: pytest.Config) -> str:
    """Print which servers the connected tests run on."""
    return f"jiesuan servers: {kind_of_servers()}"


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end what a test starts: a run in the background ignores it, and so
    would its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


NEED_SERVERS = {"bare_servers", "empty_machine"}
ASIDE = [Path(__file__).parent / one for one in ("deploy", "projections")]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what needs servers, whoever asks for them, and what runs aside."""
    if any(one in item.path.parents for one in ASIDE):
        item.add_marker(pytest.mark.aside)
    if NEED_SERVERS.intersection(getattr(item, "fixturenames", ())):
        item.add_marker(pytest.mark.connected)


COUNTER = Path(__file__).parent / "connected" / "counter"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what is tested at the counter last: its processes run until the end."""
    items.sort(key=lambda item: COUNTER in item.path.parents)


FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> list[str]:
    """Lines that a test measured, printed when all have run."""
    return request.config.stash.setdefault(FIGURES, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what the tests measured."""
    for line in config.stash.get(FIGURES, []):
        terminalreporter.write_line(f"measured: {line}")


@pytest.fixture(scope="session")
def bare_servers() -> Iterator[Servers]:
    """Kafka and PostgreSQL, started once, as they come."""
    given = servers_from_environment(os.environ)
    with ExitStack() as stack:
        if given is not None:
            yield given
        elif kind_of_servers() == "testcontainers":
            yield stack.enter_context(containers())
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="jsn-"))
            machine = Machine(Path(folder))
            stack.callback(machine.stop)
            yield machine.start()


@pytest.fixture(scope="session")
def servers(bare_servers: Servers) -> Servers:
    """Kafka and PostgreSQL with topics, schema and roles."""

    async def prepare() -> None:
        await provision(bare_servers.kafka)
        await provision_database(bare_servers.pg)

    asyncio.run(prepare())
    return bare_servers


@pytest.fixture(scope="session")
def formatted() -> Iterator[Path]:
    """The folder of a machine that was started once, and holds nothing yet."""
    with tempfile.TemporaryDirectory(prefix="jsn-") as folder:
        machine = Machine(Path(folder))
        try:
            machine.start()
        finally:
            machine.stop()
        yield Path(folder)


@pytest.fixture
def empty_machine() -> Iterator[Machine]:
    """A machine of one's own that was never started."""
    with tempfile.TemporaryDirectory(prefix="jsn-") as folder:
        machine = Machine(Path(folder))
        try:
            yield machine
        finally:
            machine.stop()


@pytest.fixture
def fresh_machine(empty_machine: Machine, formatted: Path) -> Machine:
    """A machine of one's own, not started: to be killed at will.

    What a first start makes is copied to it, with whose it is.
    """
    for data in ("kafka/data", "postgres/data"):
        to = (empty_machine.data_dir / data).parent
        to.mkdir()
        subprocess.run(("cp", "-a", formatted / data, to), check=True)
    return empty_machine
