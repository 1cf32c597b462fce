"""Commands as an operator gives them at a counter, and a look at its database."""

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from tests.connected.counter.conftest import KEY, Site

from jiesuan_services.gateway.store.database import SETTINGS


def text_of(key: bytes) -> str:
    """Write a key as a setting."""
    return base64.b64encode(key).decode()


async def begun(
    site: Site,
    *words: str,
    key: bytes | None = KEY,
    data: Path | None = None,
    pg: str | None = None,
) -> asyncio.subprocess.Process:
    """Start a command with a master key."""
    env = {
        **os.environ,
        "JIESUAN_KAFKA": site.machine.servers.kafka,
        "JIESUAN_PG": pg or site.machine.servers.pg,
        "JIESUAN_DATA": str(data or site.folder / "data"),
    }
    if key is not None:
        env["JIESUAN_VAULT_KEY"] = text_of(key)
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jiesuan_services", *words),
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def done(
    site: Site, *words: str, key: bytes | None = KEY, data: Path | None = None
) -> tuple[int, str]:
    """Run a command; return how it ended and what it said."""
    process = await begun(site, *words, key=key, data=data)
    said, _ = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode or 0, said.decode()


@asynccontextmanager
async def connection(site: Site) -> AsyncIterator[asyncpg.Connection]:
    """Open a connection of one's own."""
    pg = site.machine.servers.pg
    on = await asyncpg.connect(pg, ssl=False, server_settings=SETTINGS)
    try:
        yield on
    finally:
        await on.close()
