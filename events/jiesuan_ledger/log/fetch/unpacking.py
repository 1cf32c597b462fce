"""What batches are packed with, unpacked within a bound: a few bytes may say a lot."""

import struct
import zlib
from typing import Any, Final

import cramjam
from aiokafka.codec import snappy_decode
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
UNPACKED_BYTES: Final = 32 * 1024 * 1024
"""The most that a batch may unpack to: two of the largest records."""
FIRST_ROOM: Final = 16
"""How many times the packed bytes the first try has room for."""
_AT_MOST: Final = {GZIP: 1_032, LZ4: 255, ZSTD: 32_768}
"""What one packed byte can say at most, by the format."""
_NO_ROOM: Final = "failed to write whole buffer"
"""What cramjam says when it has unpacked more than there is room for."""
_XERIAL: Final = b"\x82SNAPPY\0"
_XERIAL_HEADER: Final = 16
_GZIP_WINDOW: Final = 31
"""zlib's word for a gzip header and the largest window."""


class TooMuch(ValueError):
    """A batch that unpacks to more than is held."""


UNPACKING: Final = (
    cramjam.DecompressionError,
    CorruptRecordException,
    UnsupportedCodecError,
    ValueError,
    IndexError,
    EOFError,
    OSError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""What unpacking bytes of anybody raises, here and in aiokafka."""


def unpack(body: bytes, codec: int) -> bytes:
    """Unpack the records of a batch, or raise one of `UNPACKING`."""
    if codec == NONE:
        return body
    if codec == GZIP:
        return _gunzip(body)
    if codec == SNAPPY:
        if _snappy_bytes(body) > UNPACKED_BYTES:
            raise TooMuch
        return bytes(snappy_decode(body))
    if codec in (LZ4, ZSTD):
        return _unpack_into(body, cramjam.lz4 if codec == LZ4 else cramjam.zstd)
    raise UnsupportedCodecError(f"codec {codec}")


def is_bounded(body: bytes, codec: int) -> bool:
    """Whether a batch unpacks to no more than is held, or not at all."""
    if codec in _AT_MOST and len(body) * _AT_MOST[codec] <= UNPACKED_BYTES:
        return True
    try:
        unpack(body, codec)
    except UNPACKING:
        return False
    return True


def _unpack_into(body: bytes, module: Any) -> bytes:
    """Unpack into room that grows up to the bound: zeroing all of it costs more."""
    room = FIRST_ROOM * (len(body) + 1)
    while True:
        space = bytearray(min(room, UNPACKED_BYTES))
        try:
            return bytes(memoryview(space)[: module.decompress_into(body, space)])
        except cramjam.DecompressionError as wrong:
            if _NO_ROOM not in str(wrong) or room >= UNPACKED_BYTES:
                raise
        room *= FIRST_ROOM


def _gunzip(body: bytes) -> bytes:
    """Unpack gzip of one or several members."""
    parts: list[bytes] = []
    room = UNPACKED_BYTES
    while body:
        member = zlib.decompressobj(_GZIP_WINDOW)
        parts.append(member.decompress(body, room + 1))
        room -= len(parts[-1])
        if room < 0:
            raise TooMuch
        if not member.eof:
            raise EOFError("gzip ends in the middle")
        body = member.unused_data
    return b"".join(parts)


def _snappy_bytes(body: bytes) -> int:
    """Return what snappy says that it unpacks to, in one piece or in Java's blocks."""
    if not body.startswith(_XERIAL):
        return int(cramjam.snappy.decompress_raw_len(body))
    at, total = _XERIAL_HEADER, 0
    while at < len(body):
        (length,) = struct.unpack_from(">i", body, at)
        at += 4
        if not 0 < length <= len(body) - at:
            raise EOFError("snappy ends in the middle")
        total += cramjam.snappy.decompress_raw_len(body[at : at + length])
        at += length
    return total
