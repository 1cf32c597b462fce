"""A rebuild gives way: while the running projection is behind, that one goes first."""

import asyncio
import time
from typing import Final

from aiokafka import TopicPartition

from jiesuan_ledger.log.fetch.consumer import LogConsumer
from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.positions import read_positions

WAITS: Final = 40
"""So many times as long as it worked a rebuild waits at most, for both of its readers
together: it takes a twentieth of what the other has, and always ends."""
LOOK_SECONDS: Final = 0.1
STILL_SECONDS: Final = 10.0
"""Tables that have not moved for so long are nobody's that could be in the way."""
BEHIND: Final = 10_000
"""Records by which a running projection may be behind: a batch or two of its own."""


class GivingWay:
    """Waits between batches while the live tables are behind the log, and moving."""

    def __init__(self, live: Connection, topic: str) -> None:
        self._live = live
        self._topic = topic
        self._lock = asyncio.Lock()
        self._seen = -1
        self._moved_at = self._resumed_at = time.monotonic()

    async def give(self, reader: LogConsumer) -> None:
        """Return when the rebuild may go on; all of its readers wait together."""
        async with self._lock:
            now = time.monotonic()
            deadline = now + WAITS * (now - self._resumed_at)
            while await self._is_in_the_way(reader):
                if time.monotonic() > deadline:
                    break
                await asyncio.sleep(LOOK_SECONDS)
            self._resumed_at = time.monotonic()

    async def _is_in_the_way(self, reader: LogConsumer) -> bool:
        have = await read_positions(self._live, self._topic)
        seen = sum(have.values()) + len(have)
        if seen != self._seen:
            self._seen, self._moved_at = seen, time.monotonic()
        elif time.monotonic() - self._moved_at > STILL_SECONDS:
            return False
        places = [TopicPartition(self._topic, number) for number in have]
        ends: dict[TopicPartition, int] = await reader.end_offsets(places)
        return sum(ends.values()) - seen > BEHIND
