"""3202: files of rows are read bounded, in whatever form a client writes them."""

import io
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


def test_the_result_is_one_file_in_an_archive_and_the_same_again() -> None:
    """Lines are kept as they are; the same lines make the same bytes."""
    content = write_file([b"1\n", b"2\n"], "r.txt")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("r.txt") == b"1\n2\n"
    assert content == write_file([b"1\n", b"2\n"], "r.txt")
