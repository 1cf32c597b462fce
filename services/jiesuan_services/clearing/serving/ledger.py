"""The ledger as clearing follows it: of each person the next entry, and its rows."""

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from jiesuan_domain.clearing.state.entries import rows_of
from jiesuan_events.words.instants import appended_at, clearing_month, policy_date
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.port import Log, Stored
from jiesuan_ledger.reader import (
    NO_HEAD,
    Ahead,
    ChainHead,
    Fork,
    accept,
    each_ahead,
    person_of,
)
from jiesuan_services.clearing.clerk import ClearingClerk
from jiesuan_services.clearing.serving.store import ClearingStore

GENESIS_OFFSET: Final = 0
_HEAD: Final = b"\xfe"
_decode: Final = msgspec.msgpack.Decoder(ChainHead).decode


class LedgerRows:
    """The rows of every partition, as far as each was read."""

    def __init__(
        self,
        log: Log,
        *,
        store: ClearingStore,
        clerk: ClearingClerk,
        next_: list[int],
        left: Collection[int] = (),
    ) -> None:
        self.next = next_
        self.forks = 0
        self.at = 0
        """The partition that is read now."""
        self._left = left
        self._log = log
        self._store = store
        self._clerk = clerk

    async def catch_up(self, ends: Sequence[int]) -> int:
        """Read every partition up to where it ends; tell how many records that were.

        Those that were ``left`` are read no further.
        """
        count = 0
        for partition, end in enumerate(ends):
            if partition in self._left:
                continue
            self.at = partition
            read = self._log.read(
                LEDGER, partition, start=self.next[partition], stop=end
            )
            async for batch in read:
                self._take(batch, partition)
                count += len(batch)
            # Marks of a stranger's transactions may stand at the end: they are nothing.
            self.next[partition] = max(self.next[partition], end)
        return count

    def _take(self, batch: Sequence[Stored], partition: int) -> None:
        all_ahead = each_ahead([stored.record for stored in batch])
        for stored, ahead in zip(batch, all_ahead, strict=True):
            if stored.offset > GENESIS_OFFSET:
                self._hear(stored, partition, ahead=ahead)
            self.next[partition] = stored.offset + 1

    def _hear(self, stored: Stored, partition: int, *, ahead: Ahead) -> None:
        key = _HEAD + (person_of(stored.record) or "").encode()
        head = self._head(key)
        one = accept(
            stored.record,
            head,
            partition=partition,
            partitions=len(self.next),
            ahead=ahead,
        )
        if isinstance(one, Fork):
            self.forks += 1
            return
        month = _month(one.entry.recorded_at, stored.timestamp)
        rows = rows_of(one.fact, partition=partition, offset=stored.offset, month=month)
        self._store.put(key, one.head(partition))
        self._clerk.hear(rows)

    def _head(self, key: bytes) -> ChainHead:
        found = self._store.get(key)
        if found is None:
            return NO_HEAD
        return _decode(found) if isinstance(found, bytes) else found


def _month(recorded_at: str, timestamp: int) -> str:
    """Return the Beijing month of recording; a damaged header falls back on Kafka's."""
    try:
        return clearing_month(recorded_at)
    except ValueError:
        return policy_date(appended_at(timestamp)).strftime("%Y%m")
