"""One log as a projector follows it: batch by batch, each partition for itself."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, NamedTuple

import structlog
from aiokafka.errors import KafkaError
from faststream.kafka.subscriber.usecase import BatchSubscriber

from jiesuan_events.words.topics import ANSWERS, DEAD_LETTERS
from jiesuan_ledger.genesis import LedgerRefused
from jiesuan_ledger.log.failures import FailedPartitions
from jiesuan_ledger.log.fetch.slow import Halt
from jiesuan_projections.engine import messaging
from jiesuan_projections.engine.checks.shape import Reshaped
from jiesuan_projections.engine.follower import Applied, Follower
from jiesuan_projections.engine.following.patience import Stopped, patiently
from jiesuan_projections.engine.following.standstill import Standstill
from jiesuan_projections.engine.model import Connection, LogRecord
from jiesuan_projections.engine.tables.database import connect
from jiesuan_projections.engine.tables.sql import engine

OF_THE_PROCESS: Final = (LedgerRefused, Reshaped)
"""What concerns every partition: a ledger or tables that are refused."""


HINTLESS_SECONDS: Final = 30.0
"""How long no hint is given after one that was not taken: each may take its time."""


class Rest(NamedTuple):
    """How long a follower rests after a batch of few records, so that more gather."""

    few: int
    seconds: float


AWAITED: Final = Rest(200, 0.02)
"""A batch of fewer costs nearly as much as one of so many."""
UNAWAITED: Final = Rest(1_000, 0.1)
"""Nobody waits for a refusal or a letter to be seen, as for what was entered."""

log = structlog.get_logger()


@dataclass(slots=True)
class LogFollower:
    """One log being followed: its follower, its subscriber and its connection."""

    dsn: str
    topic: str
    partitions: tuple[int, ...]
    follower: Follower
    stop: asyncio.Event
    failed: asyncio.Future[None]
    failures: FailedPartitions
    subscriber: BatchSubscriber | None = None
    connection: Connection | None = None
    left_at: dict[int, int] = field(default_factory=dict)
    """The offset after what was applied here, of each partition."""
    hint_from: float = 0.0
    """When a hint may be given again."""
    is_applying: bool = False
    """Whether a batch is in hand, which may wait for PostgreSQL."""
    standstill: Standstill = field(init=False)

    def __post_init__(self) -> None:
        self.standstill = Standstill(self.topic)

    async def connected(self) -> Connection:
        """Return the connection of this log, a new one if the old is closed."""
        if self.connection is None or self.connection.is_closed():
            self.connection = await connect(self.dsn)
            # A crash takes rows and checkpoint together: `read_again` finds it.
            await self.connection.execute(engine("hasty"))
        return self.connection

    def standing(self) -> dict[str, Halt]:
        """Return which partitions stand: set aside, or before a broken batch."""
        found = {} if self.subscriber is None else messaging.halts(self.subscriber)
        halts = {f"{self.topic}/{partition}": one for partition, one in found.items()}
        return halts | self.failures.standing()

    def read_again(self, left: Mapping[int, int], positions: Mapping[int, int]) -> None:
        """Read again what PostgreSQL lost when it died: nothing new need come for it.

        ``left`` is `left_at` as it was before the checkpoints were read.
        """
        lost = {
            partition: now
            for partition, at in left.items()
            if (now := positions.get(partition, -1) + 1) < at
        }
        if not lost or self.stop.is_set():
            return
        log.warning("projections.lost-by-a-crash", topic=self.topic, read_again=lost)
        assert self.subscriber is not None, "what was applied came from a subscriber"
        self.left_at.update(lost)
        messaging.seek(self.subscriber, self.topic, to=lost)

    def read_on(self, positions: Mapping[int, int], *, ends: Mapping[int, int]) -> None:
        """Read again where the log goes on, and nothing of it has come for long."""
        subscriber = self.subscriber
        if subscriber is None or subscriber.consumer is None or self.stop.is_set():
            return
        after = {partition: positions.get(partition, -1) + 1 for partition in ends}
        standing = self.standing()
        waited_for = {
            partition: offset
            for partition, offset in after.items()
            if offset < ends[partition] and f"{self.topic}/{partition}" not in standing
        }
        again = self.standstill.look(waited_for, is_busy=self.is_applying)
        if again:
            log.warning("projections.read-again", topic=self.topic, read_again=again)
            messaging.seek(subscriber, self.topic, to=again)

    async def handle(self, records: Sequence[LogRecord]) -> None:
        """Apply a batch from the subscriber; what is refused here ends the process."""
        try:
            await self._handle(records)
        except Stopped:
            return
        except Exception as wrong:
            # FastStream would swallow it and go on with the next batch.
            if not self.failed.done():
                self.failed.set_exception(wrong)

    async def _handle(self, records: Sequence[LogRecord]) -> None:
        if self.failed.done() or self.stop.is_set():
            return
        aside = self.failures.aside
        fresh = [one for one in records if (self.topic, one.partition) not in aside]
        if not fresh:
            return
        self.is_applying = True
        try:
            await self._apply_all(fresh)
        finally:
            self.is_applying = False
        rest = UNAWAITED if self.topic in (ANSWERS, DEAD_LETTERS) else AWAITED
        if len(fresh) < rest.few:
            await asyncio.sleep(rest.seconds)

    async def _apply_all(self, fresh: Sequence[LogRecord]) -> None:
        """Apply records at once; where they fail, partition by partition."""
        try:
            await self._apply(fresh)
        except (Stopped, *OF_THE_PROCESS):
            raise
        except Exception as wrong:  # whatever it is, it is one partition's alone
            log.error("projections.apart", topic=self.topic, error=type(wrong).__name__)
            for partition in sorted({one.partition for one in fresh}):
                its = [one for one in fresh if one.partition == partition]
                await self._apply_carefully(partition, its)

    async def _apply_carefully(
        self, partition: int, records: Sequence[LogRecord]
    ) -> None:
        """Apply records of a partition one by one; set it aside where one fails."""
        at = self.topic, partition
        for one in records:
            while True:
                try:
                    await self._apply([one])
                except (Stopped, *OF_THE_PROCESS):
                    raise
                except Exception as wrong:  # as above
                    pause = self.failures.failed(at, one.offset, wrong=wrong)
                else:
                    break
                if at in self.failures.aside:
                    assert self.subscriber is not None
                    messaging.pause(self.subscriber, self.topic, partition=partition)
                    return
                await asyncio.sleep(pause)

    async def _apply(self, records: Sequence[LogRecord]) -> None:
        began = time.perf_counter()

        async def once() -> Applied:
            return await self.follower.apply(await self.connected(), records)

        applied = await patiently(once, stop=self.stop, what=self.topic)
        assert self.subscriber is not None, "batches come from a subscriber"
        if applied.gaps:
            messaging.seek(self.subscriber, self.topic, to=applied.gaps)
        after = {record.partition: record.offset + 1 for record in records}
        after.update(applied.gaps)
        self.left_at.update(after)
        await self._acknowledge(after)
        log.info(
            "projections.batch",
            topic=self.topic,
            records=applied.records,
            forks=applied.forks,
            reread=sorted(applied.gaps),
            seconds=round(time.perf_counter() - began, 4),
        )

    async def _acknowledge(self, after: Mapping[int, int]) -> None:
        assert self.subscriber is not None
        if time.monotonic() < self.hint_from:
            return
        try:
            await messaging.acknowledge(self.subscriber, self.topic, following=after)
        except (KafkaError, TimeoutError) as refused:
            # A hint that was not taken: the checkpoint is in PostgreSQL already.
            self.hint_from = time.monotonic() + HINTLESS_SECONDS
            log.warning("projections.hint-lost", why=type(refused).__name__)

    async def close(self) -> None:
        """Close the connection."""
        if self.connection is not None and not self.connection.is_closed():
            await self.connection.close()


@dataclass(slots=True)
class Followed:
    """What a projector that runs can say of itself."""

    lines: Sequence[LogFollower] = ()

    def standing(self) -> dict[str, dict[str, Any]]:
        """Return the partitions that stand, as topic/partition: where and why."""
        found = [each for line in self.lines for each in line.standing().items()]
        return {place: asdict(one) for place, one in found}
