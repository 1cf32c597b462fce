"""3202: files of rows are read bounded, and held against the ledger row by row."""

import io
import zipfile
from typing import Any

import pytest

from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.transactions.reconciliation.comparing import (
    compared,
    uneven,
)
from jiesuan_services.gateway.transactions.reconciliation.statement_file import (
    MOST_TEXT_BYTES,
    TheirRow,
    read_rows,
    write_rows,
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


def row(setl_id: str = "S1", **fields: Any) -> dict[str, Any]:
    """Make a row as the read model has it."""
    return {
        "setl_id": setl_id,
        "init_setl_id": None,
        "mdtrt_id": "V1",
        "psn_no": "P1",
        "medins_setl_id": f"M-{setl_id}",
        "refd_setl_flag": "0",
        "medfee_sumamt_fen": 4186,
        "fund_pay_sumamt_fen": 2467,
        "acct_pay_fen": 1719,
        **fields,
    }


def mirror(setl_id: str = "S2", of: str = "S1") -> dict[str, Any]:
    """Make the row of a refund."""
    return row(
        setl_id,
        init_setl_id=of,
        refd_setl_flag="1",
        medfee_sumamt_fen=-4186,
        fund_pay_sumamt_fen=-2467,
        acct_pay_fen=-1719,
    )


def test_a_file_is_read_zipped_or_not_and_in_either_encoding() -> None:
    """The same rows come of a ZIP, of bare text, and of a Windows encoding."""
    expected = [
        TheirRow("S1", "V1", "P1", 4186, 2467, 1719, is_refund=False),
        TheirRow("S2", "V1", "P1", -4186, -2467, -1719, is_refund=True),
    ]
    text = SETTLED + REFUNDED
    for content in (zipped(text), text.encode(), text.encode("gb18030")):
        assert read_rows(content) == expected
    assert read_rows(zipped("\ufeff" + text.replace("\n", "\r\n"))) == expected
    assert read_rows(b"") == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rubbish", "ZIP"),
        (zipped(SETTLED)[:-30], "ZIP"),
        (zipped(SETTLED, SETTLED), "只有一个"),
        (zipped("0" * (MOST_TEXT_BYTES + 1)), "20MB"),
        (zipped("\n" * 100_001), "100000行"),
        (zipped(SETTLED + "S1\tV1\n"), "第2行"),
        (zipped(SETTLED.replace("41.86", "1,000")), "第1行"),
        (zipped(SETTLED.replace("S1", "../S1\x07")), "第1行"),
        (zipped(SETTLED.replace("\t0\n", "\t2\n")), "第1行"),
    ],
)
def test_a_file_that_is_wrong_is_told_so(content: bytes, words: str) -> None:
    """Broken, too large once unpacked, or not of seven columns: a sentence."""
    with pytest.raises(CounterFault, match=words):
        read_rows(content)


def test_rows_that_agree_are_even_both_ways_of_naming_a_refund() -> None:
    """A refund is found by its own id and by that of what it takes back."""
    ours = [row(), mirror()]
    for named in (REFUNDED, REFUNDED.replace("S2", "S1")):
        lines = compared(read_rows((SETTLED + named).encode()), ours)
        assert uneven(lines) == 0
        assert [line[3] for line in lines] == ["M-S1", "M-S2"]


def test_what_differs_is_said_row_by_row() -> None:
    """An amount, a missing row of either side, a row twice: each is its own line."""
    theirs = SETTLED.replace("41.86", "41.87") + SETTLED
    theirs += "S9\tV1\tP1\t1\t1\t0\t0\n"
    lines = compared(read_rows(theirs.encode()), [row(), mirror()])
    assert [line[4] for line in lines] == ["1"] * 4
    assert "41.87元、平台41.86元" in lines[0][6]
    assert "多次" in lines[1][6]
    assert "平台无" in lines[2][6]
    assert lines[3][:4] == ("P1", None, None, "M-S2")
    assert "本机构无" in lines[3][6]


def test_the_result_file_has_ten_columns_and_says_null() -> None:
    """What is absent is written as the standard writes it, money in yuan."""
    content = write_rows(compared([], [row()]), "r.txt")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        cells = archive.read("r.txt").decode().rstrip("\n").split("\t")
    assert cells[1:3] == ["null", "null"]
    assert cells[7:] == ["41.86", "24.67", "17.19"]
    assert content == write_rows(compared([], [row()]), "r.txt")
