"""The pool of connections of a gateway, and the tables that it needs."""

from typing import Any, Final

import asyncpg

from jiesuan_services.gateway.store.sql import query, script

ROLE: Final = "jiesuan_gateway"
MOST_CONNECTIONS: Final = 16
CONNECT_SECONDS: Final = 3.0
COMMAND_SECONDS: Final = 5.0
MIGRATION_LOCK: Final = 4201_0068
"""Any number, the same in every process: tables are made one process at a time."""
SETTINGS: Final = {
    "search_path": "gateway, vault, jiesuan",
    "timezone": "UTC",
    "application_name": "jiesuan-gateway",
    "role": ROLE,
}

Connection = Any
"""An asyncpg connection, or a pool: both are asked in the same words."""
AWAY: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
"""What asyncpg raises when the server, not the statement, is the trouble."""


class PlainConnection(asyncpg.Connection):
    """A connection that leaves no state behind it, so that none is reset.

    An open transaction is ended all the same. Resetting is a round trip for each
    statement that is asked of the pool.
    """

    def get_reset_query(self) -> str:
        """Return nothing: no settings, cursors, locks or channels are used."""
        return ""


async def open_pool(dsn: str) -> Connection:
    """Open a pool that connects when it is first asked: the server may be away now."""
    return await asyncpg.create_pool(
        dsn,
        connection_class=PlainConnection,
        min_size=0,
        max_size=MOST_CONNECTIONS,
        timeout=CONNECT_SECONDS,
        command_timeout=COMMAND_SECONDS,
        ssl=False,
        server_settings=SETTINGS,
    )


async def migrate(dsn: str) -> None:
    """Make the tables of both schemas where they are missing; twice changes nothing.

    Roles and schemas come first (`jiesuan_cluster/roles.sql`).
    """
    connection = await asyncpg.connect(
        dsn, timeout=CONNECT_SECONDS, ssl=False, server_settings=SETTINGS
    )
    try:
        async with connection.transaction():
            await connection.execute(
                query("store", "reference", name="migration_lock"), MIGRATION_LOCK
            )
            await connection.execute(script("store", "tables"))
            await connection.execute(script("vault", "tables"))
    finally:
        await connection.close()
