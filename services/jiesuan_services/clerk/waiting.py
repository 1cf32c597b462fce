"""Entries that stand in the ledger while their requests are not answered yet.

A request between them may have been refused or quoted, and must be answered as it
was then: so entries read again are applied when their request comes, not before.
"""

from collections import deque
from heapq import heappop, heappush

from msgspec import Struct

from jiesuan_ledger.reader import AcceptedEntry


class WaitingEntry(Struct, frozen=True, gc=False):
    """An accepted entry, and its offset in the ledger."""

    accepted: AcceptedEntry
    offset: int


class WaitingEntries:
    """Accepted entries that wait; each person's in the chain's order."""

    def __init__(self) -> None:
        self._of: dict[str, deque[WaitingEntry]] = {}
        self._queue: list[tuple[int, int, str]] = []
        self._last_request: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._of)

    def __contains__(self, person_id: str) -> bool:
        return person_id in self._of

    def last(self, person_id: str) -> AcceptedEntry | None:
        """Return the entry that a person's next one must follow, if one waits."""
        waiting = self._of.get(person_id)
        return waiting[-1].accepted if waiting else None

    def wait(self, one: WaitingEntry, *, request_offset: int) -> None:
        """Queue an entry until its request and the person's earlier entries came."""
        person_id = one.accepted.person_id
        request_offset = max(request_offset, self._last_request.get(person_id, -1))
        self._last_request[person_id] = request_offset
        self._of.setdefault(person_id, deque()).append(one)
        heappush(self._queue, (request_offset, one.offset, person_id))

    def due(self, request_offset: int) -> list[WaitingEntry]:
        """Take the entries whose request has come."""
        taken: list[WaitingEntry] = []
        while self._queue and self._queue[0][0] <= request_offset:
            _, _, person_id = heappop(self._queue)
            waiting = self._of.get(person_id)
            if waiting:
                taken.append(waiting.popleft())
            if not waiting:
                self._of.pop(person_id, None)
        return taken

    def all_of(self, person_id: str) -> list[WaitingEntry]:
        """Take all entries of a person that wait, whatever request they wait for."""
        return list(self._of.pop(person_id, ()))

    def forget(self) -> None:
        """Discard what waits: it will be read again from the log."""
        self._of.clear()
        self._queue.clear()
        self._last_request.clear()
