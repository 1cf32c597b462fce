"""The one reader of Kafka: aiokafka's, which whatever lies in a batch cannot stop.

What fails in a fetch is fetched again as bytes and handed out record by record, until
the partition is past it. A batch whose checksum is wrong is not passed: its partition
stands, by name, and is tried again; the others go on.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.protocol.fetch import FetchRequest

from jiesuan_ledger.log.fetch.batches import vetted
from jiesuan_ledger.log.fetch.slow import (
    OUT_OF_RANGE,
    Halt,
    SlowReader,
    markers_between,
)
from jiesuan_ledger.log.fetch.unpacking import UNPACKING

SILENT_SECONDS: Final = 2.0
"""How long a broker may give nothing of what it has: others may be served first."""
HEAR_SECONDS: Final = 1.0
"""How long a broker may take to say what it knows of a topic."""
Got = dict[TopicPartition, list[Any]]
Places = Collection[TopicPartition]
Offsets = dict[TopicPartition, int]


class LogConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no types
    """Reads partitions that were assigned by hand, each sought to an offset.

    Of ``whole`` topics each offset of a batch without a record is handed out as a mark,
    so that offsets follow each other without a hole unless records are missing. What
    ``starts`` says of a partition is where it is sought to when it is assigned: a
    reader with a group would wait for its coordinator to say that. Who waits for
    records at all waits for at least ``patience_ms``: one that comes ends it at once.
    """

    def __init__(
        self,
        *,
        whole: Collection[str] = (),
        starts: Mapping[TopicPartition, int] | None = None,
        patience_ms: int = 0,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self._starts = starts or {}
        self._whole = frozenset(whole)
        self._patience_ms = patience_ms
        self._is_committed = settings.get("isolation_level") == "read_committed"
        self._slow: dict[TopicPartition, SlowReader] = {}
        self._next: dict[TopicPartition, int] = {}
        self._seeks: Counter[TopicPartition] = Counter()
        """How often each was sought: another task may, while a fetch is awaited."""
        self._silent: dict[TopicPartition, float] = {}
        self._refused: dict[TopicPartition, Exception] = {}
        """What is to be raised of a partition, when what came of others is out."""
        self._out_of_range: Counter[TopicPartition] = Counter()
        """How often each was: aiokafka then goes on elsewhere, if it may."""
        self._turn = 0
        self._unreadable = 0
        # aiokafka lends no place between broker and unpacking but its client.
        self._send_unvetted = self._client.send
        self._client.send = self._send_vetted

    async def _send_vetted(self, node: int, request: Any, **how: Any) -> Any:
        """Keep from aiokafka what it must not unpack: a little that says too much."""
        response = await self._send_unvetted(node, request, **how)
        if isinstance(request, FetchRequest) and not how:
            self._out_of_range.update(
                TopicPartition(topic, part[0])
                for topic, parts in response.topics
                for part in parts
                if part[1] == OUT_OF_RANGE
            )
            response.topics = [
                (
                    topic,
                    [
                        (*part[:-1], vetted(part[-1] or b"", end=part[2]))
                        for part in parts
                    ],
                )
                for topic, parts in response.topics
            ]
        return response

    @property
    def halts(self) -> dict[TopicPartition, Halt]:
        """The partitions that are not read on, and why."""
        return {
            place: slow.halt
            for place, slow in self._slow.items()
            if slow.halt is not None
        }

    @property
    def unreadable(self) -> int:
        """How many records were handed out as bytes that nobody can read."""
        return self._unreadable + sum(one.unreadable for one in self._slow.values())

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        """Read these partitions and no others."""
        self._slow.clear()
        self._silent.clear()
        self._next.clear()
        self._refused.clear()
        super().assign(partitions)
        for place in partitions:
            if place in self._starts:
                self.seek(place, self._starts[place])

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Go on with a partition at an offset."""
        self._slow.pop(partition, None)
        self._silent.pop(partition, None)
        self._refused.pop(partition, None)
        self._next[partition] = offset
        self._seeks[partition] += 1
        if self._fetcher is None:
            # aiokafka knows no seeking before its start, though it begins there.
            self._subscription.seek(partition, offset)
        else:
            super().seek(partition, offset)

    async def position(self, partition: TopicPartition) -> int:
        """Return the offset that is handed out next."""
        slow = self._slow.get(partition)
        if slow is not None:
            return slow.position
        at: int = await super().position(partition)
        return at

    async def beginning_offsets(self, partitions: Places) -> Offsets:
        """Return where partitions begin, of topics that are not read here too."""
        await self._hear_of(partitions)
        begins: Offsets = await super().beginning_offsets(partitions)
        return begins

    async def end_offsets(self, partitions: Places) -> Offsets:
        """Return where partitions end, of topics that are not read here too."""
        await self._hear_of(partitions)
        ends: Offsets = await super().end_offsets(partitions)
        return ends

    async def _hear_of(self, partitions: Places) -> None:
        """Ask for what is not known of topics: aiokafka would wait 100 ms first.

        Where no broker says, it goes on asking itself, and knows when to give up.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(HEAR_SECONDS):
                for topic in {place.topic for place in partitions}:
                    await self._client.add_topic(topic)

    async def getmany(
        self,
        *partitions: TopicPartition,
        timeout_ms: int = 0,
        max_records: int | None = None,
    ) -> Got:
        """Return what has come of these partitions, or of all; wait for it if need be.

        Each is asked for alone: what fails in one takes nothing of another along. It is
        raised when nothing came of others, or by the next call.
        """
        places = self._in_turn(partitions)
        self._raise_refusal(places)
        most = max_records or self._max_poll_records or sys.maxsize
        got = await self._ready(places, {}, most=most)
        if got or not timeout_ms:
            return got
        if not self._slow:
            timeout_ms = max(timeout_ms, self._patience_ms)
        # One record and no more: if a later one fails, none that was taken is lost.
        first = await self._wait(places, timeout_ms)
        return await self._ready(places, first, most=most)

    def _raise_refusal(self, places: Sequence[TopicPartition]) -> None:
        for place in places:
            if place in self._refused:
                raise self._refused.pop(place)

    def _in_turn(self, partitions: Sequence[TopicPartition]) -> list[TopicPartition]:
        """Return partitions so that each is the first in its turn."""
        places = sorted(partitions or self.assignment())
        self._turn += 1
        at = self._turn % len(places) if places else 0
        return [*places[at:], *places[:at]]

    async def _wait(self, places: Sequence[TopicPartition], timeout_ms: int) -> Got:
        quick = {
            place: await super(LogConsumer, self).position(place)
            for place in places
            if place not in self._slow
        }
        if not quick:
            await asyncio.sleep(timeout_ms / 1000)
            return {}
        seeks, lost = self._seeks.copy(), self._out_of_range.copy()
        try:
            got: Got = await super().getmany(
                *quick, timeout_ms=timeout_ms, max_records=1
            )
        except UNPACKING:
            # One of them, and nobody says which: the good ones are past it at once.
            for place in quick:
                await self._begin_slowly(place)
            return {}
        in_place: Got = {}
        for place, records in got.items():
            is_sought = self._seeks[place] != seeks[place]
            if self._out_of_range[place] != lost[place] and not is_sought:
                # Where it was read on is no more. aiokafka is where the partition
                # begins: no hole, that reading as bytes would only lead back before.
                await super().seek_to_beginning(place)
                continue
            at = self._at(place, quick[place], seeks=seeks[place])
            in_place[place] = self._in_place(place, records, at=at)
        return {place: records for place, records in in_place.items() if records}

    def _at(self, place: TopicPartition, at: int, *, seeks: int) -> int:
        """Return where reading stands that began at an offset, if nobody sought it."""
        return at if self._seeks[place] == seeks else self._next[place]

    def _in_place(
        self, place: TopicPartition, records: list[Any], *, at: int
    ) -> list[Any]:
        """Return the records that follow each other from an offset on.

        Where one does not, a transaction has ended, or one says that it stands where
        it does not: no broker looks at that. What follows is read as bytes, so that it
        cannot stand for those that it would hide.
        """
        for count, one in enumerate(records):
            if one.offset != at + count:
                self._slow[place] = SlowReader(
                    place, at + count, committed=self._is_committed
                )
                return records[:count]
        return records

    async def _begin_slowly(self, place: TopicPartition) -> None:
        at = await super().position(place)
        self._slow[place] = SlowReader(place, at, committed=self._is_committed)

    async def _ready(
        self, places: Sequence[TopicPartition], first: Got, *, most: int
    ) -> Got:
        """Return what is there already, after the first that was waited for."""
        got: Got = {}
        left = most - sum(map(len, first.values()))
        paused = self.paused()
        for place in places:
            taken = first.get(place, [])
            if left > 0 and place not in paused:
                more = await self._take_or_note(place, left)
                left -= len(more)
                taken = [*taken, *more] if taken else more
            if place.topic in self._whole:
                taken = await self._without_holes(place, taken)
            if taken:
                got[place] = taken
        if not got:
            self._raise_refusal(places)
        return got

    async def _take_or_note(self, place: TopicPartition, most: int) -> list[Any]:
        """Take what has come; a refusal waits until what came of others is out."""
        try:
            return await self._take(place, most)
        except Exception as refused:  # whatever it is, it is this partition's alone
            self._refused[place] = refused
            return []

    async def _take(self, place: TopicPartition, most: int) -> list[Any]:
        if place not in self._slow:
            taken = await self._take_quickly(place, most)
            if place not in self._slow or taken:
                return taken
        return await self._take_slowly(place, most)

    async def _take_quickly(self, place: TopicPartition, most: int) -> list[Any]:
        """Return what aiokafka has read; begin slowly where it could not."""
        at, seeks = await super().position(place), self._seeks[place]
        try:
            got: Got = await super().getmany(place, timeout_ms=0, max_records=most)
        except UNPACKING:
            await self._begin_slowly(place)
            return []
        records = got.get(place, [])
        if not records and await self._is_stalled(place):
            await self._begin_slowly(place)
        return self._in_place(place, records, at=self._at(place, at, seeks=seeks))

    async def _is_stalled(self, place: TopicPartition) -> bool:
        """Whether a broker has long had records here, and has given none."""
        end = self.last_stable_offset(place) if self._is_committed else None
        end = end if end is not None else self.highwater(place)
        if end is None or await super().position(place) >= end:
            self._silent.pop(place, None)
            return False
        since = self._silent.setdefault(place, time.monotonic())
        return time.monotonic() - since > SILENT_SECONDS

    async def _take_slowly(self, place: TopicPartition, most: int) -> list[Any]:
        slow = self._slow[place]
        drawn = await slow.draw(self._client, most)
        if self._slow.get(place) is not slow:
            return []  # It was sought meanwhile: what was drawn is not what comes next.
        if slow.is_done:
            del self._slow[place]
            self._silent.pop(place, None)
            self._unreadable += slow.unreadable
            super().seek(place, slow.position)
        return drawn

    async def _without_holes(
        self, place: TopicPartition, records: list[Any]
    ) -> list[Any]:
        """Put marks between the records where batches have offsets without one."""
        at, seeks = self._next.get(place), self._seeks[place]
        if at is None:
            return records
        stop = max(at, await self.position(place))
        if stop - at != len(records):
            marks = await markers_between(self._client, place, start=at, stop=stop)
            if self._seeks[place] != seeks:
                return []
            if marks is None:
                self.seek(place, at)
                return []
            records = sorted([*records, *marks], key=lambda one: one.offset)
        self._next[place] = stop
        return records
