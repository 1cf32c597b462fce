"""Databases of a server that was just started: made if they are not there."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import Any, TypeVar

import asyncpg

T = TypeVar("T")


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a thread of its own: the caller may have a loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def _sql(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text("utf-8")


def can_connect(dsn: str) -> bool:
    """Whether the server takes connections yet."""

    async def probe() -> bool:
        try:
            connection = await asyncpg.connect(dsn, timeout=2, ssl=False)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        await connection.close()
        return True

    return _run(probe())


def create_database(dsn: str, name: str) -> None:
    """Create a database unless it is there."""

    async def create() -> None:
        connection = await asyncpg.connect(dsn, timeout=10, ssl=False)
        try:
            if await connection.fetchval(_sql("database_is_there"), name) is None:
                quoted = '"' + name.replace('"', '""') + '"'
                await connection.execute(_sql("create_database").format(name=quoted))
        finally:
            await connection.close()

    _run(create())
