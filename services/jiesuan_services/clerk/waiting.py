"""Entries that stand in the ledger while their requests are not answered yet.

A request between them may have been refused or quoted, and must be answered as it
was then: so entries read again are applied when the turn of their request comes, not
before.
"""

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush

from jiesuan_events.entries.entry import Entry
from jiesuan_ledger.facts import Fact


@dataclass(frozen=True, slots=True)
class Next:
    """An accepted entry: its fact, and its offset in the ledger."""

    entry: Entry
    fact: Fact
    offset: int
    hash: bytes


class Later:
    """Accepted entries waiting for their turn; each person's in the chain's order."""

    def __init__(self) -> None:
        self._of: dict[str, deque[Next]] = {}
        self._turns: list[tuple[int, int, str]] = []
        self._last_turn: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._of)

    def __contains__(self, person_id: str) -> bool:
        return person_id in self._of

    def last(self, person_id: str) -> Next | None:
        """Give the entry that a person's next one must follow, if one waits."""
        waiting = self._of.get(person_id)
        return waiting[-1] if waiting else None

    def put_off(self, one: Next, *, turn: int) -> None:
        """Let an entry wait for its request, and for the person's entries before it."""
        person_id = one.entry.person_id
        turn = max(turn, self._last_turn.get(person_id, -1))
        self._last_turn[person_id] = turn
        self._of.setdefault(person_id, deque()).append(one)
        heappush(self._turns, (turn, one.offset, person_id))

    def due(self, turn: int) -> list[Next]:
        """Take the entries whose turn has come."""
        taken: list[Next] = []
        while self._turns and self._turns[0][0] <= turn:
            _, _, person_id = heappop(self._turns)
            waiting = self._of.get(person_id)
            if waiting:
                taken.append(waiting.popleft())
            if not waiting:
                self._of.pop(person_id, None)
        return taken

    def all_of(self, person_id: str) -> list[Next]:
        """Take all that waits of a person, whatever its turn."""
        return list(self._of.pop(person_id, ()))

    def forget(self) -> None:
        """Forget what waits: it will be read again."""
        self._of.clear()
        self._turns.clear()
        self._last_turn.clear()
