"""What a log has and its reader does not hand out: read again, then given up."""

import time
from collections.abc import Mapping
from typing import Final

UNSEEN_SECONDS: Final = 5.0
"""Who was not looked at for longer may have waited for a server."""
READ_AGAIN_SECONDS: Final = 10.0
GIVEN_UP_SECONDS: Final = 60.0


class ReaderStands(RuntimeError):
    """A reader hands out nothing of what is there: a new process is to begin."""


class Standstill:
    """Watches where the reader of one log is, by what was applied.

    What came and was lost before it was applied leaves no hole that a later record
    would show, while nothing later comes. A reader that hangs says nothing at all.
    """

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._since: dict[int, tuple[int, float]] = {}
        self._looked_at = 0.0
        self._asked: dict[int, int] = {}

    def look(self, waited_for: Mapping[int, int], *, is_busy: bool) -> dict[int, int]:
        """Return what is to be read again: partitions, each with its offset.

        ``waited_for`` has each partition of which more is there, with the offset that
        comes next. While a batch is applied nothing else can be: who is busy does not
        stand. Raises ReaderStands where reading again did not help either.
        """
        now = time.monotonic()
        before, self._since = self._since, {}
        if is_busy or now - self._looked_at > UNSEEN_SECONDS:
            before = {}
        self._looked_at = now
        again: dict[int, int] = {}
        for partition, offset in waited_for.items():
            since = before.get(partition, (offset, now))
            self._since[partition] = since if since[0] == offset else (offset, now)
            stands = now - self._since[partition][1]
            if stands > GIVEN_UP_SECONDS:
                raise ReaderStands(f"{self._topic}/{partition} is not read at {offset}")
            if stands > READ_AGAIN_SECONDS and self._asked.get(partition) != offset:
                again[partition] = self._asked[partition] = offset
        return again
