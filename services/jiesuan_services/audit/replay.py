"""`replay`: all facts in order, as JSON lines; it holds no producer."""

from collections.abc import AsyncIterator

import orjson

from jiesuan_events.entries.entry import LEDGER_SOURCE
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.port import Log
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.chains import Chains


async def facts(log: Log, *, partitions: int) -> AsyncIterator[bytes]:
    """Give every accepted entry as one line, partition by partition, in order."""
    for partition in range(partitions):
        end = await log.end_offset(LEDGER, partition)
        chains = Chains(partition, partitions=partitions)
        async for batch in log.read(LEDGER, partition, start=1, stop=end):
            accepted = [one for one in batch if chains.take(one.record, one.offset)]
            for stored in accepted:
                yield _line(stored.record, partition, offset=stored.offset)


def _line(record: Record, partition: int, *, offset: int) -> bytes:
    headers = {name: value.decode() for name, value in record.headers}
    return orjson.dumps(
        {
            "specversion": "1.0",
            "type": headers["ce_type"],
            "source": LEDGER_SOURCE,
            "id": headers["ce_id"],
            "time": headers["ce_time"],
            "subject": headers["ce_subject"],
            "data": orjson.Fragment(record.value),
            "entry": {
                "partition": partition,
                "offset": offset,
                "version": int(headers["version"]),
                "prev_hash": headers["prev-hash"],
                "hash": headers["ce_id"],
                "cause": headers["cause"],
            },
        }
    )
