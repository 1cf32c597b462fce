"""The baseline: reads the same requests and writes two records of the same sizes.

It thinks nothing: `python -m jiesuan_services.bench.echo KAFKA ENTRY ANSWER TOTAL`.
Prints the rate when TOTAL requests have been read and both records acknowledged.
"""

import sys
import time
from typing import Any, Final

import uvloop
from aiokafka import TopicPartition

from jiesuan_events.words.topics import REQUESTS
from jiesuan_ledger.log.kafka import (
    KafkaLog,
    count_partitions,
    make_consumer,
    make_producer,
)
from jiesuan_ledger.log.port import Pending
from jiesuan_ledger.log.record import Record
from jiesuan_services.bench.rig import ECHO_TOPICS, SAMPLE_HEADERS

MOST_RECORDS: Final = 6_400
DEPTH: Final = 16


async def echo(kafka: str, *, entry: int, answer: int, total: int) -> float:
    """Echo the newest TOTAL requests; give requests per second."""
    partitions = await count_partitions(kafka)
    consumer = make_consumer(kafka)
    log = KafkaLog(kafka, producer=make_producer(kafka))
    await consumer.start()
    await log.start()
    places = [TopicPartition(REQUESTS, number) for number in range(partitions)]
    ends = await consumer.end_offsets(places)
    consumer.assign(places)
    for place in places:
        consumer.seek(place, max(0, ends[place] - total // partitions))
    read = 0
    wanted = sum(min(ends[place], total // partitions) for place in places)
    pending: list[Pending] = []
    began = time.perf_counter()
    while read < wanted:
        got = await consumer.getmany(timeout_ms=100, max_records=MOST_RECORDS)
        for place, messages in got.items():
            read += len(messages)
            for topic, size in zip(ECHO_TOPICS, (entry, answer), strict=True):
                records = [_sized(one, size) for one in messages]
                pending.append(await log.append(topic, place.partition, records))
        while len(pending) > DEPTH:
            await pending.pop(0).done()
    for one in pending:
        await one.done()
    rate = read / (time.perf_counter() - began)
    await consumer.stop()
    await log.stop()
    return rate


def _sized(message: Any, size: int) -> Record:
    return Record(message.key, (message.value * 4)[:size], SAMPLE_HEADERS)


if __name__ == "__main__":
    kafka_, entry_, answer_, total_ = sys.argv[1:5]
    rate_ = uvloop.run(
        echo(kafka_, entry=int(entry_), answer=int(answer_), total=int(total_))
    )
    sys.stdout.write(f"{rate_}\n")
