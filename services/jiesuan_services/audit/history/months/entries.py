"""The entries of `jiesuan.clearing` by the rule of all readers, in the log's order."""

from collections.abc import AsyncIterator

from jiesuan_events.words.topics import CLEARING
from jiesuan_ledger.clearing.reader import (
    CLEARING_PARTITION,
    AcceptedClearing,
    accept_clearing,
)
from jiesuan_ledger.log.port import Log, Stored
from jiesuan_ledger.reader import NO_HEAD, ChainHead, Fork, person_of


async def clearing_entries(
    log: Log, *, stop: int
) -> AsyncIterator[tuple[Stored, AcceptedClearing]]:
    """Return every accepted entry before an offset, with the record it stands in."""
    heads: dict[str, ChainHead] = {}
    async for batch in log.read(CLEARING, CLEARING_PARTITION, start=0, stop=stop):
        for stored in batch:
            region = person_of(stored.record) or ""
            one = accept_clearing(stored.record, heads.get(region, NO_HEAD))
            if not isinstance(one, Fork):
                heads[region] = one.head
                yield stored, one
