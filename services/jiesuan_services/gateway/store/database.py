"""The pool of connections of a gateway, and the tables that it needs."""

import asyncio
from typing import Any, Final

import asyncpg

from jiesuan_services.gateway.store.sql import query, script

ROLE: Final = "jiesuan_gateway"
MOST_CONNECTIONS: Final = 16
CONNECT_SECONDS: Final = 3.0
COMMAND_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 30.0
"""Longer than any wait inside a transaction: two statements on other connections, each
made first, are 16 seconds at most."""
MIGRATION_LOCK: Final = 4201_0068
"""Any number, the same in every process: tables are made one process at a time."""
SETTINGS: Final = {
    "search_path": "gateway, vault, jiesuan",
    "timezone": "UTC",
    "application_name": "jiesuan-gateway",
    "role": ROLE,
}
POOLED: Final = {
    **SETTINGS,
    # What a gateway that was stopped had locked keeps others out no longer. One that
    # lives waits in a transaction for statements, and three seconds for Kafka.
    "idle_in_transaction_session_timeout": str(round(IDLE_SECONDS * 1000)),
    # One whose host is gone says nothing at all: the system's own clock has two hours.
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
"""Of a gateway's connections. A command may read a file in a transaction for longer."""
TOGETHER: Final = {
    **POOLED,
    # Questions about some rows of large tables, always the same: they are planned once,
    # by their indexes, whatever the tables held then.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}

Connection = Any
"""An asyncpg connection, or a pool: both are asked in the same words."""
AWAY: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    # A transaction is rolled back on a connection that broke in the middle of it.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    # It stood still in a transaction, and was ended.
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InsufficientResourcesError,
)
"""What asyncpg raises when the server, not the statement, is the trouble."""


class LentConnection:
    """A connection for the length of a block; thrown away if it is not whole after it.

    An error in a question, or a question given up, may leave a connection anywhere.
    """

    def __init__(self, pool: "ConnectionPool") -> None:
        self._pool = pool
        self._lent: Connection = None

    async def __aenter__(self) -> Connection:
        self._lent = await self._pool.take()
        return self._lent

    async def __aexit__(self, _: Any, wrong: BaseException | None, __: Any) -> None:
        spoils = isinstance(wrong, asyncpg.PostgresError | asyncio.CancelledError)
        lent = self._lent
        is_whole = not (spoils or isinstance(wrong, AWAY) or lent.is_in_transaction())
        self._pool.give_back(lent, is_whole=is_whole)


class ConnectionPool:
    """Connections that are kept open, lent one by one, and made when first needed.

    They leave no state behind them: no settings, cursors, locks or channels are used,
    so that none is reset, which would be a round trip for each question. Lending is on
    the way of every question: it costs a list and a counter.
    """

    def __init__(self, dsn: str, settings: dict[str, str]) -> None:
        self._dsn = dsn
        self._settings = settings
        self._idle: list[Connection] = []
        self._room = asyncio.Semaphore(MOST_CONNECTIONS)

    def acquire(self) -> LentConnection:
        """Lend a connection for a block."""
        return LentConnection(self)

    async def take(self) -> Connection:
        """Take a connection, the one used last first; at most so many at once."""
        await self._room.acquire()
        try:
            while self._idle:
                kept = self._idle.pop()
                if not kept.is_closed():
                    return kept
            return await connect(
                self._dsn, settings=self._settings, command_timeout=COMMAND_SECONDS
            )
        except BaseException:
            self._room.release()
            raise

    def give_back(self, lent: Connection, *, is_whole: bool) -> None:
        """Keep a connection for the next, or throw it away."""
        if is_whole and not lent.is_closed():
            self._idle.append(lent)
        else:
            lent.terminate()
        self._room.release()

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        """Ask for rows."""
        async with LentConnection(self) as db:
            rows: list[Any] = await db.fetch(statement, *values)
            return rows

    async def fetchrow(self, statement: str, *values: Any) -> Any:
        """Ask for one row, or None."""
        async with LentConnection(self) as db:
            return await db.fetchrow(statement, *values)

    async def fetchval(self, statement: str, *values: Any) -> Any:
        """Ask for one value, or None."""
        async with LentConnection(self) as db:
            return await db.fetchval(statement, *values)

    async def execute(self, statement: str, *values: Any) -> str:
        """Do something."""
        async with LentConnection(self) as db:
            done: str = await db.execute(statement, *values)
            return done

    async def close(self) -> None:
        """End the connections that nobody uses."""
        while self._idle:
            await self._idle.pop().close()

    def terminate(self) -> None:
        """Break the connections that nobody uses."""
        while self._idle:
            self._idle.pop().terminate()


async def connect(
    dsn: str,
    *,
    settings: dict[str, str] = SETTINGS,
    command_timeout: float | None = None,
) -> Connection:
    """Open one connection with the counter's role and settings."""
    return await asyncpg.connect(
        dsn,
        timeout=CONNECT_SECONDS,
        command_timeout=command_timeout,
        ssl=False,
        server_settings=settings,
    )


async def open_pool(dsn: str, *, settings: dict[str, str] = POOLED) -> ConnectionPool:
    """Open a pool that connects when it is first asked: the server may be away now."""
    return ConnectionPool(dsn, settings)


async def migrate(dsn: str) -> None:
    """Make the tables of both schemas where they are missing; twice changes nothing.

    Roles and schemas come first (`jiesuan_cluster/roles.sql`).
    """
    connection = await connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(
                query("store", "reference", name="migration_lock"), MIGRATION_LOCK
            )
            await connection.execute(script("store", "tables"))
            await connection.execute(script("vault", "tables"))
    finally:
        await connection.close()
