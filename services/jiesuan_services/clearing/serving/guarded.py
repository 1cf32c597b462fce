"""A guarded server of clearing: begun again when it fails, or a partition set aside.

As with deciders, a failure that is nobody's outage ends no process. The third time at
a record its partition is set aside, by name. Without a partition of the ledger the
rest goes on (a draw says that it waits); without the requests, the answers or the
entries of clearing itself nothing more is served, and the ledger is still followed.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from jiesuan_ledger.log.record import Incoming
from jiesuan_services.clearing.serving.server import ClearingServer
from jiesuan_services.decider.guarded import (
    MOST_SAID,
    OF_THE_PROCESS,
    PAUSE_SECONDS,
    TRIES,
    Aside,
)

log = structlog.get_logger()


class GuardedClearing:
    """Feeds one server, and keeps what fails in a partition of it from the others."""

    def __init__(self, server: ClearingServer) -> None:
        self.server = server
        self.aside: dict[str, Aside] = {}
        self._failed: dict[str, tuple[int, int]] = {}

    async def start(self) -> None:
        """Start the server; a partition that cannot be read is set aside."""
        await self._until_done(self.server.start)

    async def follow(self) -> None:
        """Read the ledger up to where it ends now."""
        try:
            await self.server.follow()
        except OF_THE_PROCESS:
            raise
        except Exception as wrong:  # whatever it is, it is one partition's alone
            await self._repair(wrong)

    async def serve(self, incoming: Incoming) -> bool:
        """Serve a request; whether to go on with the one that follows it."""
        if not self.server.is_serving:
            return False
        try:
            await self.server.serve(incoming)
        except OF_THE_PROCESS:
            raise
        except Exception as wrong:  # as above
            await self._repair(wrong)
            return False
        return True

    async def _repair(self, wrong: Exception) -> None:
        pause = self._count(wrong)
        await asyncio.sleep(pause)
        await self._until_done(self.server.begin_again)

    async def _until_done(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except OF_THE_PROCESS:
                raise
            except Exception as wrong:  # as above
                await asyncio.sleep(self._count(wrong))
            else:
                return

    def _count(self, wrong: Exception) -> float:
        """Count a failure, the third at a place is enough; return how long to wait."""
        partition, offset = self.server.at
        at, times = self._failed.get(partition, (offset, 0))
        times = times + 1 if at == offset else 1
        self._failed[partition] = offset, times
        kind = type(wrong).__name__
        log.error(
            "partition.failed",
            partition=partition,
            offset=offset,
            times=times,
            error=kind,
        )
        if times >= TRIES:
            reason = f"{kind}: {wrong}"[:MOST_SAID]
            self.aside[partition] = Aside(offset, reason, time.time())
            self.server.leave(partition)
            log.error("partition.aside", partition=partition, offset=offset)
        return times * PAUSE_SECONDS
