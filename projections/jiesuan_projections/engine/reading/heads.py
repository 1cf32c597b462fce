"""Where chains stand, remembered between batches as long as nobody else moved on.

The truth lies in PostgreSQL. What is remembered of a partition counts while its locked
checkpoint is where this follower left it: two followers never believe old heads.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from jiesuan_projections.engine.model import Connection, LogRecord
from jiesuan_projections.engine.positions import load_heads
from jiesuan_projections.engine.reading.ledger import PlacedHead

HEADS_REMEMBERED: Final = 100_000
"""About 30 MB; 3 µs of CPU an entry are saved where a person comes again."""


class RememberedHeads:
    """The heads of the persons who came last, and where their partitions stand."""

    def __init__(self) -> None:
        self._locked: frozenset[int] = frozenset()
        self._offsets: dict[int, int] = {}
        self._heads: dict[str, PlacedHead] = {}

    def hold_against(self, positions: Mapping[int, int]) -> None:
        """Forget what was remembered if others have moved one of these checkpoints."""
        known = self._offsets
        self._locked = frozenset(positions)
        if any(known.get(one, offset) != offset for one, offset in positions.items()):
            known.clear()
            self._heads.clear()

    async def of(
        self, connection: Connection, persons: Sequence[str]
    ) -> dict[str, PlacedHead]:
        """Return the heads of these persons; who has none is left out."""
        found: dict[str, PlacedHead] = {}
        unknown: list[str] = []
        for person in persons:
            head = self._known(person)
            if head is None:
                unknown.append(person)
            else:
                found[person] = head
        if unknown:
            found |= await load_heads(connection, unknown)
        return found

    def _known(self, person: str) -> PlacedHead | None:
        """Return a head whose partition is locked, and stands where it was left."""
        head = self._heads.get(person)
        return head if head is not None and head.partition in self._locked else None

    def committed(
        self, last: Mapping[int, LogRecord], moved: Mapping[str, PlacedHead]
    ) -> None:
        """Remember a batch: only after its commit."""
        for partition, record in last.items():
            self._offsets[partition] = record.offset
        heads = self._heads
        for person, head in moved.items():
            heads.pop(person, None)
            heads[person] = head
        while len(heads) > HEADS_REMEMBERED:
            del heads[next(iter(heads))]
