"""Requests that came again: answered as at first, from the entries in the log.

Nothing is kept for them: what was answered stands in the ledger, and an answer is
rendered from it the same, byte for byte. So they are answered when their batch is
acknowledged and whatever they repeat can be read.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.port import Log, LogError, Parcel
from jiesuan_ledger.log.record import Incoming, Record

NEAR: Final = 1_000
"""Entries at most this far apart are read in one go, with those between them."""


class Repeat(NamedTuple):
    """A request that came again, and where the entry that answered it stands."""

    incoming: Incoming
    offset: int


async def read_firsts(
    log: Log, partition: int, *, repeats: Sequence[Repeat]
) -> dict[int, Record]:
    """Read the entries that answered some requests at first, by their offsets."""
    wanted = {repeat.offset for repeat in repeats}
    found: dict[int, Record] = {}
    for start, stop in _runs(sorted(wanted)):
        async for batch in log.read(LEDGER, partition, start=start, stop=stop):
            found.update(
                (one.offset, one.record) for one in batch if one.offset in wanted
            )
    if len(found) < len(wanted):
        missing = min(wanted - found.keys())
        raise LogError(f"{LEDGER}/{partition}读不到偏移{missing}的记录")
    return found


def _runs(offsets: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Return [start, stop) of runs of sorted offsets that lie near each other."""
    for at, offset in enumerate(offsets):
        if at == 0 or offset - offsets[at - 1] > NEAR:
            start = offset
        if at + 1 == len(offsets) or offsets[at + 1] - offset > NEAR:
            yield start, offset + 1


def woven(
    parcels: Sequence[Parcel], repeated: Sequence[Record]
) -> Iterator[Sequence[Record] | Parcel]:
    """Put answers given again between the parcels that they separate, in order."""
    run: list[Record] = []
    for again, parcel in zip((None, *repeated), parcels, strict=True):
        if again is not None:
            run.append(again)
        if len(parcel):
            if run:
                yield run
            yield parcel
            run = []
    if run:
        yield run
