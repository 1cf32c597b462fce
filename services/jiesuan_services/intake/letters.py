"""Dead letters: what could not be understood, as it came, with its place and why."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from jiesuan_events.entries.entry import Headers
from jiesuan_ledger.log.record import Incoming, Record

WHOLE_BYTES: Final = 4 * 1024 * 1024
"""What is kept whole: far more than a request may have, unless its batch was packed."""
CUT_VALUE_BYTES: Final = 1024 * 1024
CUT_KEY_BYTES: Final = 1024
CUT_HEADERS_BYTES: Final = 64 * 1024
HEADER_BYTES: Final = 16
"""What a header is counted with beside its name and its value: more than it takes."""
ORIGINAL: Final = "x-"


def dead_letter(incoming: Incoming, reason: str) -> Record:
    """Keep what could not be understood: raw bytes, headers, place and reason.

    A few packed bytes may say more than the dead letters take: of that the beginning is
    kept, how much it was, and a digest by which the request itself is known.
    """
    headers = [
        ("topic", incoming.topic.encode()),
        ("partition", str(incoming.partition).encode()),
        ("offset", str(incoming.offset).encode()),
        ("reason", reason.encode()),
    ]
    key, value = incoming.key, incoming.value or b""
    size = len(key or b"") + len(value) + sum(map(_bytes_of, incoming.headers))
    if size <= WHOLE_BYTES:
        return Record(key, value, [*_original(incoming.headers), *headers])
    headers += [
        ("cut-bytes", str(size).encode()),
        ("cut-sha256", sha256(value).hexdigest().encode()),
    ]
    kept = _original(tuple(_first(incoming.headers)))
    return Record(
        None if key is None else key[:CUT_KEY_BYTES],
        value[:CUT_VALUE_BYTES],
        [*kept, *headers],
    )


def _original(headers: Headers) -> list[tuple[str, bytes | None]]:
    return [(f"{ORIGINAL}{name}", value) for name, value in headers]


def _bytes_of(header: tuple[str, bytes | None]) -> int:
    name, value = header
    return (
        HEADER_BYTES + len(name.encode("utf-8", "surrogateescape")) + len(value or b"")
    )


def _first(headers: Headers) -> Iterator[tuple[str, bytes | None]]:
    """Return the first headers, as many as there is room for."""
    room = CUT_HEADERS_BYTES
    for header in headers:
        room -= _bytes_of(header)
        if room < 0:
            return
        yield header
