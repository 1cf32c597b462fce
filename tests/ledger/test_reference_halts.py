"""The reference that does not read: where it stands, and that it goes on."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from jiesuan_events.words.topics import REFERENCE
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.port import LogError, Stored
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.reference import Read, ReferenceReader


class Damaged(MemoryLog):
    """A log of which a topic does not read from an offset on."""

    broken_from: int | None = None

    async def read(
        self, topic: str, partition: int, **span: Any
    ) -> AsyncIterator[Sequence[Stored]]:
        """Read up to what is broken."""
        broken = None if topic != REFERENCE else self.broken_from
        stop = span["stop"] if broken is None else min(span["stop"], broken)
        async for batch in super().read(topic, partition, **{**span, "stop": stop}):
            yield batch
        if stop < span["stop"]:
            raise LogError("broken")


async def read(reader: ReferenceReader, found: list[Read]) -> None:
    """Read what there is."""
    async for some in reader.read():
        found += some


async def test_a_reference_that_does_not_read_says_where_it_stands() -> None:
    """What stands before it is handed out once; when it is restored, the rest is."""
    log = Damaged()
    await log.append(REFERENCE, 0, [Record(b"%d" % n, b"", []) for n in range(5)])
    log.broken_from = 3
    reader = ReferenceReader(log, partitions=1)
    found: list[Read] = []
    for _ in range(2):
        with pytest.raises(LogError):
            await read(reader, found)
        assert reader.halt is not None
        assert (reader.halt.offset, reader.halt.reason) == (3, "broken")
    log.broken_from = None
    await read(reader, found)
    assert reader.halt is None
    assert [one.offset for one in found] == [0, 1, 2, 3, 4]
