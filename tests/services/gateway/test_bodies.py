"""Bodies that their senders packed."""

import gzip
import zlib

import pytest

from jiesuan_services.gateway.faults import NotRead
from jiesuan_services.gateway.serving.bodies import MOST_MEMBERS, TooLarge, unpacked

MOST = 1_000
BODY = b'{"infno":"9001"}'


def test_a_packed_body_is_the_body() -> None:
    """Whether in one piece or several, the bytes before packing are read."""
    assert unpacked(BODY, "", most=MOST) == BODY
    for packing in ("gzip", "GZIP", " x-gzip "):
        assert unpacked(gzip.compress(BODY), packing, most=MOST) == BODY
    assert unpacked(gzip.compress(BODY), "", most=MOST) == BODY
    two = gzip.compress(BODY[:5]) + gzip.compress(BODY[5:])
    assert unpacked(two, "gzip", most=MOST) == BODY
    assert unpacked(gzip.compress(b"x" * MOST), "gzip", most=MOST) == b"x" * MOST


@pytest.mark.parametrize("packing", ["", "identity", "UTF-8", "gb18030", "gzip", "br"])
def test_a_body_that_is_text_is_read_whatever_is_said_of_it(packing: str) -> None:
    """Some write the encoding of the text where that of the body is said."""
    for body in (BODY, b"\xef\xbb\xbf" + BODY, b"\r\n " + BODY):
        assert unpacked(body, packing, most=MOST) == body


def test_a_body_that_grows_beyond_the_bound_is_refused() -> None:
    """Of a hundred megabytes in a few kilobytes no more is unpacked than is taken."""
    with pytest.raises(TooLarge):
        unpacked(gzip.compress(b"x" * (MOST + 1)), "gzip", most=MOST)
    bomb = gzip.compress(b"\0" * 100_000_000)
    with pytest.raises(TooLarge):
        unpacked(bomb * 3, "gzip", most=MOST)
    halves = gzip.compress(b"x" * 600) * 2
    with pytest.raises(TooLarge):
        unpacked(halves, "gzip", most=MOST)


@pytest.mark.parametrize(
    ("body", "packing", "words"),
    [
        (b"\x1f" + BODY, "gzip", "不是gzip"),
        (gzip.compress(BODY)[:-3], "gzip", "不是完整的gzip"),
        (gzip.compress(BODY) + b"x", "gzip", "不是完整的gzip"),
        (zlib.compress(BODY), "deflate", "不是gzip"),
    ],
)
def test_what_cannot_be_unpacked_is_told_so(
    body: bytes, packing: str, words: str
) -> None:
    """The sentence names the packing, and what to do."""
    with pytest.raises(NotRead, match=words):
        unpacked(body, packing, most=MOST)


def test_a_body_in_a_thousand_pieces_is_refused() -> None:
    """Ten megabytes of pieces of nothing are not gone through; a hundred pieces are."""
    empty = gzip.compress(b"")
    few = empty * (MOST_MEMBERS - 1) + gzip.compress(BODY)
    assert unpacked(few, "gzip", most=MOST) == BODY
    for pieces in (MOST_MEMBERS + 1, 10 * 1024 * 1024 // len(empty)):
        with pytest.raises(NotRead, match="压缩成一段"):
            unpacked(empty * pieces, "gzip", most=MOST)


def test_nothing_is_nothing_however_it_is_packed() -> None:
    """An empty body is left to whoever reads it."""
    assert unpacked(b"", "gzip", most=MOST) == b""
