"""3202: files of rows are read bounded, in whatever form a client writes them."""

import io
import random
import tracemalloc
import zipfile

import pytest

from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.transactions.reconciliation.statement_file import (
    MOST_TEXT_BYTES,
    read_text,
    write_file,
)

SETTLED = "S1\tV1\tP1\t41.86\t24.67\t17.19\t0\n"
REFUNDED = "S2\tV1\tP1\t-41.86\t-24.67\t-17.19\t1\n"


def zipped(*texts: str) -> bytes:
    """Make an archive of some files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, text in enumerate(texts):
            archive.writestr(f"{number}.txt", text)
    return made.getvalue()


def test_a_file_is_read_zipped_or_not_and_in_either_encoding() -> None:
    """The same rows come of a ZIP, of bare text, and of a Windows encoding."""
    text = SETTLED + REFUNDED
    for content in (zipped(text), text.encode(), text.encode("gb18030")):
        assert read_text(content) == text.rstrip().encode()
    assert read_text(zipped("\ufeff" + text.replace("\n", "\r\n"))) == (
        text.rstrip().encode()
    )
    assert read_text(b"") == b""


def test_amounts_get_two_decimals_and_what_is_no_row_stays() -> None:
    """A double, an exponent, a whole number are amounts; reconciling names the rest."""
    line = "S1\tV1\tnull\t41.860000000000003\t1.0E1\t-3\t0\tmore"
    assert read_text(line.encode()) == b"S1\tV1\tnull\t41.86\t10.00\t-3.00\t0"
    assert read_text(b"S1\tV1\tP1\t1,000") == b"S1\tV1\tP1\t1,000"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rubbish", "ZIP"),
        (zipped(SETTLED)[:-30], "ZIP"),
        (zipped(SETTLED, SETTLED), "只有一个"),
        (zipped("0" * (MOST_TEXT_BYTES + 1)), "20MB"),
        (zipped("\n" * 100_001 + "x"), "100000行"),
    ],
)
def test_a_file_that_is_wrong_is_told_so(content: bytes, words: str) -> None:
    """Broken, or too large once unpacked: a sentence."""
    with pytest.raises(CounterFault, match=words):
        read_text(content)


def bomb(text: bytes, *, method: int = zipfile.ZIP_DEFLATED, times: int = 1) -> bytes:
    """Pack a text of twenty megabytes, or as many of it."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", method) as archive,
        archive.open("0.txt", "w") as member,
    ):
        whole = text * (MOST_TEXT_BYTES // len(text))
        for _ in range(times):
            member.write(whole)
    return made.getvalue()


def peak(content: bytes) -> tuple[bytes | str, int]:
    """Read a file; give what came of it, and the memory that it took."""
    tracemalloc.start()
    try:
        return read_text(content), tracemalloc.get_traced_memory()[1]
    except CounterFault as fault:
        return fault.sentence, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("method", "text", "words"),
    [
        (zipfile.ZIP_BZIP2, b"0", "Deflate"),
        (zipfile.ZIP_LZMA, b"0", "Deflate"),
        (zipfile.ZIP_DEFLATED, b"0", "20MB"),
    ],
)
def test_a_bomb_is_not_unpacked(method: int, text: bytes, words: str) -> None:
    """Of 160 megabytes in a small archive no more is made than is taken."""
    said, most = peak(bomb(text, method=method, times=8))
    assert isinstance(said, str)
    assert words in said
    assert most < 5 * MOST_TEXT_BYTES


@pytest.mark.parametrize("line", [b"12\n", b"1\r", b"12\x0b"])
def test_no_more_lines_are_made_than_are_taken(line: bytes) -> None:
    """Millions of short lines are counted before they are made."""
    said, most = peak(bomb(line))
    assert isinstance(said, str)
    assert "100000行" in said
    assert most < 5 * MOST_TEXT_BYTES


def test_no_more_cells_are_made_than_a_row_has() -> None:
    """Of a row of millions of cells the first seven are looked at."""
    said, most = peak(bomb(b"1\t2\t"))
    assert said == b"1\t2\t1\t2.00\t1.00\t2.00\t1"
    assert most < 5 * MOST_TEXT_BYTES


def refused(content: bytes) -> bool:
    """Whether a file is refused, in a sentence."""
    try:
        read_text(content)
    except CounterFault as fault:
        return fault.sentence.endswith("。")
    return False


def test_no_byte_of_an_archive_is_a_fault() -> None:
    """Whichever byte of an archive is another, it is read or refused in words."""
    chance = random.Random(7)
    changed = [
        content[:at] + bytes([byte]) + content[at + 1 :]
        for content in (zipped(SETTLED), named("名.txt"))
        for at in range(len(content))
        for byte in (0, 255, content[at] ^ 1, chance.randrange(256))
    ]
    assert sum(map(refused, changed)) > 500


def named(name: str) -> bytes:
    """Make an archive of one file of a name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, SETTLED)
    return made.getvalue()


def test_the_result_is_one_file_in_an_archive_and_the_same_again() -> None:
    """Lines are kept as they are; the same lines make the same bytes."""
    content = write_file([b"1\n", b"2\n"], "r.txt")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("r.txt") == b"1\n2\n"
    assert content == write_file([b"1\n", b"2\n"], "r.txt")
