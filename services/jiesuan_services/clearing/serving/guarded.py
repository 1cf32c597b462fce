"""A guarded server of clearing: begun again when it fails, or a partition set aside.

As with deciders, a failure that is nobody's outage ends no process. The third time at
a record its partition is set aside, by name. Without a partition of the ledger the
rest goes on (a draw says that it waits); without the requests, the answers or the
entries of clearing itself nothing more is served, and the ledger is still followed.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from jiesuan_ledger.log.failures import FailedPartitions
from jiesuan_ledger.log.record import Incoming
from jiesuan_services.clearing.serving.server import ClearingServer
from jiesuan_services.decider.guarded import OF_THE_PROCESS

log = structlog.get_logger()


class GuardedClearing:
    """Feeds one server, and keeps what fails in a partition of it from the others."""

    def __init__(self, server: ClearingServer) -> None:
        self.server = server
        self.failures = FailedPartitions(log.error)

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
        """Count a failure, leave a partition set aside; return how long to wait."""
        at, offset = self.server.at
        pause = self.failures.failed(at, offset, wrong=wrong)
        if at in self.failures.aside:
            self.server.leave(at)
        return pause
