"""A rebuild gives way: while the running projection is behind, that one goes first."""

import asyncio
import time
from typing import Final

from aiokafka import TopicPartition

from jiesuan_ledger.log.fetch.consumer import LogConsumer
from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.positions import read_positions

WORK_SECONDS: Final = 0.05
"""How long a rebuild works before it looks again whether it is in the way."""
WAIT_SECONDS: Final = 1.5
"""How long it waits at most: it takes a thirtieth of the time, and always ends."""
LOOK_SECONDS: Final = 0.1
BEHIND: Final = 2_000
"""Records by which a running projection may be behind: a batch or two of its own."""


class GivingWay:
    """Waits between batches while the live tables are behind the log, and moving.

    Tables that stand still are nobody's that could be in the way.
    """

    def __init__(self, live: Connection, topic: str) -> None:
        self._live = live
        self._topic = topic
        self._lock = asyncio.Lock()
        self._seen = -1
        self._until = 0.0

    async def give(self, reader: LogConsumer) -> None:
        """Return when the rebuild may go on; all of its readers wait together."""
        async with self._lock:
            if time.monotonic() < self._until:
                return
            deadline = time.monotonic() + WAIT_SECONDS
            while await self._is_in_the_way(reader):
                if time.monotonic() > deadline:
                    break
                await asyncio.sleep(LOOK_SECONDS)
            self._until = time.monotonic() + WORK_SECONDS

    async def _is_in_the_way(self, reader: LogConsumer) -> bool:
        have = await read_positions(self._live, self._topic)
        seen = sum(have.values()) + len(have)
        has_moved, self._seen = seen != self._seen, seen
        if not has_moved:
            return False
        places = [TopicPartition(self._topic, number) for number in have]
        ends: dict[TopicPartition, int] = await reader.end_offsets(places)
        return sum(ends.values()) - seen > BEHIND
