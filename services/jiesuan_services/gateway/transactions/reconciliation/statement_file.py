"""The files of 3202: one TXT in a ZIP, a record a line, tabs between; both bounded."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

from jiesuan_events.words.money import Fen, yuan
from jiesuan_services.gateway.faults import CounterFault, NotRead
from jiesuan_services.gateway.wire.text import decoded
from jiesuan_services.gateway.wire.values import read_fen

MOST_TEXT_BYTES: Final = 20 * 1024 * 1024
MOST_ROWS: Final = 100_000
NULL: Final = "null"
_COLUMNS: Final = 7
_ID: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,50}")
_BEGINS_ZIP: Final = b"PK\x03\x04"
_MADE: Final = (1980, 1, 1, 0, 0, 0)
"""The same rows make the same bytes: no clock in the archive."""

NOT_A_ZIP: Final = "明细文件不是可读的ZIP，请按接口规范将一个TXT压缩为ZIP后重新上传。"
ONE_FILE: Final = "明细文件的ZIP中应只有一个TXT文件，请更正后重新上传。"
TOO_LARGE: Final = "明细文件解压后超过20MB或100000行，请缩短对账日期后重新上传。"
BAD_ROW: Final = (
    "明细文件第{}行应为7列（制表符分隔：结算ID、就诊ID、人员编号、医疗费总额、"
    "基金支付总额、个人账户支出、退费结算标志），请更正后重新上传。"
)


class TheirRow(Struct, frozen=True):
    """One row as the institution has it."""

    setl_id: str
    mdtrt_id: str
    psn_no: str
    medfee_sumamt: Fen
    fund_pay_sumamt: Fen
    acct_pay: Fen
    is_refund: bool


def read_rows(content: bytes) -> list[TheirRow]:
    """Return the rows of an uploaded file; CounterFault names the first bad line."""
    text = decoded(_unpacked(content))
    lines = text.splitlines()
    if len(lines) > MOST_ROWS:
        raise CounterFault(TOO_LARGE)
    return [_row(line, number) for number, line in enumerate(lines, 1) if line.strip()]


def write_rows(rows: Iterable[tuple[Any, ...]], name: str) -> bytes:
    """Return a file of rows to be fetched."""
    text = "".join("\t".join(_cell(one) for one in row) + "\n" for row in rows)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, _MADE), text, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _unpacked(content: bytes) -> bytes:
    """Return the text of a ZIP, or of a file that is none; never more than is taken."""
    if not content.startswith(_BEGINS_ZIP):
        raw = content
    else:
        try:
            raw = _first(content)
        except (
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
            RuntimeError,
            EOFError,
            OSError,
        ):
            raise NotRead(NOT_A_ZIP) from None
    if len(raw) > MOST_TEXT_BYTES:
        raise CounterFault(TOO_LARGE)
    return raw


def _first(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = [one for one in archive.infolist() if not one.is_dir()]
        if len(files) != 1:
            raise NotRead(ONE_FILE)
        with archive.open(files[0]) as member:
            # What the archive says of its size is not believed.
            return member.read(MOST_TEXT_BYTES + 1)


def _row(line: str, number: int) -> TheirRow:
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) < _COLUMNS or not all(_ID.fullmatch(one) for one in cells[:3]):
        raise NotRead(BAD_ROW.format(number))
    try:
        total, fund, account = (read_fen(cell) for cell in cells[3:6])
    except ValueError:
        raise NotRead(BAD_ROW.format(number)) from None
    if cells[6] not in ("0", "1"):
        raise NotRead(BAD_ROW.format(number))
    return TheirRow(
        cells[0],
        cells[1],
        cells[2],
        medfee_sumamt=total,
        fund_pay_sumamt=fund,
        acct_pay=account,
        is_refund=cells[6] == "1",
    )


def _cell(value: Any) -> str:
    if value is None:
        return NULL
    return yuan(value) if isinstance(value, int) else str(value)
