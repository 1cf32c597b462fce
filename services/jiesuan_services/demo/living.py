"""The year as it is lived: sent through Kafka, with trouble in the middle of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import ANSWERS, DEAD_LETTERS, LEDGER, REQUESTS
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions, make_producer
from jiesuan_ledger.log.record import Record
from jiesuan_services.client.sending import Sender
from jiesuan_services.demo.town.messages import Message
from jiesuan_services.demo.town.year import TownYear, make_year
from jiesuan_services.demo.trouble import Forged, PoisonRecord, forge, poison
from jiesuan_services.demo.window import Window

AT_COUNTER: Final = 1_000
COUNTER_SHARE: Final = 10
COUNTER_RATE: Final = 250
Ends = dict[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Lived:
    """What came of a year: answers in the order of its requests, and measures.

    ``bulk`` requests took ``seconds``; ``waits`` are the seconds that each of the
    others waited at the counter; ``begin`` and ``end`` are where the logs ended.
    """

    year: TownYear
    answers: list[Record]
    bulk: int
    seconds: float
    waits: list[float]
    poison: list[PoisonRecord]
    forged: Forged
    begin: Ends
    end: Ends


async def town_number(log: KafkaLog, partitions: int) -> int:
    """Number the next town by the requests there have been: never twice the same."""
    return sum([await log.end_offset(REQUESTS, one) for one in range(partitions)])


async def ends(log: KafkaLog, partitions: int) -> Ends:
    """Return where the logs that the read models follow end."""
    places = [(DEAD_LETTERS, 0)]
    for topic in (LEDGER, ANSWERS):
        places += [(topic, one) for one in range(partitions)]
    return {place: await log.end_offset(*place) for place in places}


async def live(
    kafka: str, *, requests: int, progress: Callable[[int, int], None]
) -> Lived:
    """Invent the next town and send its year; every request is answered."""
    log = KafkaLog(kafka, producer=make_producer(kafka))
    await log.start()
    try:
        partitions = await count_partitions(kafka)
        number = await town_number(log, partitions)
        year = make_year(number, requests=requests)
        return await Living(log, partitions, year, progress).live(kafka)
    finally:
        await log.stop()


@dataclass(slots=True)
class Living:
    """Sends a year in its order: most of it at once, the end of it at a counter."""

    log: KafkaLog
    partitions: int
    year: TownYear
    progress: Callable[[int, int], None]
    seconds: float = 0.0

    async def live(self, kafka: str) -> Lived:
        """Send everything; in the middle comes what no town wants."""
        log, partitions = self.log, self.partitions
        messages = [one.message for one in self.year.posted]
        opening = sum(1 for one in self.year.posted if one.kind == "institution")
        counter = len(messages) - min(AT_COUNTER, len(messages) // COUNTER_SHARE)
        victim = self.year.protagonists[1]
        half = _next_of(victim, messages, start=(opening + counter) // 2)
        begin = await ends(log, partitions)
        start = begin[LEDGER, partition_of(victim, partitions)]

        answers = await self._send(messages[:opening], 0)
        self.seconds = 0.0
        answers += await self._send(messages[opening:half], opening)
        bad = await poison(log, messages[opening], partitions=partitions)
        forged = await forge(log, victim, partitions=partitions, start=start)
        answers += await self._send(messages[half:counter], half)
        window = Window(kafka, log, partitions, self._from(counter))
        answers += await window.serve(messages[counter:], COUNTER_RATE)
        return Lived(
            year=self.year,
            answers=answers,
            bulk=counter - opening,
            seconds=self.seconds,
            waits=window.seconds,
            poison=bad,
            forged=forged,
            begin=begin,
            end=await ends(log, partitions),
        )

    async def _send(self, part: list[Message], done: int) -> list[Record]:
        """Send a part of the year at once, and wait for its answers."""
        sender = Sender(self.log, partitions=self.partitions, progress=self._from(done))
        began = time.perf_counter()
        answers = await sender.send(part)
        self.seconds += time.perf_counter() - began
        return answers

    def _from(self, done: int) -> Callable[[int, int], None]:
        total = len(self.year.posted)
        return lambda now, _: self.progress(done + now, total)


def _next_of(person_id: str, messages: list[Message], *, start: int) -> int:
    """Find a person's next message from a place in the year on."""
    return next(
        at for at in range(start, len(messages)) if messages[at]["subject"] == person_id
    )
