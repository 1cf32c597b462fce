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
REFERENCE_END: Final = "imported-reference"
SEALS_COUNT: Final = "imported-seals"


async def imported_ends(log: Log) -> dict[int, int]:
    """Return the last imported offset of each partition; none where none was."""
    last = await _last_imported(log)
    if last is None:
        return {}
    ends = orjson.loads(last.value or b"")["ends"]
    return {int(partition): end for partition, end in ends.items()}


async def imported_clearing_end(log: Log) -> int:
    """Return the last imported offset of the clearing, -1 where none was imported."""
    last = await _last_imported(log)
    return -1 if last is None else int(dict(last.headers)[CLEARING_END] or -1)


async def imported_reference_end(log: Log) -> int:
    """Return the last imported offset of the reference, -1 where none was imported."""
    last = await _last_imported(log)
    return -1 if last is None else int(dict(last.headers).get(REFERENCE_END) or -1)


async def _last_imported(log: Log) -> Record | None:
    """Return the last imported seal: the first one says how many there are.

    Imports of before said it nowhere: they are looked through.
    """
    end = await log.end_offset(SEALS, 0)
    first = await read_one(log, SEALS, 0, offset=0) if end else None
    if first is None or IMPORTED not in first.headers:
        return None
    count = dict(first.headers).get(SEALS_COUNT)
    if count is not None:
        return await read_one(log, SEALS, 0, offset=int(count) - 1)
    return await _last_marked(log, end)


async def _last_marked(log: Log, high: int) -> Record | None:
    low = 0
    last: Record | None = None
    while low < high:
        middle = (low + high) // 2
        record = await read_one(log, SEALS, 0, offset=middle)
        if IMPORTED in record.headers:
            last, low = record, middle + 1
        else:
            high = middle
    return last
