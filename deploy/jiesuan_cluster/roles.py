"""The schema and the roles of the read models: made if they are not there."""

from importlib.resources import files

import asyncpg


def roles_sql() -> str:
    """Read the statements that make the roles."""
    return (files("jiesuan_cluster") / "roles.sql").read_text()


async def provision_database(dsn: str) -> None:
    """Make schema and roles, idempotently."""
    connection = await asyncpg.connect(dsn, timeout=10, ssl=False)
    try:
        await connection.execute(roles_sql())
    finally:
        await connection.close()
