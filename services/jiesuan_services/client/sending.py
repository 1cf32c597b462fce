"""Send requests to Kafka and collect their answers, for `submit` and the demo."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from jiesuan_events.clearing.requests import CLEARING_REQUEST_TYPES
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.requests import REFERENCE_TYPES
from jiesuan_events.words.topics import (
    ANSWERS,
    CLEARING,
    CLEARING_REQUESTS,
    REQUESTS,
)
from jiesuan_ledger.clearing.reader import CLEARING_PARTITION
from jiesuan_ledger.log.kafka import KafkaLog
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.ours import StrangerReason, accept_answer

WAIT_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.02
SEND_AT_ONCE: Final = 2_000


class NoAnswer(RuntimeError):
    """Requests whose answers did not come in time."""


@dataclass(slots=True)
class Mailbox:
    """Reads the answers that come after it was opened."""

    log: KafkaLog
    partitions: int
    positions: dict[int, int] = field(default_factory=dict)
    found: dict[str, Record] = field(default_factory=dict)

    async def open(self) -> None:
        """Note where the answers end now: ours come after."""
        for partition in range(self.partitions):
            self.positions[partition] = await self.log.end_offset(ANSWERS, partition)

    async def collect(self) -> int:
        """Take in what has come since; give how many."""
        count = 0
        for partition, position in self.positions.items():
            end = await self.log.end_offset(ANSWERS, partition)
            if end == position:
                continue
            read = self.log.read(ANSWERS, partition, start=position, stop=end)
            async for batch in read:
                count += sum(self._take(one.record, partition) for one in batch)
            self.positions[partition] = end
        return count

    def _take(self, record: Record, partition: int) -> bool:
        """Keep an answer; of several to one request the first is the answer."""
        answer = accept_answer(record, partition)
        if isinstance(answer, StrangerReason):
            return False
        place = f"{answer.topic}/{partition}/{answer.request}"
        self.found.setdefault(place, record)
        return True


def to_record(message: dict[str, Any]) -> Record:
    """Turn a structured message into a record in binary mode; null reads as absent."""
    headers = [
        (f"ce_{name}", str(value).encode())
        for name, value in message.items()
        if name not in ("data", "datacontenttype") and value is not None
    ]
    headers.append(("content-type", b"application/json"))
    return Record(message["subject"].encode(), orjson.dumps(message["data"]), headers)


def kind_of(message: dict[str, Any]) -> str:
    """Return what is answered before what comes after it is sent."""
    if message["type"] in REFERENCE_TYPES:
        return "reference"
    return CLEARING if message["type"] in CLEARING_REQUEST_TYPES else REQUESTS


class Sender:
    """Sends messages in order; where their kind changes, what went before is awaited.

    A reference message must be known before a bill, and a bill before its month.
    """

    def __init__(
        self, log: KafkaLog, *, partitions: int, progress: Callable[[int, int], None]
    ) -> None:
        self._log = log
        self._partitions = partitions
        self._progress = progress
        self.mailbox = Mailbox(log, partitions)

    async def send(self, messages: Sequence[dict[str, Any]]) -> list[Record]:
        """Send every message and wait for every answer; answers in the same order."""
        await self.mailbox.open()
        places: list[str] = []
        run: list[dict[str, Any]] = []
        for message in messages:
            if run and kind_of(message) != kind_of(run[0]):
                places += await self._run(run, places)
                run = []
            run.append(message)
        places += await self._run(run, places)
        await self._wait(places, total=len(messages))
        return [self.mailbox.found[place] for place in places]

    async def _run(self, run: list[dict[str, Any]], before: list[str]) -> list[str]:
        """Send messages of one kind; what was sent before has been answered."""
        await self._wait(before, total=len(before))
        places: list[str] = []
        for at in range(0, len(run), SEND_AT_ONCE):
            places += await self._send(run[at : at + SEND_AT_ONCE])
        return places

    async def _send(self, messages: list[dict[str, Any]]) -> list[str]:
        by_place: dict[tuple[str, int], list[int]] = {}
        records = [to_record(message) for message in messages]
        for number, message in enumerate(messages):
            by_place.setdefault(self._place(message), []).append(number)
        places = [""] * len(messages)
        for (topic, partition), numbers in by_place.items():
            pending = await self._log.append(
                topic, partition, [records[number] for number in numbers]
            )
            offsets = [
                base + index
                for base, count in (await pending.done()).batches
                for index in range(count)
            ]
            for number, offset in zip(numbers, offsets, strict=True):
                places[number] = f"{topic}/{partition}/{offset}"
        return places

    def _place(self, message: dict[str, Any]) -> tuple[str, int]:
        """Return where a message goes: months have a topic of one partition."""
        if kind_of(message) == CLEARING:
            return CLEARING_REQUESTS, CLEARING_PARTITION
        return REQUESTS, partition_of(message["subject"], self._partitions)

    async def _wait(self, places: list[str], *, total: int) -> None:
        until = time.monotonic() + WAIT_SECONDS
        missing = [place for place in places if place not in self.mailbox.found]
        while missing:
            if await self.mailbox.collect():
                until = time.monotonic() + WAIT_SECONDS
            found = self.mailbox.found
            missing = [place for place in missing if place not in found]
            self._progress(len(places) - len(missing), total)
            if missing and time.monotonic() > until:
                raise NoAnswer(
                    f"{WAIT_SECONDS:.0f}秒后仍有{len(missing)}条请求没有应答，"
                    "见jiesuan status"
                )
            if missing:
                await asyncio.sleep(POLL_SECONDS)


def answer_line(record: Record) -> str:
    """Render an answer read from Kafka as a line of structured JSON."""
    headers = {name: (value or b"").decode() for name, value in record.headers}
    envelope = {
        "specversion": "1.0",
        "type": headers["ce_type"],
        "source": headers["ce_source"],
        "id": headers["ce_id"] or None,
        "subject": headers["ce_subject"] or None,
        "time": headers["ce_time"] or None,
        "data": orjson.Fragment(record.value or b"null"),
    }
    return orjson.dumps(envelope).decode()
