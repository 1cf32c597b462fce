"""Three-way: a month of the other region's ledger held against ours, row by row."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Final

from jiesuan_events.words.money import yuan
from jiesuan_services.reconciling.classes import (
    EQUAL,
    ONLY_OURS,
    ONLY_THEIRS,
    OTHER_SIGN,
    compared,
    result,
)
from jiesuan_services.reconciling.lines import DetailLine, FileFault
from jiesuan_services.reconciling.ours import OurRow

AMOUNTS: Final = ("medfee_sumamt_fen", "fund_pay_sumamt_fen", "acct_pay_fen")
TEXTS: Final = ("setl_id", "mdtrt_id", "psn_no")
COLUMNS: Final = (
    *TEXTS,
    *AMOUNTS,
    "refd_setl_flag",
    "medins_setl_id",
    "fixmedins_code",
    "clr_ym",
    "pay_loc",
)
CLAIM: Final = "1"
_CLOSENESS: Final = {EQUAL: 0, OTHER_SIGN: 1}
Row = Mapping[str, Any]
Key = tuple[str, str]


def read_export(path: Path) -> Iterator[tuple[int, Row]]:
    """Return the rows of an `export-view settlement`, numbered as in the file."""
    if path.suffix == ".parquet":
        yield from _read_parquet(path)
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        try:
            _check(reader.fieldnames or (), path)
            yield from enumerate(reader, start=2)
        except (csv.Error, UnicodeDecodeError):
            raise FileFault(f"第{reader.line_num + 1}行：不是UTF-8编码的CSV") from None


def _read_parquet(path: Path) -> Iterator[tuple[int, Row]]:
    from pyarrow import ArrowInvalid, parquet

    try:
        with parquet.ParquetFile(path) as file:
            _check(file.schema_arrow.names, path)
            batches = file.iter_batches(columns=list(COLUMNS))
            rows = chain.from_iterable(batch.to_pylist() for batch in batches)
            yield from enumerate(rows, start=1)
    except ArrowInvalid:
        raise FileFault(f"{path.name}不是完好的Parquet文件，请重新导出") from None


def _check(names: Iterable[str], path: Path) -> None:
    missing = sorted(set(COLUMNS) - set(names))
    if missing:
        raise FileFault(
            f"{path.name}缺少列{'、'.join(missing)}，"
            "请用jiesuan export-view settlement导出"
        )


def month_of(
    rows: Iterable[tuple[int, Row]],
) -> tuple[str, list[tuple[Key, DetailLine]]]:
    """Return the one month of a file and its rows; claims are nobody's to clear."""
    month, found = None, []
    for number, row in rows:
        month = month or row["clr_ym"]
        if row["clr_ym"] != month:
            raise FileFault(f"第{number}行：清算年月不是{month}，一个文件只能是一个月")
        if row["pay_loc"] != CLAIM:
            key = (row["medins_setl_id"], row["fixmedins_code"])
            found.append((key, _line(row, number)))
    if month is None:
        raise FileFault("文件没有任何行，请用--month导出有结算的月份")
    return month, found


def _line(row: Row, number: int) -> DetailLine:
    try:
        amounts = [yuan(int(row[name])).encode() for name in AMOUNTS]
    except (TypeError, ValueError):
        raise FileFault(f"第{number}行：金额应为整数分") from None
    texts = [row[name].encode() for name in TEXTS]
    id_, visit, person = texts
    medfee, fund_pay, acct_pay = amounts
    flag = row["refd_setl_flag"].encode()
    return DetailLine(id_, visit, person, medfee, fund_pay, acct_pay, flag)


def our_month(rows: Iterable[Row]) -> list[tuple[Key, OurRow]]:
    """Return rows of ours with the key that both ledgers know them by."""
    return [
        (
            (row["medins_setl_id"], row["fixmedins_code"]),
            OurRow(
                _line(row, 0),
                row["medins_setl_id"].encode(),
                (row["init_setl_id"] or "").encode(),
            ),
        )
        for row in rows
    ]


def held_against(
    theirs: Iterable[tuple[Key, DetailLine]], ours: Iterable[tuple[Key, OurRow]]
) -> Iterator[tuple[bytes, bytes]]:
    """Return class and result of every row, theirs in the file's order, then ours.

    One key may have several rows (a gap refund settles again under the same id): each
    takes the one that is most like it.
    """
    waiting: defaultdict[Key, list[OurRow]] = defaultdict(list)
    for key, row in ours:
        waiting[key].append(row)
    for key, line in theirs:
        rows = waiting.get(key)
        if not rows:
            yield ONLY_THEIRS, result(line, None, class_=ONLY_THEIRS)
            continue
        _, at = min((_distance(line, row), at) for at, row in enumerate(rows))
        row = rows.pop(at)
        # The settlement's id is each ledger's own.
        class_ = compared(line, row.line)
        yield class_, result(line, row, class_=class_)
    for rows in waiting.values():
        for row in rows:
            yield ONLY_OURS, result(None, row, class_=ONLY_OURS)


def _distance(line: DetailLine, row: OurRow) -> tuple[int, bool]:
    return _CLOSENESS.get(compared(line, row.line), 2), line.flag != row.line.flag
