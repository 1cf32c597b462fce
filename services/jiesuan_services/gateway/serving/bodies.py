"""A body as it came: read and unpacked no further than it may be long."""

import asyncio
import re
import zlib
from typing import Final

from starlette.requests import Request

from jiesuan_services.gateway.faults import NotRead

_MAGIC: Final = b"\x1f\x8b"
_GZIP_BITS: Final = zlib.MAX_WBITS | 16
_TEXT: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*+[\[{]")
"""How JSON begins; no packing begins so that anybody sends."""
OTHER_PACKING: Final = "报文的压缩方式不是gzip，请用gzip压缩或不压缩后重新发送。"
NOT_PACKED: Final = "报文不是完整的gzip数据，请检查压缩后重新发送。"
MOST_MEMBERS: Final = 100
"""Senders pack in one piece or a few; what follows each piece is copied behind it."""
IN_PIECES: Final = f"报文由超过{MOST_MEMBERS}段gzip数据组成，请压缩成一段后重新发送。"


class TooLarge(Exception):
    """A body beyond what the counter takes."""


async def body_of(request: Request, most: int, *, seconds: float) -> bytes:
    """Read a body, no more of it than is taken."""
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > most:
        raise TooLarge
    parts: list[bytes] = []
    size = 0
    async with asyncio.timeout(seconds):
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise TooLarge
            parts.append(part)
    return b"".join(parts)


def unpacked(body: bytes, packing: str, *, most: int) -> bytes:
    """Return a body as it was before its sender packed it.

    What it is, it says itself: some write the encoding of the text into the head where
    the packing belongs, and some pack without a word.

    >>> unpacked(b"{}", "UTF-8", most=10)
    b'{}'
    """
    if not body.startswith(_MAGIC):
        is_plain = packing.strip().lower() in ("", "identity") or not body
        if is_plain or _TEXT.match(body):
            return body
        raise NotRead(OTHER_PACKING)
    made, members = b"", 0
    while body:
        members += 1
        if members > MOST_MEMBERS:
            raise NotRead(IN_PIECES)
        part = zlib.decompressobj(_GZIP_BITS)
        try:
            made += part.decompress(body, most + 1 - len(made))
        except zlib.error:
            raise NotRead(NOT_PACKED) from None
        if len(made) > most:
            # No more was unpacked than is taken: a small body may hold gigabytes.
            raise TooLarge
        if not part.eof:
            raise NotRead(NOT_PACKED)
        body = part.unused_data
    return made
