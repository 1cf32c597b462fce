"""Work that needs a server, done again while the server is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg
import structlog
from aiokafka.errors import KafkaError

from jiesuan_projections.engine.logs import LogUnreadable

log = structlog.get_logger()

FIRST_WAIT_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 5.0
T = TypeVar("T")
# What passes: a server that is down, restarting or refusing for now.
PASSING: Final = (
    OSError,
    TimeoutError,
    KafkaError,
    LogUnreadable,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.InternalClientError,  # a server killed in the middle of its answer
)


class Stopped(Exception):
    """The projector was asked to stop while it waited."""


async def patiently(
    work: Callable[[], Awaitable[T]], *, stop: asyncio.Event, what: str
) -> T:
    """Run work that needs a server; while it is down, retry after bounded pauses."""
    pause = FIRST_WAIT_SECONDS
    while True:
        try:
            return await work()
        except (*PASSING, asyncpg.InterfaceError) as down:
            if isinstance(down, ValueError):
                raise  # asyncpg's way to say that a value does not fit its column
            log.warning("projections.waiting", what=what, why=type(down).__name__)
        try:
            await asyncio.wait_for(stop.wait(), pause)
        except TimeoutError:
            pause = min(pause * 2, LONGEST_WAIT_SECONDS)
            continue
        raise Stopped
