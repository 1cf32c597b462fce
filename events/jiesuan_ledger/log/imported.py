"""Where an imported ledger ends and this broker's own entries begin.

What was imported names causes on another broker, so they are no places here. The
seals that were imported say so in a header, and the last of them says how far; how far
the clearing was imported stands beside it.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from msgspec import Struct

from jiesuan_events.words.topics import SEALS
from jiesuan_ledger.log.port import Log
from jiesuan_ledger.log.record import Record

IMPORTED: Final = ("imported", b"1")
CLEARING_END: Final = "imported-clearing"
REFERENCE_END: Final = "imported-reference"
SEALS_COUNT: Final = "imported-seals"
MARKS: Final = frozenset((IMPORTED[0], CLEARING_END, REFERENCE_END, SEALS_COUNT))
"""The headers that a seal may have: those of an imported one."""
MOST_DIGITS: Final = 18


class ImportedSeal(Struct, frozen=True):
    """What an imported seal says of the import: how far, and how many seals it has."""

    ends: Mapping[int, int]
    clearing_end: int
    reference_end: int
    count: int | None


async def imported_ends(log: Log) -> dict[int, int]:
    """Return the last imported offset of each partition; none where none was."""
    last = await _last_imported(log)
    return {} if last is None else dict(last.ends)


async def imported_clearing_end(log: Log) -> int:
    """Return the last imported offset of the clearing, -1 where none was imported."""
    last = await _last_imported(log)
    return -1 if last is None else last.clearing_end


async def imported_reference_end(log: Log) -> int:
    """Return the last imported offset of the reference, -1 where none was imported."""
    last = await _last_imported(log)
    return -1 if last is None else last.reference_end


async def _last_imported(log: Log) -> ImportedSeal | None:
    """Return the last imported seal: the first one says how many there are.

    Imports of before said it nowhere: they are looked through.
    """
    end = await log.end_offset(SEALS, 0)
    first = await _at(log, 0) if end else None
    if first is None:
        return None
    if first.count is None:
        return await _last_marked(log, end)
    if not 0 < first.count <= end:
        return None
    return await _at(log, first.count - 1)


async def _last_marked(log: Log, high: int) -> ImportedSeal | None:
    low = 0
    last: ImportedSeal | None = None
    while low < high:
        middle = (low + high) // 2
        found = await _at(log, middle)
        if found is not None:
            last, low = found, middle + 1
        else:
            high = middle
    return last


async def _at(log: Log, offset: int) -> ImportedSeal | None:
    """Return the imported seal at an offset; a mark of a transaction is none."""
    read = log.read(SEALS, 0, start=offset, stop=offset + 1, markers=True)
    async for batch in read:
        return accept_imported(batch[0].record)
    return None


def accept_imported(record: Record) -> ImportedSeal | None:
    """Return what a record says of an import; None if it is no imported seal."""
    if record.key is not None or IMPORTED not in record.headers:
        return None
    marks = dict(record.headers)
    if not marks.keys() <= MARKS:
        return None
    try:
        ends = orjson.loads(record.value or b"")["ends"]
        return ImportedSeal(
            {_number(partition): int(end) for partition, end in ends.items()},
            _end(marks.get(CLEARING_END)),
            _end(marks.get(REFERENCE_END)),
            _number(marks[SEALS_COUNT]) if SEALS_COUNT in marks else None,
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _end(text: bytes | None) -> int:
    return -1 if text in (None, b"", b"-1") else _number(text)


def _number(text: Any) -> int:
    """Read a number of digits alone, or raise ValueError."""
    digits = text.decode() if isinstance(text, bytes) else text
    if not (isinstance(digits, str) and digits.isascii() and digits.isdecimal()):
        raise ValueError(text)
    if len(digits) > MOST_DIGITS:
        raise ValueError(text)
    return int(digits)
