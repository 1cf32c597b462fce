"""The files of 3202: one TXT in a ZIP, a record a line, tabs between; both bounded."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import Final

from jiesuan_events.words.money import yuan
from jiesuan_services.gateway.faults import CounterFault, NotRead
from jiesuan_services.gateway.wire.text import decoded
from jiesuan_services.gateway.wire.values import read_fen
from jiesuan_services.reconciling.lines import COLUMNS

MOST_TEXT_BYTES: Final = 20 * 1024 * 1024
MOST_ROWS: Final = 100_000
_AMOUNTS: Final = slice(3, 6)
_ENDS_LINE: Final = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""What `splitlines` takes for an end; of these two may be one."""
_TAKEN: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of other methods no less is unpacked than a whole member."""
_BEGINS_ZIP: Final = b"PK\x03\x04"
_MADE: Final = (1980, 1, 1, 0, 0, 0)
"""The same rows make the same bytes: no clock in the archive."""

NOT_A_ZIP: Final = "明细文件不是可读的ZIP，请按接口规范将一个TXT压缩为ZIP后重新上传。"
ONE_FILE: Final = "明细文件的ZIP中应只有一个TXT文件，请更正后重新上传。"
OTHER_METHOD: Final = "明细文件的ZIP只能用Deflate方法压缩，请重新压缩后再上传。"
TOO_LARGE: Final = "明细文件解压后超过20MB或100000行，请缩短对账日期后重新上传。"


def read_text(content: bytes) -> bytes:
    """Return an uploaded file as reconciling reads it, whatever its encoding.

    Amounts of any form get two decimals; what is no row stays, to be named there.
    """
    text = decoded(_unpacked(content)).rstrip()
    if sum(map(text.count, _ENDS_LINE)) > 2 * MOST_ROWS:
        raise CounterFault(TOO_LARGE)
    lines = text.splitlines()
    if len(lines) > MOST_ROWS:
        raise CounterFault(TOO_LARGE)
    return "\n".join(_plain(line) for line in lines).encode()


def write_file(lines: Iterable[bytes], name: str) -> bytes:
    """Return a file of lines to be fetched."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        text = b"".join(lines)
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
            # A name in no encoding or none at all, lengths that lie.
            ValueError,
            IndexError,
            struct.error,
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
        if files[0].compress_type not in _TAKEN:
            raise NotRead(OTHER_METHOD)
        with archive.open(files[0]) as member:
            # What the archive says of its size is not believed.
            return member.read(MOST_TEXT_BYTES + 1)


def _plain(line: str) -> str:
    most = len(COLUMNS)
    cells = [cell.strip() for cell in line.split("\t", most)[:most]]
    cells[_AMOUNTS] = [_amount(cell) for cell in cells[_AMOUNTS]]
    return "\t".join(cells)


def _amount(cell: str) -> str:
    try:
        return yuan(read_fen(cell))
    except ValueError:
        return cell
