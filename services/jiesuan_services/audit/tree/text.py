"""One meaning, one text: every format here is read strictly, or refused.

A file that can be spelled in two ways can be changed without being found.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable
from typing import Any, Final

MAX_NUMBER: Final = 2**63 - 1
HASH_BYTES: Final = 32
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_HEX: Final = re.compile(r"[0-9a-f]{64}")


class FormatError(ValueError):
    """A text that is not what it claims to be; the message says what is wrong."""


def base64_text(data: bytes) -> str:
    """Return bytes as standard base64."""
    return base64.b64encode(data).decode("ascii")


def read_base64(text: object, *, length: int | None = None) -> bytes:
    """Return the bytes of a canonical base64 text, of a given length if one is said."""
    if not isinstance(text, str):
        raise FormatError("此处应为 base64 文本")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise FormatError("base64 文本无法识别") from wrong
    if base64_text(data) != text:
        raise FormatError("base64 文本不是规范写法")
    if length is not None and len(data) != length:
        raise FormatError(f"base64 文本应为 {length} 字节，实为 {len(data)} 字节")
    return data


def read_decimal(text: str) -> int:
    """Return a decimal number without sign, leading zero or space."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_NUMBER:
        raise FormatError(f"此处应为不带前导零的十进制数，实为“{text[:40]}”")
    return int(text)


def read_hex(text: object) -> str:
    """Return a hash as 64 hex digits in lower case."""
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise FormatError("此处应为 64 位小写十六进制摘要")
    return text


def read_number(value: object) -> int:
    """Return a JSON number that counts something."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise FormatError("此处应为非负整数")
    if not 0 <= value <= MAX_NUMBER:
        raise FormatError("此处应为非负整数，且不超过 2⁶³−1")
    return value


def read_string(value: object) -> str:
    """Return a JSON string that is text: one that UTF-8 can write."""
    if not isinstance(value, str):
        raise FormatError("此处应为字符串")
    try:
        value.encode()
    except UnicodeEncodeError as wrong:
        raise FormatError("字符串不是有效的 Unicode 文本") from wrong
    return value


def read_fields(value: object, names: Iterable[str]) -> dict[str, Any]:
    """Return a JSON object that has exactly these fields."""
    wanted = set(names)
    if not isinstance(value, dict):
        raise FormatError("此处应为 JSON 对象")
    if missing := sorted(wanted - set(value)):
        raise FormatError(f"缺少字段 {missing[0]}")
    if unknown := sorted(set(value) - wanted):
        raise FormatError(f"出现未定义的字段 {unknown[0][:40]!a}")
    return value


def read_json(data: bytes) -> Any:
    """Return the value of a JSON text without repeated names or broken numbers."""
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_once,
            parse_float=_no_number,
            parse_constant=_no_number,
            parse_int=_whole_number,
        )
    except UnicodeDecodeError as wrong:
        raise FormatError("不是 UTF-8 文本") from wrong
    except (json.JSONDecodeError, RecursionError) as wrong:
        raise FormatError("不是有效的 JSON") from wrong


def json_text(value: object) -> str:
    """Return a value as JSON on one line, as all files here are written."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FormatError("同一对象中字段重复")
    return found


def _no_number(text: str) -> Any:
    raise FormatError(f"数值“{text[:40]}”不是整数")


def _whole_number(text: str) -> int:
    return -read_decimal(text[1:]) if _is_negative(text) else read_decimal(text)


def _is_negative(text: str) -> bool:
    return text.startswith("-") and text != "-0"
