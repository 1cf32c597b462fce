"""Answers that came before anybody here waited for them."""

import time
from collections import OrderedDict
from typing import Final

from msgspec import Struct

MOST_BYTES: Final = 64 * 1024 * 1024
"""Every answer of the ledger is heard here, those to other counters too: 2,000 answers
to bills of 1,000 lines were 465 MB when they were bounded by their number alone."""
ANSWER_BYTES: Final = 512
"""What is counted of an answer beside its value."""


class HeardAnswer(Struct, frozen=True):
    """An answer's bytes, the time of the ledger, and when it was heard."""

    value: bytes
    time: str
    heard: float


class EarlyAnswers:
    """Keeps what may still be asked for: the acknowledgement may come after its answer.

    No request is awaited longer than ``seconds``, so nothing older is anybody's.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept: OrderedDict[bytes, HeardAnswer] = OrderedDict()
        self.size = 0
        """How many bytes are kept."""

    def keep(self, cause: bytes, value: bytes, *, at: str) -> None:
        """Keep an answer; of several to one request the first is the answer."""
        if cause not in self._kept:
            self._kept[cause] = HeardAnswer(value, at, time.monotonic())
            self.size += len(value) + ANSWER_BYTES

    def take(self, cause: bytes) -> HeardAnswer | None:
        """Return an answer that came, and keep it no longer; None if none did."""
        found = self._kept.pop(cause, None)
        if found is not None:
            self.size -= len(found.value) + ANSWER_BYTES
        return found

    def forget(self) -> None:
        """Forget what is too old, and the oldest of what is too much."""
        old = time.monotonic() - self._seconds
        while self._kept:
            cause, first = next(iter(self._kept.items()))
            if first.heard >= old and self.size <= MOST_BYTES:
                break
            self.take(cause)
