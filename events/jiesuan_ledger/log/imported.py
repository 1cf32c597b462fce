"""Where an imported ledger ends and this broker's own entries begin.

What was imported names causes on another broker, so they are no places here. The
seals that were imported say so in a header, and the last of them says how far; how far
the clearing was imported stands beside it.
"""

from typing import Final

import orjson

from jiesuan_events.words.topics import SEALS
from jiesuan_ledger.log.port import Log, read_one
from jiesuan_ledger.log.record import Record

IMPORTED: Final = ("imported", b"1")
CLEARING_END: Final = "imported-clearing"


async def imported_ends(log: Log) -> dict[int, int]:
    """Return the last imported offset of each partition; none where none was."""
    last = await _last_imported(log)
    if last is None:
        return {}
    ends = orjson.loads(last.value)["ends"]
    return {int(partition): end for partition, end in ends.items()}


async def imported_clearing_end(log: Log) -> int:
    """Return the last imported offset of the clearing, -1 where none was imported."""
    last = await _last_imported(log)
    return -1 if last is None else int(dict(last.headers)[CLEARING_END])


async def _last_imported(log: Log) -> Record | None:
    low, high = 0, await log.end_offset(SEALS, 0)
    last: Record | None = None
    while low < high:
        middle = (low + high) // 2
        record = await read_one(log, SEALS, 0, offset=middle)
        if IMPORTED in record.headers:
            last, low = record, middle + 1
        else:
            high = middle
    return last
