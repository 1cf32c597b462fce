"""A second counter on one data directory, and how a counter says where it serves."""

import asyncio
import base64
import json
import os
import sys
from pathlib import Path

import pytest
from tests.connected.conftest import until
from tests.connected.counter.certificates import Authority
from tests.connected.counter.commands import begun
from tests.connected.counter.conftest import KEY, Site

from jiesuan_embedded.ports import free_port
from jiesuan_services.runtime.heartbeat import beats

pytestmark = pytest.mark.connected


async def test_a_second_counter_beside_the_first_speaks_for_itself(
    site: Site,
) -> None:
    """Each says of itself that it serves, under a name of its own; when the second has
    ended the first still says so. With a certificate its address is https."""
    authority = Authority("beside", site.folder)
    own = authority.issue("beside-server")
    port = free_port(set(site.ports.values()))
    env = {
        **os.environ,
        "JIESUAN_KAFKA": site.machine.servers.kafka,
        "JIESUAN_PG": site.machine.servers.pg,
        "JIESUAN_DATA": str(site.folder / "data"),
        "JIESUAN_VAULT_KEY": base64.b64encode(KEY).decode(),
        "JIESUAN_GATEWAY_CERT": own.certfile,
        "JIESUAN_GATEWAY_KEY": own.keyfile,
        "JIESUAN_GATEWAY_CA": authority.file,
    }
    second = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jiesuan_services", "gateway", "--port", str(port)),
        env=env,
        stdout=asyncio.subprocess.PIPE,
    )
    assert second.stdout is not None
    said = (await second.stdout.readline()).decode()
    assert said == f"网关 https://127.0.0.1:{port}\n"
    folder, name = site.folder / "data" / "beats", f"gateway-{port}"

    async def serves() -> bool:
        return beats(folder).get(name, {}).get("state") == "serving"

    await until(serves, seconds=60)
    assert beats(folder)["gateway"]["state"] == "serving"
    second.terminate()
    await second.wait()
    assert name not in beats(folder)
    first = json.loads((folder / "gateway.json").read_text())
    pids = {site.processes[one].pid for one in ("gateway-a", "gateway-b")}
    assert first["said_by"] in pids


async def test_a_counter_that_waits_for_its_database_says_so(
    site: Site, tmp_path: Path
) -> None:
    """Begun where no database answers, it says what it waits for and why."""
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port(set())}/jiesuan"
    own = ("gateway", "--port", str(free_port(set(site.ports.values()))))
    counter = await begun(site, *own, data=tmp_path, pg=nowhere)
    assert counter.stdout is not None
    said = ""
    async with asyncio.timeout(60):
        while "database.away" not in said:
            said = (await counter.stdout.readline()).decode()
            assert said, "it ended, and had said nothing"
    assert "ConnectionRefusedError" in said
    counter.kill()
    await counter.wait()
