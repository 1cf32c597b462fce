"""What a gateway leaves behind in the database when it stands still in the middle."""

from typing import Any

import asyncpg
import pytest
from tests.connected.conftest import until
from tests.projections.conftest import new_database

from jiesuan_services.gateway.store.database import (
    AWAY,
    COMMAND_SECONDS,
    CONNECT_SECONDS,
    POOLED,
    TOGETHER,
    migrate,
    open_pool,
)

IDLE = "idle_in_transaction_session_timeout"
KEEPALIVES = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count")
PLACE = "INSERT INTO place VALUES ('H1', 'x', '420100', '1', '2', false, '[]')"
HOLD = "SELECT fixmedins_code FROM place FOR UPDATE NOWAIT"
SET = "SELECT name, setting::integer FROM pg_settings WHERE name = ANY($1::text[])"


@pytest.fixture
async def dsn(servers: Any) -> str:
    """A database of its own with the tables of a counter."""
    dsn = await new_database(servers.pg)
    await migrate(dsn)
    return dsn


async def test_who_stands_still_in_a_transaction_holds_nobody_up_for_ever(
    dsn: str,
) -> None:
    """What he had locked is free when his time is over, sooner here than there; if he
    goes on then, to him it is as if the database were away, and the next is served."""
    hasty = {**POOLED, IDLE: str(int(POOLED[IDLE]) // 100)}
    still, other = await open_pool(dsn, settings=hasty), await open_pool(dsn)
    await other.execute(PLACE)
    async with still.acquire() as db:
        await db.execute("BEGIN")
        assert await db.fetchval(HOLD) == "H1"

        async def is_free() -> bool:
            try:
                return await other.fetchval(HOLD) == "H1"
            except asyncpg.LockNotAvailableError:
                return False

        assert not await is_free()
        await until(is_free, seconds=30)
        with pytest.raises(AWAY):
            await db.fetchval(HOLD)
    assert await still.fetchval(HOLD) == "H1"
    await still.close()
    await other.close()


def test_a_transaction_that_was_ended_is_a_database_that_is_away() -> None:
    """Its sender is told to send again, whichever way the connection learns of it."""
    assert issubclass(asyncpg.IdleInTransactionSessionTimeoutError, AWAY)


@pytest.mark.parametrize("settings", [POOLED, TOGETHER])
async def test_a_gateway_is_given_longer_than_it_ever_waits(
    dsn: str, settings: dict[str, str]
) -> None:
    """In a transaction it may wait for two statements on other connections, each made
    first; where its host is gone the server finds out within two minutes."""
    pool = await open_pool(dsn, settings=settings)
    rows = await pool.fetch(SET, [IDLE, *KEEPALIVES])
    set_ = {row["name"]: row["setting"] for row in rows}
    assert 2_000 * (CONNECT_SECONDS + COMMAND_SECONDS) < set_[IDLE] <= 60_000
    idle, interval, count = (set_[name] for name in KEEPALIVES)
    assert 0 < idle + interval * count <= 120
    await pool.close()
