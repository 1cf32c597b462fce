"""`replay`: all facts in order, as JSON lines; it holds no producer.

The ledger's come first, so that who reads the lines knows every row that a fact of
`jiesuan.clearing` speaks of: a draw says how far it had read.
"""

from collections.abc import AsyncIterator

import orjson

from jiesuan_events.entries.entry import LEDGER_SOURCE, Entry
from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_ledger.clearing.reader import CLEARING_PARTITION
from jiesuan_ledger.log.port import Log
from jiesuan_services.audit.chains import Chains
from jiesuan_services.audit.history.months.entries import clearing_entries


async def facts(log: Log, *, partitions: int) -> AsyncIterator[bytes]:
    """Return every accepted entry as one line, the ledger's and then those of months.

    Each log partition by partition, in order.
    """
    for partition in range(partitions):
        end = await log.end_offset(LEDGER, partition)
        chains = Chains(partition, partitions=partitions)
        async for batch in log.read(LEDGER, partition, start=1, stop=end):
            taken = [(one.offset, chains.take(one.record, one.offset)) for one in batch]
            for offset, entry in [(at, one.entry) for at, one in taken if one]:
                yield _line(entry, partition, offset=offset)
    end = await log.end_offset(CLEARING, CLEARING_PARTITION)
    async for stored, month in clearing_entries(log, stop=end):
        yield _line(month.entry, CLEARING_PARTITION, offset=stored.offset)


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
