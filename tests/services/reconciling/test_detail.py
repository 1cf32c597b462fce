"""A detail file against rows of ours: every class, every fault."""

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from jiesuan_services.reconciling import opened as opening
from jiesuan_services.reconciling.detail import Reconciler, elsewhere
from jiesuan_services.reconciling.lines import FileFault
from jiesuan_services.reconciling.opened import opened
from jiesuan_services.reconciling.ours import OurRows, our_row

S1 = "S1 V1 P1 100.00 80.00 0.00 0 M1 \\N"
S2 = "S2 V1 P1 50.00 40.00 5.00 0 M2 \\N"
R2 = "R2 V1 P1 -50.00 -40.00 -5.00 1 MR S2"
S9 = "S9 V1 P1 7.00 6.00 0.00 0 M9 \\N 2022-02-27"
R8 = "R8 V1 P1 -7.00 -6.00 0.00 1 M8 S1 2022-04-01"


def tabs(line: str) -> bytes:
    """Return a line with its columns apart by TAB."""
    return line.replace(" ", "\t").encode()


def reconciled(
    *theirs: str | bytes,
    ours: Iterable[str] = (S1, S2, R2),
    others: Iterable[str] = (),
) -> list[list[str]]:
    """Return the columns of the result, the memo left out unless it names a day."""
    text = b"\n".join(tabs(one) if isinstance(one, str) else one for one in theirs)
    reconciler = Reconciler(
        OurRows(map(tabs, ours)), elsewhere(our_row(tabs(one)) for one in others)
    )
    lines = [line.decode() for line in reconciler.results(io.BytesIO(text))]
    assert reconciler.counts.total() == len(lines)
    return [line.rstrip("\n").split("\t") for line in lines]


def classes(rows: list[list[str]]) -> list[tuple[str, str]]:
    """Return ids and classes."""
    return [(row[2], row[4]) for row in rows]


EQUAL = ("S1 V1 P1 100.00 80.00 0.00 0", "S2 V1 P1 50.00 40.00 5.00 0")


def test_equal_rows_are_equal_in_the_order_of_the_file() -> None:
    """A row that says what ours says is 000000, with the sender's id and no memo."""
    rows = reconciled("R2 V1 P1 -50.00 -40.00 -5.00 1", *EQUAL[::-1])
    assert classes(rows) == [("R2", "000000"), ("S2", "000000"), ("S1", "000000")]
    assert rows[2] == [
        *("P1", "V1", "S1", "M1", "000000", "0", "null"),
        *("100.00", "80.00", "0.00"),
    ]


def test_a_refund_under_its_original_s_id_is_ours() -> None:
    """Flag 1 under the original's id means the refund, and the result gives its id."""
    rows = reconciled(*EQUAL, "S2 V1 P1 -50.00 -40.00 -5.00 1")
    assert classes(rows)[2] == ("R2", "000000")


@pytest.mark.parametrize(
    ("line", "class_"),
    [
        ("S1 V1 P1 100.01 80.00 0.00 0", "000103"),
        ("S1 V2 P1 100.00 80.00 0.00 0", "000103"),
        ("S1 V1 P2 100.00 80.00 0.00 0", "000103"),
        ("S1 V1 P1 -100.00 -80.00 0.00 0", "000104"),
        ("S1 V1 P1 100.00 80.00 0.00 1", "000104"),
        ("S1 V1 P1 -100.00 -80.00 0.00 1", "000104"),
        ("S1 V1 P1 -100.00 -70.00 0.00 1", "000103"),
    ],
)
def test_what_differs_has_a_class(line: str, class_: str) -> None:
    """Sign and flag are one class, anything else the other; the amounts are ours."""
    [row] = reconciled(line, ours=[S1])
    assert (row[4], row[7:]) == (class_, ["100.00", "80.00", "0.00"])


def test_a_refund_that_is_none_leaves_the_settlement_its_own_line() -> None:
    """The settlement is equal, the refund that we do not have is 000104."""
    rows = reconciled(EQUAL[0], "S1 V1 P1 -100.00 -80.00 0.00 1", ours=[S1])
    assert classes(rows) == [("S1", "000000"), ("S1", "000104")]


