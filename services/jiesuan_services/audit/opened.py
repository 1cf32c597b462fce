"""A ledger as an auditor opens it: a log that reads, and which ledger it is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct

from jiesuan_ledger.genesis import LedgerRefused, read_genesis
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions, make_producer
from jiesuan_ledger.log.port import Log


class OpenLedger(Struct, frozen=True):
    """A log and the ledger that it holds."""

    log: Log
    id: str
    partitions: int


@asynccontextmanager
async def opened_ledger(
    kafka: str, *, writes: bool = False
) -> AsyncIterator[OpenLedger]:
    """Open the ledger of a cluster; without a producer, unless something is written."""
    producer = make_producer(kafka) if writes else None
    log = KafkaLog(kafka, producer=producer)
    await log.start()
    try:
        partitions = await count_partitions(kafka)
        yield OpenLedger(log, await ledger_id(log, partitions), partitions)
    finally:
        await log.stop()


async def ledger_id(log: Log, partitions: int) -> str:
    """Return the id that every partition begins with, or refuse two of them."""
    ids = {
        (await read_genesis(log, partition, partitions=partitions)).id
        for partition in range(partitions)
    }
    if len(ids) > 1:
        raise LedgerRefused(
            "各分区属于不同的账本，主题被混用；请从副本恢复 jiesuan.ledger"
        )
    return ids.pop()
