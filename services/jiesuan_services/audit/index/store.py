"""The index on disk: one LMDB environment a ledger, written batch by batch.

It answers three questions without reading the log through: which entries are a
person's, which entry made a settlement, how far each partition was at an instant.
Deleted, it is made again from the log.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import lmdb
import msgspec
from msgspec import Struct

MAP_BYTES: Final = 256 * 1024**3
LAYOUT: Final = 1
"""Counted up whenever keys or values are written differently."""
_ABOUT: Final = b"about"
_NUMBER: Final = 8
_TIME_ZERO: Final = 2**80
_TIME_BYTES: Final = 12


class About(Struct, frozen=True):
    """Which ledger an index is of, and how it is written."""

    ledger_id: str
    partitions: int
    layout: int = LAYOUT


class Progress(Struct, frozen=True, array_like=True):
    """How far a partition was indexed, and the latest recording time met so far."""

    next_offset: int = 1
    latest: int = -(2**80)


class IndexedRecord(Struct, frozen=True, array_like=True, gc=False):
    """An accepted entry as it is stored in the log."""

    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


class IndexedHead(Struct, frozen=True, array_like=True):
    """The last accepted version of a person, and its hash."""

    version: int
    hash: bytes


_ENTRY: Final = msgspec.msgpack.Decoder(IndexedRecord)
_HEAD: Final = msgspec.msgpack.Decoder(IndexedHead)
_PROGRESS: Final = msgspec.msgpack.Decoder(Progress)
encode: Final = msgspec.msgpack.Encoder().encode


def entry_key(person_id: str, version: int) -> bytes:
    """Return the key of a person's entry; a person's lie side by side, in order."""
    return b"e%b\0%b" % (person_id.encode(), version.to_bytes(_NUMBER, "big"))


def head_key(person_id: str) -> bytes:
    """Return the key of a person's head."""
    return b"h" + person_id.encode()


def settlement_key(settlement_id: str) -> bytes:
    """Return the key of the place of a settlement."""
    return b"s" + settlement_id.encode()


def time_key(partition: int, nanoseconds: int) -> bytes:
    """Return the key of an instant in a partition; instants lie in their order."""
    at = (nanoseconds + _TIME_ZERO).to_bytes(_TIME_BYTES, "big")
    return b"t%b%b" % (partition.to_bytes(_NUMBER, "big"), at)


def fork_key(partition: int, offset: int) -> bytes:
    """Return the key of a record that is nobody's next entry."""
    return b"f%b%b" % (
        partition.to_bytes(_NUMBER, "big"),
        offset.to_bytes(_NUMBER, "big"),
    )


def progress_key(partition: int) -> bytes:
    """Return the key of how far a partition was indexed."""
    return b"p" + partition.to_bytes(_NUMBER, "big")


class IndexStore:
    """Keys and values; every read sees one moment."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._env = lmdb.open(
            str(folder), map_size=MAP_BYTES, max_dbs=0, readahead=False
        )
        self._env.reader_check()

    def close(self) -> None:
        """Close."""
        self._env.close()

    def about(self) -> About | None:
        """Return which ledger the index is of, None for an empty or older one."""
        with self._env.begin() as reading:
            raw = reading.get(_ABOUT)
        if raw is None:
            return None
        about = msgspec.msgpack.decode(raw, type=About)
        return about if about.layout == LAYOUT else None

    def clear(self, about: About) -> None:
        """Forget everything, and begin the index of a ledger."""
        with self._env.begin(write=True) as writing:
            writing.drop(self._env.open_db(), delete=False)
            writing.put(_ABOUT, encode(about))

    def writing(self) -> lmdb.Transaction:
        """Begin a change; whoever else writes is waited for."""
        return self._env.begin(write=True)

    def progress(self, partition: int) -> Progress:
        """Return how far a partition was indexed."""
        with self._env.begin() as reading:
            return progress_in(reading, partition)

    def entries(self, person_id: str, *, until: int) -> Iterator[IndexedRecord]:
        """Return a person's entries up to an offset, in order."""
        prefix = entry_key(person_id, 0)[:-_NUMBER]
        with self._env.begin(buffers=True) as reading, reading.cursor() as cursor:
            found = cursor.set_range(prefix)
            while found and bytes(cursor.key()[: len(prefix)]) == prefix:
                entry = _ENTRY.decode(cursor.value())
                if entry.offset > until:
                    return
                yield entry
                found = cursor.next()

    def persons(self) -> Iterator[str]:
        """Return everybody of whom an entry was accepted, in byte order."""
        with self._env.begin() as reading, reading.cursor() as cursor:
            going = cursor.set_range(b"h")
            while going and cursor.key().startswith(b"h"):
                yield cursor.key()[1:].decode()
                going = cursor.next()

    def place_of(self, settlement_id: str) -> tuple[int, int] | None:
        """Return partition and offset of the entry that made a settlement."""
        with self._env.begin() as reading:
            raw = reading.get(settlement_key(settlement_id))
        if raw is None:
            return None
        return int.from_bytes(raw[:_NUMBER], "big"), int.from_bytes(
            raw[_NUMBER:], "big"
        )

    def forks(self, partition: int, *, first: int, last: int) -> set[int]:
        """Return the offsets in [first, last] of what is nobody's next entry."""
        found: set[int] = set()
        stop = fork_key(partition, last)
        with self._env.begin() as reading, reading.cursor() as cursor:
            going = cursor.set_range(fork_key(partition, first))
            while going and cursor.key() <= stop:
                found.add(int.from_bytes(cursor.key()[-_NUMBER:], "big"))
                going = cursor.next()
        return found

    def first_after(self, partition: int, nanoseconds: int) -> int | None:
        """Return the first accepted entry recorded after an instant, by its offset."""
        prefix = time_key(partition, -_TIME_ZERO)[:-_TIME_BYTES]
        with self._env.begin() as reading, reading.cursor() as cursor:
            found = cursor.set_range(time_key(partition, nanoseconds + 1))
            if not found or not cursor.key().startswith(prefix):
                return None
            return int.from_bytes(cursor.value(), "big")


def progress_in(reading: lmdb.Transaction, partition: int) -> Progress:
    """Return how far a partition was indexed, as a transaction sees it."""
    raw = reading.get(progress_key(partition))
    return Progress() if raw is None else _PROGRESS.decode(raw)


def head_in(reading: lmdb.Transaction, person_id: str) -> IndexedHead | None:
    """Return a person's head, as a transaction sees it."""
    raw = reading.get(head_key(person_id))
    return None if raw is None else _HEAD.decode(raw)


def place_value(partition: int, offset: int) -> bytes:
    """Return the value of a settlement's place."""
    return partition.to_bytes(_NUMBER, "big") + offset.to_bytes(_NUMBER, "big")


def offset_value(offset: int) -> bytes:
    """Return the value of an instant."""
    return offset.to_bytes(_NUMBER, "big")
