"""Requests one by one at a steady rate, as at a counter, and how long each waits."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import TopicPartition

from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import ANSWERS, REQUESTS
from jiesuan_ledger.log.kafka import KafkaLog, make_consumer, record_of
from jiesuan_ledger.log.port import Pending
from jiesuan_ledger.log.record import Record
from jiesuan_services.client.sending import NoAnswer, to_record
from jiesuan_services.demo.town.messages import Message

WAIT_SECONDS: Final = 60.0
POLL_MS: Final = 200


@dataclass(slots=True)
class Window:
    """Sends at a rate and times every answer, from before sending to having it."""

    kafka: str
    log: KafkaLog
    partitions: int
    progress: Callable[[int, int], None]
    answers: list[Record | None] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    _waiting: dict[bytes | None, deque[tuple[float, int]]] = field(
        default_factory=lambda: defaultdict(deque)
    )

    async def serve(self, messages: Sequence[Message], rate: int) -> list[Record]:
        """Send so many a second; give the answers in the order of the messages."""
        self.answers = [None] * len(messages)
        consumer = make_consumer(self.kafka)
        places = [TopicPartition(ANSWERS, one) for one in range(self.partitions)]
        await consumer.start()
        try:
            consumer.assign(places)
            for place, end in (await consumer.end_offsets(places)).items():
                consumer.seek(place, end)
            hearing = asyncio.create_task(self._hear(consumer, len(messages)))
            await self._speak(messages, rate)
            await hearing
        finally:
            await consumer.stop()
        return [answer for answer in self.answers if answer is not None]

    async def _speak(self, messages: Sequence[Message], rate: int) -> None:
        pending: list[Pending] = []
        began = time.perf_counter()
        for number, message in enumerate(messages):
            await asyncio.sleep(began + number / rate - time.perf_counter())
            name = f"{message['source']}:{message['id']}".encode()
            self._waiting[name].append((time.perf_counter(), number))
            partition = partition_of(message["subject"], self.partitions)
            record = to_record(message)
            pending.append(await self.log.append(REQUESTS, partition, [record]))
        for one in pending:
            await one.done()

    async def _hear(self, consumer: Any, total: int) -> None:
        until = time.monotonic() + WAIT_SECONDS
        while len(self.seconds) < total:
            got = await consumer.getmany(timeout_ms=POLL_MS)
            arrived = time.perf_counter()
            for messages in got.values():
                for message in messages:
                    self._take(record_of(message), arrived)
            if got:
                until = time.monotonic() + WAIT_SECONDS
                self.progress(len(self.seconds), total)
            elif time.monotonic() > until:
                raise NoAnswer(
                    f"{WAIT_SECONDS:.0f}秒后仍有{total - len(self.seconds)}条请求"
                    "没有应答，见jiesuan status"
                )

    def _take(self, record: Record, arrived: float) -> None:
        waiting = self._waiting.get(dict(record.headers).get("ce_id"))
        if waiting:
            sent, number = waiting.popleft()
            self.answers[number] = record
            self.seconds.append(arrived - sent)
