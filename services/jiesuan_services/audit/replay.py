"""`replay`: all facts in order, as JSON lines; it holds no producer."""

from collections.abc import AsyncIterator

import orjson

from jiesuan_events.entries.entry import LEDGER_SOURCE, Entry
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.port import Log
from jiesuan_services.audit.chains import Chains


async def facts(log: Log, *, partitions: int) -> AsyncIterator[bytes]:
    """Return every accepted entry as one line, partition by partition, in order."""
    for partition in range(partitions):
        end = await log.end_offset(LEDGER, partition)
        chains = Chains(partition, partitions=partitions)
        async for batch in log.read(LEDGER, partition, start=1, stop=end):
            taken = [(one.offset, chains.take(one.record, one.offset)) for one in batch]
            for offset, entry in [(at, one.entry) for at, one in taken if one]:
                yield _line(entry, partition, offset=offset)


def _line(entry: Entry, partition: int, *, offset: int) -> bytes:
    id_ = entry.claimed_id
    return orjson.dumps(
        {
            "specversion": "1.0",
            "type": entry.type,
            "source": LEDGER_SOURCE,
            "id": id_,
            "time": entry.recorded_at,
            "subject": entry.person_id,
            "data": orjson.Fragment(entry.value),
            "entry": {
                "partition": partition,
                "offset": offset,
                "version": entry.version,
                "prev_hash": entry.prev_hash.hex(),
                "hash": id_,
                "cause": entry.cause,
            },
        }
    )
