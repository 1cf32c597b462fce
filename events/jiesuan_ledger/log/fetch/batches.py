"""Batches of Kafka as bytes, read record by record: whatever cannot be read is named.

The fast way is aiokafka's; this one is gone when that one fails. It unpacks no more
than `UNPACKED_BYTES`, takes any bytes for a header's name and any 64 bits for a time,
and gives one record for whatever of a batch does not read.
"""

import struct
from collections.abc import Iterator
from typing import Final

from aiokafka.record.util import calc_crc32c
from msgspec import Struct

from jiesuan_ledger.log.fetch.unpacking import UNPACKING, is_bounded, unpack

_HEADER: Final = struct.Struct(">qiibIhiqqqhii")
_HEAD: Final = struct.Struct(">qiibIh")
"""What is looked at of every batch: where it begins, how long it is, how packed."""
_OVERHEAD: Final = struct.calcsize(">qi")
_CRC_FROM: Final = struct.calcsize(">qiibI")
_MAGIC: Final = 2
_CODEC: Final = 0x07
_LOG_APPEND_TIME: Final = 0x08
_TRANSACTIONAL: Final = 0x10
_CONTROL: Final = 0x20
_ABORT: Final = 0
_VARINT_BYTES: Final = 10

SPOILED: Final = _HEADER.pack(0, _HEADER.size - _OVERHEAD, 0, 2, 0, *([0] * 8))
"""A batch that no reader takes for sound: stands for one that must not be unpacked."""

Headers = list[tuple[bytes, bytes | None]]


