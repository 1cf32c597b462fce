"""Which facts of the months a point keeps: a prefix of `jiesuan.clearing`.

An instant and a month keep what was recorded by then, as of the ledger. Offsets are the
ledger's: they keep what was recorded before the ledger went on from there, up to the
first draw that had read further (docs/decisions/0051).
"""

from msgspec import Struct

from jiesuan_events.words.topics import CLEARING
from jiesuan_ledger.clearing.facts import ClearingFact, Drawn
from jiesuan_ledger.clearing.reader import CLEARING_PARTITION, AcceptedClearing
from jiesuan_ledger.log.port import Stored
from jiesuan_ledger.reader import accepted
from jiesuan_services.audit.history.ledger import PastLedger
from jiesuan_services.audit.history.months.entries import clearing_entries
from jiesuan_services.audit.index.instants import nanoseconds
from jiesuan_services.audit.points import AsOf, Before, UpTo, read_point

AT_ONCE = 200
"""Records that are looked through at once for the next entry."""
FOR_EVER = 2**80
"""Nanoseconds after which nothing was recorded."""


class KeptMonths(Struct, frozen=True):
    """What a point keeps of the ledger, and of the months the facts.

    ``last`` is the last offset of `jiesuan.clearing` that is kept, -1 for none.
    """

    ledger: AsOf
    last: int
    facts: list[ClearingFact]


class _Bounds(Struct, frozen=True):
    """The first nanosecond and, of each partition, the first offset left out."""

    at: int
    offsets: dict[int, int]

    def leave_out(self, one: AcceptedClearing, stored: Stored) -> bool:
        """Whether an entry was recorded too late, or is a draw that read too far."""
        recorded = nanoseconds(one.entry.recorded_at, otherwise=stored.timestamp)
        if recorded >= self.at:
            return True
        return isinstance(one.fact, Drawn) and any(
            read.offset >= self.offsets.get(read.partition, 0)
            for read in one.fact.read_to
        )


async def months_at(past: PastLedger, point: str) -> KeptMonths:
    """Return what a point keeps of the ledger and of the months."""
    kept = past.at(point)
    bounds = await _bounds(past, kept, point=point)
    end = await past.log.end_offset(CLEARING, CLEARING_PARTITION)
    facts: list[ClearingFact] = []
    last: int | None = None
    async for stored, one in clearing_entries(past.log, stop=end):
        if last is None and bounds.leave_out(one, stored):
            last = stored.offset - 1
        if last is None:
            facts.append(one.fact)
    return KeptMonths(kept, end - 1 if last is None else last, facts)


async def _bounds(past: PastLedger, kept: AsOf, *, point: str) -> _Bounds:
    # A draw that was entered since the ledger was followed may have read further.
    unread = {partition: end + 1 for partition, end in past.ends.items()}
    match read_point(point):
        case Before(nanoseconds=last):
            return _Bounds(last + 1, unread)
        case UpTo():
            following = {
                partition: found
                for partition, last in kept.items()
                if (found := await _next(past, partition, after=last)) is not None
            }
            times = [at for _, at in following.values()]
            offsets = {partition: one for partition, (one, _) in following.items()}
            return _Bounds(min(times, default=FOR_EVER), unread | offsets)
        case _:
            return _Bounds(FOR_EVER, unread)


async def _next(
    past: PastLedger, partition: int, *, after: int
) -> tuple[int, int] | None:
    """Return offset and time of recording of a partition's next accepted entry."""
    end = past.ends[partition]
    for first in range(after + 1, end + 1, AT_ONCE):
        last = min(first + AT_ONCE - 1, end)
        found = [one async for one in past.records(partition, first=first, last=last)]
        if found:
            time = accepted(found[0]).entry.recorded_at
            return found[0].offset, nanoseconds(time, otherwise=found[0].timestamp)
    return None
