"""The bytes of a message as JSON: UTF-8, else GB18030; numbers exact, depth bounded."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from jiesuan_services.gateway.faults import NotRead

MOST_DEPTH: Final = 64
_OUTSIDE_STRINGS: Final = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|([\[{])|([\]}])', re.DOTALL
)
"""A string without an end is one to the end of the text: it is gone through once."""
_ESCAPED: Final = "\\u"
_NOT_TEXT: Final = re.compile("[\x00\ud800-\udfff]")

_SAVE_AS: Final = "请用UTF-8编码的JSON重新发送。"
NOT_TEXT: Final = f"报文不是UTF-8或GB18030文本，{_SAVE_AS}"
NOT_JSON: Final = f"{{}}不是合法的JSON{{}}，{_SAVE_AS}"
AT: Final = "（第{}个字符处）"
NOT_CHARACTERS: Final = (
    "报文的文字中有空字符（\\u0000）或不成对的代理字符（如\\ud800），请去掉后重新发送。"
)
NOT_OBJECT: Final = "报文应为一个JSON对象，请检查后重新发送。"
TOO_DEEP: Final = f"报文嵌套超过{MOST_DEPTH}层，请检查后重新发送。"


def decoded(raw: bytes) -> str:
    """Return the text of a body: a Windows machine may send its own encoding.

    >>> decoded("门诊".encode("gb18030"))
    '门诊'
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError:
        raise NotRead(NOT_TEXT) from None


def read_json(text: str, *, what: str = "报文") -> Any:
    """Return what a JSON text says; a number with a fraction stays decimal text."""
    if _depth(text) > MOST_DEPTH:
        raise NotRead(TOO_DEEP)
    try:
        # Not strict: JSON put together by hand has line breaks in its texts.
        said = json.loads(
            text, parse_float=Decimal, parse_constant=_no_number, strict=False
        )
    except json.JSONDecodeError as wrong:
        at = AT.format(wrong.pos + 1)
        raise NotRead(NOT_JSON.format(what, at)) from None
    except (ValueError, ArithmeticError):
        raise NotRead(NOT_JSON.format(what, "")) from None
    is_suspect = _ESCAPED in text or "\x00" in text
    if is_suspect and any(_NOT_TEXT.search(one) for one in _strings(said)):
        raise NotRead(NOT_CHARACTERS)
    return said


def read_object(raw: bytes) -> dict[str, Any]:
    """Return the one JSON object that a body is."""
    said = read_json(decoded(raw).replace("\x00", ""))
    if not isinstance(said, dict):
        raise NotRead(NOT_OBJECT)
    return said


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _depth(text: str) -> int:
    """Count the deepest nesting without reading it: readers of JSON recurse."""
    if text.count("[") + text.count("{") <= MOST_DEPTH:
        return 0
    depth = deepest = 0
    for found in _OUTSIDE_STRINGS.finditer(text):
        if found[1]:
            depth += 1
            deepest = max(deepest, depth)
        elif found[2]:
            depth -= 1
    return deepest


def _strings(said: Any) -> Iterator[str]:
    """Return every string in a JSON value, names included."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict):
        for name, value in said.items():
            yield name
            yield from _strings(value)
    elif isinstance(said, list):
        for value in said:
            yield from _strings(value)
