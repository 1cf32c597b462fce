"""The database and its roles: made if they are not there."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

T = TypeVar("T")


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a thread of its own: the caller may have a loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def can_connect(dsn: str) -> bool:
    """Tell whether the server takes connections yet."""

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
            found = await connection.fetchval(
                "SELECT 1 FROM pg_database WHERE datname = $1", name
            )
            if found is None:
                await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()

    _run(create())


def roles_sql() -> str:
    """Read the statements that make the roles."""
    packaged = files("jiesuan_embedded") / "roles.sql"
    if packaged.is_file():
        return packaged.read_text()
    return (Path(__file__).parent.parent / "sql" / "roles.sql").read_text()


async def provision_database(dsn: str) -> None:
    """Make schema and roles, idempotently."""
    connection = await asyncpg.connect(dsn, timeout=10, ssl=False)
    try:
        await connection.execute(roles_sql())
    finally:
        await connection.close()