def test_what_one_side_has_alone_is_named() -> None:
    """Theirs alone stands in its place with their amounts, ours come last."""
    rows = reconciled("S7 null null 1.00 null 0.00 null", ours=[S1])
    assert classes(rows) == [("S7", "000101"), ("S1", "000102")]
    assert (rows[0][3], rows[0][7:]) == ("null", ["1.00", "0.00", "0.00"])
    assert rows[1][3] == "M1"


def test_a_row_of_another_day_names_the_day() -> None:
    """It is theirs alone for these days, with our amounts, sender's id and the day."""
    rows = reconciled("S9 V1 P1 7.01 6.00 0.00 0", ours=[], others=[S9])
    assert classes(rows) == [("S9", "000101")]
    assert (rows[0][3], rows[0][7]) == ("M9", "7.00")
    assert "2022-02-27" in rows[0][6]


def test_a_refund_of_another_day_is_not_the_settlement() -> None:
    """A settlement of these days, its refund of another: each has its own line."""
    rows = reconciled(EQUAL[0], "S1 V1 P1 -7.00 -6.00 0.00 1", ours=[S1], others=[R8])
    assert classes(rows) == [("S1", "000000"), ("R8", "000101")]
    assert "2022-04-01" in rows[1][6]


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        ([EQUAL[0], EQUAL[0]], 2),
        (["R2 V1 P1 -50.00 -40.00 -5.00 1", "S2 V1 P1 -50.00 -40.00 -5.00 1"], 2),
        (["S7 V1 P1 1.00 1.00 0.00 0", "S7 V1 P1 1.00 1.00 0.00 0"], 2),
        (["S1 V1 P1 100.00 80.00 0.00"], 1),
        (["S1 V1 P1 100.00 80.00 0.00 0 x"], 1),
        (["S1 V1 P1 100.0 80.00 0.00 0"], 1),
        (["S1 V1 P1 100.00 80.00 0.00 2"], 1),
        (["null V1 P1 100.00 80.00 0.00 0"], 1),
        ([EQUAL[0], "", EQUAL[1]], 2),
        (["结算".encode("gb18030") + b"\tV1\tP1\t1.00\t1.00\t0.00\t0"], 1),
        ([b"S1\tV 1\tP1\t1.00\t1.00\t0.00\t0"], 1),
        ([b"x" * 3_000], 1),
    ],
)
def test_a_fault_names_its_line(lines: list[str | bytes], number: int) -> None:
    """Whatever is not the standard's form is refused, by line."""
    with pytest.raises(FileFault, match=f"^第{number}行："):
        reconciled(*lines)


def test_bom_and_crlf_pass() -> None:
    """A file saved on Windows is read as any other."""
    text = b"\xef\xbb\xbf" + tabs(EQUAL[0]) + b"\r\n" + tabs(EQUAL[1]) + b"\r\n"
    assert [row[4] for row in reconciled(text, ours=[S1, S2])] == ["000000"] * 2


def zipped(path: Path, *names: str, text: bytes = b"x") -> Path:
    """Write a ZIP with members of these names."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            packed.writestr(name, text)
    return path


def test_the_one_member_of_a_zip_is_read(tmp_path: Path) -> None:
    """The text of a ZIP is that of its only member."""
    with opened(zipped(tmp_path / "a.zip", "a.txt", text=b"abc")) as text:
        assert text.read() == b"abc"


@pytest.mark.parametrize(
    "names",
    [(), ("a.txt", "b.txt"), ("../a.txt",), ("/a.txt",), ("d\\a.txt",), ("a.exe",)],
)
def test_a_zip_of_anything_else_is_refused(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    """One plain name ending in .txt, nothing else."""
    path = zipped(tmp_path / "a.zip", *names)
    with pytest.raises(FileFault), opened(path):
        pass


def test_a_bomb_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound is of what is read, whatever the ZIP promises."""
    monkeypatch.setattr(opening, "MAX_BYTES", 1_000_000)
    bomb = zipped(tmp_path / "a.zip", "a.txt", text=b"0" * 5_000_000)
    with pytest.raises(FileFault, match="512"), opened(bomb):
        pass


def test_a_broken_zip_is_refused(tmp_path: Path) -> None:
    """Bytes that are missing are a fault of the file, not of ours."""
    path = zipped(tmp_path / "a.zip", "a.txt", text=bytes(range(256)) * 40)
    whole = path.read_bytes()
    for cut in (3, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(FileFault), opened(path):
            pass
