"""A line of the standard's detail file: seven columns, read exactly or not at all."""

import re
from typing import Final, NamedTuple

COLUMNS: Final = (
    "setl_id",
    "mdtrt_id",
    "psn_no",
    "medfee_sumamt",
    "fund_pay_sumamt",
    "acct_pay",
    "refd_setl_flag",
)
NULL: Final = b"null"
_ID: Final = re.compile(r"[^\s\x00-\x1f\x7f]{1,50}")
_YUAN: Final = re.compile(rb"-?(0|[1-9][0-9]{0,13})\.[0-9]{2}")
_NOTHING: Final = b"0.00"
_AMOUNTS: Final = ("医疗费总额", "基金支付总额", "个人账户支付")
_NAMES: Final = ("结算ID", "就诊ID", "人员编号")


class FileFault(ValueError):
    """A file that cannot be reconciled: what is wrong and where."""


class DetailLine(NamedTuple):
    """A row as somebody wrote it; amounts as their text in yuan."""

    setl_id: bytes
    mdtrt_id: bytes
    psn_no: bytes
    medfee: bytes
    fund_pay: bytes
    acct_pay: bytes
    flag: bytes

    @property
    def amounts(self) -> tuple[bytes, ...]:
        """Return the three amounts."""
        return self[3:6]


def read_line(text: bytes, number: int) -> DetailLine:
    """Read a line without its end; raise FileFault naming the line."""
    parts = text.split(b"\t")
    if len(parts) != len(COLUMNS):
        raise FileFault(
            f"第{number}行：应为{len(COLUMNS)}列（以制表符分隔），实为{len(parts)}列"
        )
    for name, value in zip(_NAMES, parts, strict=False):
        _check_id(value, name, number=number)
    if parts[0] == NULL:
        raise FileFault(f"第{number}行：结算ID不能为空")
    for at, name in enumerate(_AMOUNTS, start=3):
        parts[at] = _amount(parts[at], name, number=number)
    if parts[6] == NULL:
        parts[6] = b"0"
    if parts[6] not in (b"0", b"1"):
        raise FileFault(f"第{number}行：退费标志应为0或1")
    return DetailLine(*parts)


def _check_id(value: bytes, name: str, *, number: int) -> None:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        raise FileFault(f"第{number}行：{name}不是UTF-8编码") from None
    if not _ID.fullmatch(text):
        raise FileFault(f"第{number}行：{name}应为1至50个字符，不含空白，空值写作null")


def _amount(value: bytes, name: str, *, number: int) -> bytes:
    if value == NULL:
        return _NOTHING
    if not _YUAN.fullmatch(value) or value == b"-0.00":
        raise FileFault(f"第{number}行：{name}应为两位小数的元，如12.30")
    return value
