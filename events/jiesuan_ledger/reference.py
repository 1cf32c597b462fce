"""The reference topic, read by its rule from the first record on.

Only a reader of the whole topic knows which of two registrations is later; an old copy
must not replace a newer one.
"""

import time
from collections.abc import AsyncIterator
from typing import NamedTuple

from jiesuan_events.words.topics import REFERENCE
from jiesuan_ledger.log.fetch.slow import Halt
from jiesuan_ledger.log.imported import imported_reference_end
from jiesuan_ledger.log.port import Log, LogError, Stored
from jiesuan_ledger.ours import (
    AcceptedPack,
    AcceptedReference,
    Order,
    StrangerReason,
    accept_reference,
    turn_of,
)

Verdict = AcceptedReference | AcceptedPack | StrangerReason


class Read(NamedTuple):
    """What a record of the reference is, and where it stands."""

    offset: int
    said: Verdict


class ReferenceReader:
    """Reads on from where it was; what stands before ``known`` is known already."""

    def __init__(self, log: Log, *, partitions: int, known: int = 0) -> None:
        self.next = 0
        self.halt: Halt | None = None
        """Where it stands, if it could not read on when it was asked last."""
        self._log = log
        self._partitions = partitions
        self._known = known
        self._imported: int | None = None
        self._last: dict[str, Order] = {}

    async def read(self) -> AsyncIterator[list[Read]]:
        """Read up to where the topic ends now, in batches; raise LogError before what
        cannot be read: what was read is known, and the next call tries again.
        """
        try:
            async for some in self._read():
                yield some
        except LogError as unread:
            since = time.time() if self.halt is None else self.halt.since
            self.halt = Halt(self.next, str(unread), since)
            raise
        self.halt = None

    async def _read(self) -> AsyncIterator[list[Read]]:
        if self._imported is None:
            self._imported = await imported_reference_end(self._log)
        begin = await self._log.begin_offset(REFERENCE, 0)
        end = await self._log.end_offset(REFERENCE, 0)
        start = max(self.next, begin)
        async for batch in self._log.read(REFERENCE, 0, start=start, stop=end):
            yield [
                Read(one.offset, self._take(one))
                for one in batch
                if one.offset >= self._known or self._pass(one)
            ]
            self.next = batch[-1].offset + 1
        self.next = max(self.next, end)

    def _take(self, stored: Stored) -> Verdict:
        one = accept_reference(
            stored.record,
            self._last,
            partitions=self._partitions,
            is_imported=self._is_imported(stored),
        )
        if isinstance(one, AcceptedReference):
            self._last[one.key] = one.order
        return one

    def _pass(self, stored: Stored) -> bool:
        """Take note of the turn of what is known, and leave it out."""
        turn = turn_of(
            stored.record,
            partitions=self._partitions,
            is_imported=self._is_imported(stored),
        )
        if turn is not None:
            key, order = turn
            self._last[key] = max(order, self._last.get(key, order))
        return False

    def _is_imported(self, stored: Stored) -> bool:
        assert self._imported is not None, "asked before the first record is read"
        return stored.offset <= self._imported