class RawRecord(Struct, frozen=True, gc=False):
    """A record as its bytes say; ``fault`` says why it could not be read, if so."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    fault: str | None = None


class Unreadable(ValueError):
    """Bytes that are no record."""


class RawBatch(Struct, frozen=True):
    """One batch: its frame read, its records not yet."""

    base: int
    last: int
    attributes: int
    first_timestamp: int
    max_timestamp: int
    producer: int
    count: int
    body: bytes
    is_intact: bool
    """Whether the checksum is that of the bytes."""

    @property
    def is_marker(self) -> bool:
        """Whether it marks the end of a transaction, and says nothing."""
        return bool(self.attributes & _CONTROL)

    @property
    def is_transactional(self) -> bool:
        """Whether it is part of a transaction."""
        return bool(self.attributes & _TRANSACTIONAL)

    @property
    def is_abort(self) -> bool:
        """Whether it marks that a transaction was given up."""
        first = next(self.records(), None) if self.is_marker else None
        key = first.key if first is not None else None
        return key is not None and key[2:4] == _ABORT.to_bytes(2, "big")

    def records(self) -> Iterator[RawRecord]:
        """Return the records one by one; what cannot be read is the last of them."""
        try:
            unpacked = unpack(self.body, self.attributes & _CODEC)
        except UNPACKING as wrong:
            fault = f"cannot be unpacked: {type(wrong).__name__}"
            yield self._unread(self.base, self.body, fault=fault)
            return
        at, offset = 0, self.base
        for _ in range(self.count):
            try:
                record, at_next = self._record(unpacked, at, expected=offset)
            except (Unreadable, IndexError) as wrong:
                if offset <= self.last:
                    yield self._unread(offset, unpacked[at:], fault=str(wrong))
                return
            yield record
            at, offset = at_next, record.offset + 1

    def _unread(self, offset: int, rest: bytes, *, fault: str) -> RawRecord:
        return RawRecord(offset, self.max_timestamp, None, rest, [], fault)

    def _record(self, raw: bytes, at: int, *, expected: int) -> tuple[RawRecord, int]:
        length, at = _varint(raw, at)
        end = at + length
        if length < 1 or end > len(raw):
            raise Unreadable("a record is longer than its batch")
        delta, place = _varint(raw, at + 1)
        ahead, place = _varint(raw, place)
        key, place = _sized(raw, place)
        value, place = _sized(raw, place)
        headers, place = _headers(raw, place, end=end)
        if place != end:
            raise Unreadable("a record is not as long as it says")
        offset = self.base + ahead
        # Brokers do not look at the places of records that are not packed.
        is_whole = self.count == self.last - self.base + 1
        latest = expected if is_whole else self.last
        if not expected <= offset <= latest:
            raise Unreadable("a record does not stand where its batch does")
        return RawRecord(offset, self._time(delta), key, value, headers), end

    def _time(self, delta: int) -> int:
        if self.attributes & _LOG_APPEND_TIME:
            return self.max_timestamp
        # What overflows wraps around, as it does in Java.
        return (self.first_timestamp + delta + 2**63) % 2**64 - 2**63


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    for at_byte in range(at, at + _VARINT_BYTES):
        byte = raw[at_byte]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at_byte + 1
        shift += 7
    raise Unreadable("a number has no end")


def _sized(raw: bytes, at: int) -> tuple[bytes | None, int]:
    length, at = _varint(raw, at)
    if length < 0:
        return None, at
    if at + length > len(raw):
        raise Unreadable("a part of a record is longer than its batch")
    return raw[at : at + length], at + length


def _headers(raw: bytes, at: int, *, end: int) -> tuple[Headers, int]:
    count, at = _varint(raw, at)
    # A header is two bytes at least: more than there are cannot be meant.
    if not 0 <= count <= (end - at) // 2:
        raise Unreadable("there are more headers than bytes")
    headers: Headers = []
    for _ in range(count):
        name, at = _sized(raw, at)
        value, at = _sized(raw, at)
        if name is None:
            raise Unreadable("a header has no name")
        headers.append((name, value))
    return headers, at


def read_batches(raw: bytes, *, end: int) -> Iterator[RawBatch]:
    """Return the whole batches of a fetch; the last may be cut and is left out.

    A broker cuts no batch that stands first: one that is not whole there is broken.
    So is one that reaches beyond the ``end`` of the log: no checksum holds a batch to
    its place.
    """
    at = 0
    while at + _HEADER.size <= len(raw):
        (base, length, _, magic, crc, *rest) = _HEADER.unpack_from(raw, at)
        stop = at + _OVERHEAD + length
        if at and stop > len(raw):
            return
        attributes, ahead, first, latest, producer, _, _, count = rest
        framed = _is_framed(magic, stop - at, room=len(raw) - at)
        if not framed or ahead < 0 or base + ahead >= end:
            yield _broken(raw[at:])
            return
        yield RawBatch(
            base,
            base + ahead,
            attributes,
            first,
            latest,
            producer,
            count,
            raw[at + _HEADER.size : stop],
            is_intact=calc_crc32c(raw[at + _CRC_FROM : stop]) == crc,
        )
        at = stop
    if raw and not at:
        yield _broken(raw)


def _is_framed(magic: int, size: int, *, room: int) -> bool:
    return magic == _MAGIC and _HEADER.size <= size <= room


def _broken(raw: bytes) -> RawBatch:
    return RawBatch(-1, -1, 0, 0, 0, -1, 0, raw, is_intact=False)


def vetted(raw: bytes, *, end: int) -> bytes:
    """Return what of a fetch may be unpacked without looking; if all, the same bytes.

    Cut before the first batch whose frame is wrong, that stands where the log has
    ended, or that may unpack to more than we hold. Is that the first one, it is
    replaced by a batch that every reader refuses.
    """
    at, size = 0, len(raw)
    while at + _HEADER.size <= size:
        base, length, _, magic, _, attributes = _HEAD.unpack_from(raw, at)
        stop = at + _OVERHEAD + length
        if at and stop > size:
            break
        if not _is_framed(magic, stop - at, room=size - at) or base >= end:
            return raw[:at] or SPOILED
        if attributes & _CODEC and not is_bounded(
            raw[at + _HEADER.size : stop], attributes & _CODEC
        ):
            return raw[:at] or SPOILED
        at = stop
    return raw if at or not raw else SPOILED
