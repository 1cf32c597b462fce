"""What fails at a record, counted by all who read a log: the third time is enough.

A failure that is nobody's outage (a record that a law or a table falls over) is tried
again after a pause. The third time at one record its partition is set aside, by name,
and what failed there keeps nobody else waiting.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from jiesuan_ledger.log.fetch.slow import Halt

TRIES: Final = 3
PAUSE_SECONDS: Final = 0.2
MOST_SAID: Final = 300

LogPartition = tuple[str, int]
"""Topic and number."""


def halt_of(wrong: Exception, offset: int) -> Halt:
    """Return where a partition stands since now, with an exception's first line."""
    first = f"{type(wrong).__name__}: {wrong}".split("\n", 1)[0]
    return Halt(offset, first[:MOST_SAID], time.time())


class FailedPartitions:
    """Which partitions failed, how often and where, and which are set aside."""

    def __init__(self, say: Callable[..., Any]) -> None:
        """Count for one process; ``say`` logs an event with its fields as an error."""
        self.aside: dict[LogPartition, Halt] = {}
        self._say = say
        self._failed: dict[LogPartition, tuple[int, int]] = {}

    def failed(self, at: LogPartition, offset: int, *, wrong: Exception) -> float:
        """Count a failure, the third at an offset is enough; return how long to wait.

        What is said of it is the exception's kind and its first line: what follows may
        quote a person's record.
        """
        last, times = self._failed.get(at, (offset, 0))
        times = times + 1 if last == offset else 1
        self._failed[at] = offset, times
        where = {"topic": at[0], "partition": at[1], "offset": offset}
        self._say("partition.failed", **where, times=times, error=type(wrong).__name__)
        if times >= TRIES:
            self.aside[at] = halt_of(wrong, offset)
            self._say("partition.aside", **where)
        return times * PAUSE_SECONDS

    def standing(self) -> dict[str, Halt]:
        """Return what is set aside, as topic/partition."""
        return {f"{topic}/{number}": one for (topic, number), one in self.aside.items()}
