"""A guarded partition: it is decided, begun again when it fails, or set aside.

A failure that is nobody's outage (a record that the law falls over, a store that does
not write) ends no process: what is in memory is forgotten and read again from the log.
At the third time at the same request the partition is set aside, by name, and the
others go on.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog
from aiokafka.errors import KafkaError

from jiesuan_domain.policy.document import PackError
from jiesuan_events.words.topics import REQUESTS
from jiesuan_ledger.genesis import LedgerRefused
from jiesuan_ledger.log.failures import FailedPartitions
from jiesuan_ledger.log.fetch.slow import Halt
from jiesuan_ledger.log.record import Incoming
from jiesuan_services.decider.partition import PartitionDecider

OF_THE_PROCESS: Final = (KafkaError, OSError, LedgerRefused, PackError)
"""What concerns all partitions: a broker that is away, a ledger that is refused."""

log = structlog.get_logger()


class GuardedPartition:
    """Feeds one decider, and keeps what fails in it from the others."""

    def __init__(self, decider: PartitionDecider) -> None:
        self.decider = decider
        self.moved_at = time.time()
        self._failures = FailedPartitions(log.error)
        self._pause = 0.0
        self._seen = -1
        self._careful_to = 0
        self._repairing = asyncio.Lock()

    @property
    def aside(self) -> Halt | None:
        """Where the partition was set aside, and why; None while it goes on."""
        return self._failures.aside.get((REQUESTS, self.decider.partition))

    def look(self) -> None:
        """Note when the partition moved last."""
        if self.decider.answered != self._seen:
            self._seen = self.decider.answered
            self.moved_at = time.time()

    async def start(self) -> None:
        """Start the decider; one that cannot start is set aside."""
        await self._try(self.decider.start)

    async def take(self, requests: Sequence[Incoming]) -> None:
        """Offer requests; one by one where one of them failed before."""
        is_careful = requests[0].offset < self._careful_to
        lots = [[one] for one in requests] if is_careful else [requests]
        for lot in lots:
            if self.aside or self._repairing.locked() or self.decider.must_rewind:
                return
            try:
                await self.decider.take(lot)
            except OF_THE_PROCESS:
                raise
            except Exception as wrong:  # whatever it is, it is this partition's alone
                self._careful_to = max(self._careful_to, lot[-1].offset + 1)
                await self._repair(wrong)

    def passed(self, offset: int) -> None:
        """Note that nothing to decide stands before an offset."""
        if not (self.aside or self._repairing.locked()):
            self.decider.passed(offset)

    async def finish(self) -> None:
        """Finish what is taken, for ever, through whatever fails."""
        while self.aside is None:
            try:
                await self.decider.finish()
            except OF_THE_PROCESS:
                raise
            except Exception as wrong:  # whatever it is, it is this partition's alone
                self._careful_to = max(self._careful_to, self.decider.position)
                await self._repair(wrong)
        await asyncio.Event().wait()

    async def settle(self) -> None:
        """Wait until nothing is on its way."""
        if self.aside is None:
            await self.decider.settle()

    async def _repair(self, wrong: Exception) -> None:
        async with self._repairing:
            self._count(wrong)
            await self._try(self.decider.begin_again)

    async def _try(self, work: Callable[[], Awaitable[None]]) -> None:
        while self.aside is None:
            await asyncio.sleep(self._pause)
            try:
                await work()
            except OF_THE_PROCESS:
                raise
            except Exception as wrong:  # as above
                self._count(wrong)
            else:
                return

    def _count(self, wrong: Exception) -> None:
        at = (REQUESTS, self.decider.partition)
        self._pause = self._failures.failed(at, self.decider.answered, wrong=wrong)
