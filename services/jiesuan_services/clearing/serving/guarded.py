"""A guarded server of clearing: begun again when it fails, or a partition set aside.

As with deciders, a failure that is nobody's outage ends no process. The third time at
a record its partition is set aside, by name. Without a partition of the ledger the
rest goes on (a draw says that it waits); without the requests, the answers or the
entries of clearing itself nothing more is served, and the ledger is still followed.

What does not read is no failure of ours, and is waited for: a partition of the ledger
is asked for again after a while, by itself; for anything else the process waits.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from msgspec import Struct

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.failures import FailedPartitions, LogPartition, halt_of
from jiesuan_ledger.log.fetch.slow import Halt
from jiesuan_ledger.log.port import LogError
from jiesuan_ledger.log.record import Incoming
from jiesuan_services.clearing.serving.server import ClearingServer
from jiesuan_services.decider.guarded import OF_THE_PROCESS

TRY_AGAIN_SECONDS: Final = 5.0
"""How long a partition that does not read is left alone."""

log = structlog.get_logger()


class _Unread(Struct):
    """Where a partition does not read, and when it is tried again."""

    halt: Halt
    try_at: float


class GuardedClearing:
    """Feeds one server, and keeps what fails in a partition of it from the others."""

    def __init__(self, server: ClearingServer) -> None:
        self.server = server
        self._failures = FailedPartitions(log.error)
        self._unread: dict[LogPartition, _Unread] = {}

    def standing(self) -> dict[str, Halt]:
        """Return what is set aside and what does not read, as topic/partition."""
        unread = {
            f"{topic}/{number}": one.halt
            for (topic, number), one in self._unread.items()
        }
        return unread | self._failures.standing()

    async def start(self) -> None:
        """Start the server; raise LogError if it needs what does not read."""
        await self._until_done(self.server.start)

    async def follow(self) -> None:
        """Read the ledger up to where it ends now, and what did not read if it is time.

        Raises LogError if something else than the ledger does not read.
        """
        due = [at for at, one in self._unread.items() if one.try_at <= time.monotonic()]
        for _, partition in due:
            self.server.take_up(partition)
        tries = {at: self._unread[at].try_at for at in due}
        try:
            await self.server.follow()
        except OF_THE_PROCESS:
            raise
        except Exception as wrong:  # whatever it is, it is one partition's alone
            await self._repair(wrong)
        for at, tried in tries.items():
            if self._unread[at].try_at == tried:
                del self._unread[at]

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
        if isinstance(wrong, LogError):
            self._leave_for_now(at, offset, wrong=wrong)
            return 0.0
        pause = self._failures.failed(at, offset, wrong=wrong)
        if at in self._failures.aside:
            self.server.leave(at)
        return pause

    def _leave_for_now(self, at: LogPartition, offset: int, *, wrong: LogError) -> None:
        """Leave a partition of the ledger until it is tried again, or raise.

        What is left already is asked for by a start that cannot do without it.
        """
        topic, partition = at
        if topic != LEDGER or self.server.has_left(partition):
            raise wrong
        log.warning("clearing.unread", partition=partition, offset=offset)
        known = self._unread.get(at)
        halt = halt_of(wrong, offset) if known is None else known.halt
        try_at = time.monotonic() + TRY_AGAIN_SECONDS
        self._unread[at] = _Unread(halt, try_at)
        self.server.leave(at)
