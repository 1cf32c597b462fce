"""A vendor's first hour: install the contracts alone, run what the pages show."""

import asyncio
import re
import subprocess
import sys
import venv
from collections.abc import AsyncIterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import pytest

from jiesuan_embedded import Servers
from jiesuan_ledger.genesis import create_ledger
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions, make_producer
from jiesuan_services.decider.process import run_decider
from jiesuan_services.runtime.bootstrap import now, read_settings

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
EVENTS = ROOT / "events"
README = ROOT / "README.md"
GUIDE = ROOT / "docs" / "guides" / "producers.md"
ASKED = "/medins/H42010090001:H42010090001202203010900000001"
REGISTRATIONS = ("/agency/429900:first-0", "/agency/429900:first-1")
MOST_LINES = 20
MOST_SECONDS = 300
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)

pytestmark = pytest.mark.connected


def blocks(page: Path) -> list[str]:
    """List the Python that a page shows."""
    return BLOCK.findall(page.read_text("utf-8"))


def run(
    *command: str | Path, env: dict[str, str] | None = None, cwd: Path = ROOT
) -> str:
    """Run a command to its end; what it printed."""
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        env=env,
        cwd=cwd,
        timeout=MOST_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def install(python: Path, *what: str) -> None:
    """Install from what `make setup` has downloaded already, else from the index."""
    uv = BIN / "uv"
    if not uv.exists():
        run(python, "-m", "pip", "install", "-q", *what)
        return
    base = (uv, "pip", "install", "-q", "--system-certs", "--python", python)
    try:
        run(*base, "--offline", *what)
    except AssertionError:
        run(*base, *what)


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the contracts and a Kafka client, and nothing else."""
    folder = tmp_path_factory.mktemp("vendor")
    run(
        BIN / "python",
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        folder,
        cwd=EVENTS,
    )
    venv.create(folder / "env", with_pip=not (BIN / "uv").exists())
    python = folder / "env" / "bin" / "python"
    (wheel,) = folder.glob("*.whl")
    pinned = [f"{name}=={version(name)}" for name in ("aiokafka", "pydantic")]
    install(python, str(wheel), *pinned)
    return python


@pytest.fixture
async def deciding(servers: Servers, tmp_path: Path) -> AsyncIterator[str]:
    """A ledger on real Kafka, and one decider at work."""
    log = KafkaLog(servers.kafka, producer=make_producer(servers.kafka))
    await log.start()
    count = await count_partitions(servers.kafka)
    await create_ledger(log, partitions=count, created_at=now())
    await log.stop()
    stop = asyncio.Event()
    settings = read_settings({"JIESUAN_DATA": str(tmp_path)})
    decider = asyncio.create_task(run_decider(settings, kafka=servers.kafka, stop=stop))
    yield servers.kafka
    stop.set()
    with suppress(asyncio.CancelledError):
        await decider


async def printed(python: Path, code: str, *, kafka: str) -> str:
    """Run what a page shows in the vendor's environment; what it printed."""
    env = {"JIESUAN_KAFKA": kafka, "PYTHONWARNINGS": "error"}
    return await asyncio.to_thread(run, python, "-I", "-c", code, env=env)


def test_the_readme_keeps_to_one_screen() -> None:
    """The first command stands within a screen, the first settlement is 20 lines."""
    before, _, _ = README.read_text("utf-8").partition("make setup")
    assert len(before.splitlines()) <= 24
    (code,) = blocks(README)
    assert len(code.strip().splitlines()) <= MOST_LINES


async def test_the_pages_run_as_they_stand(vendor: Path, deciding: str) -> None:
    """Registration, the README's settlement and the reading of its answer all work."""
    register, read = blocks(GUIDE)
    (settle,) = blocks(README)
    await printed(vendor, register, kafka=deciding)
    for name in REGISTRATIONS:
        assert await printed(vendor, read.replace(ASKED, name), kafka=deciding) == ""
    sent = await printed(vendor, settle, kafka=deciding)
    assert "topic='jiesuan.requests'" in sent
    answer = await printed(vendor, read, kafka=deciding)
    assert re.fullmatch(r"S[0-9A-F]+ \d+ \d+\n", answer), answer
