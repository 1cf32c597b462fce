"""A record of a log: as it was received, and as it is to be written."""

from collections.abc import Sequence

from msgspec import Struct


class Incoming(Struct, gc=False):
    """A record of the requests topic, as received."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]

    @property
    def cause(self) -> str:
        """The place of the record, as entries and answers name it."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class Record(Struct, gc=False):
    """A record to be written."""

    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]]


class TimedRecord(Record, gc=False):
    """A record that keeps the timestamp that another broker gave it."""

    timestamp: int
