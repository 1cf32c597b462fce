"""Partitions of a log that are set aside: what failed there keeps nobody else waiting.

A failure that is nobody's outage (a record that a read model falls over) is tried again
after a pause. At the third time at the same record its partition is set aside, by name,
and the others go on.
"""

import time
from dataclasses import dataclass, field
from typing import Final

import structlog

TRIES: Final = 3
PAUSE_SECONDS: Final = 0.2
MOST_SAID: Final = 300

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a partition stands, why, and since when (seconds of the epoch)."""

    offset: int
    reason: str
    since: float


@dataclass(slots=True)
class FailedPartitions:
    """The partitions of a log: what failed in each, and which are set aside."""

    topic: str
    aside: dict[int, Standing] = field(default_factory=dict)
    _failed: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Partition → offset at which it failed last, and how often."""

    def failed(self, partition: int, offset: int, *, wrong: Exception) -> float:
        """Count a failure, the third at an offset is enough; return how long to wait.

        What is said of it is the exception's kind and its first line: what follows may
        quote a person's record.
        """
        at, times = self._failed.get(partition, (offset, 0))
        times = times + 1 if at == offset else 1
        self._failed[partition] = offset, times
        where = {"topic": self.topic, "partition": partition, "offset": offset}
        log.error("partition.failed", **where, times=times, error=type(wrong).__name__)
        if times >= TRIES:
            first = f"{type(wrong).__name__}: {wrong}".split("\n", 1)[0]
            self.aside[partition] = Standing(offset, first[:MOST_SAID], time.time())
            log.error("partition.aside", **where)
        return times * PAUSE_SECONDS
