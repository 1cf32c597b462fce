"""A record of a log: as it was received, and as it is to be written."""

from collections.abc import Sequence
from typing import Any, Final, Self

from msgspec import Struct

from jiesuan_events.entries.entry import Headers
from jiesuan_events.words.topics import REQUESTS


class Incoming(Struct, gc=False):
    """A record of the requests topic, as received."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @classmethod
    def of(cls, message: Any) -> Self:
        """Take what a consumer handed out (a ConsumerRecord) as a request received."""
        return cls(
            message.topic,
            message.partition,
            message.offset,
            message.key,
            message.value,
            message.headers,
        )

    @property
    def cause(self) -> str:
        """The place of the record, as entries and answers name it."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class Record(Struct, gc=False):
    """A record to be written, or as it was read: anybody's may lack what ours have."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


MARKER: Final = Record(None, None, ())
"""Stands where a transaction of somebody ended: it takes an offset and says nothing."""


class TimedRecord(Record, gc=False):
    """A record that keeps the timestamp that another broker gave it."""

    timestamp: int


def incoming(record: Record, partition: int, *, offset: int) -> Incoming:
    """Take a record of the requests, read from a log, as a request received."""
    return Incoming(
        REQUESTS, partition, offset, record.key, record.value, record.headers
    )
