"""The bytes of a message as JSON: UTF-8, else GB18030; numbers exact, depth bounded."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from jiesuan_services.gateway.faults import NotRead

MOST_DEPTH: Final = 64
MOST_SIGNS: Final = 400_000
"""Quotes and colons, before anything is read: a bill of 1,000 lines with every field
filled has 230,000 beside 2,000 brackets, a file of ten megabytes none. The worst body
within these bounds took 0.4 s of a busy processor and 70 MB; ten megabytes of ``[],``
(ten kilobytes when they are packed) took 5.5 s and 360 MB without them."""
MOST_BRACKETS: Final = 50_000
MOST_FRACTIONS: Final = 30_000
_OUTSIDE_STRINGS: Final = re.compile(
    r'[^"\[\]{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"?|([\[{])|([\]}]))?', re.DOTALL
)
"""A string without an end is one to the end of the text: it is gone through once."""
_NO_CHARACTER: Final = re.compile(
    r"\\u(?:0000|[dD](?:[89abAB]..(?!\\u[dD][c-fC-F])"
    r"|[c-fC-F](?<!\\u[dD][89abAB]..\\u[dD].)))"
)
"""In JSON: a zero, or half a pair of surrogates."""

_SAVE_AS: Final = "请用UTF-8编码的JSON重新发送。"
NOT_TEXT: Final = f"报文不是UTF-8或GB18030文本，{_SAVE_AS}"
NOT_JSON: Final = f"{{}}不是合法的JSON{{}}，{_SAVE_AS}"
AT: Final = "（第{}个字符处）"
NOT_CHARACTERS: Final = (
    "报文的文字中有空字符（\\u0000）或不成对的代理字符（如\\ud800），请去掉后重新发送。"
)
NOT_OBJECT: Final = "报文应为一个JSON对象，请检查后重新发送。"
TOO_MANY: Final = "报文中的节点、字段或小数超过一次可受理的数量，请分批次重新发送。"
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
    brackets, signs = (sum(map(text.count, some)) for some in ("[]{}", '":'))
    if brackets > MOST_BRACKETS or signs > MOST_SIGNS:
        raise NotRead(TOO_MANY)
    if _depth(text) > MOST_DEPTH:
        raise NotRead(TOO_DEEP)
    try:
        # Not strict: JSON put together by hand has line breaks in its texts.
        said = json.loads(
            text, parse_float=_fractions(), parse_constant=_no_number, strict=False
        )
    except json.JSONDecodeError as wrong:
        at = AT.format(wrong.pos + 1)
        raise NotRead(NOT_JSON.format(what, at)) from None
    except (ValueError, ArithmeticError):
        raise NotRead(NOT_JSON.format(what, "")) from None
    # Zeros that are no text are no JSON either; an escaped backslash escapes nothing.
    if "\x00" in text or _NO_CHARACTER.search(text.replace(r"\\", "  ")):
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


def _fractions() -> Callable[[str], Decimal]:
    """Return what reads numbers with a fraction, so many of one message."""
    left = iter(range(MOST_FRACTIONS))

    def exact(number: str) -> Decimal:
        if next(left, None) is None:
            raise NotRead(TOO_MANY)
        return Decimal(number)

    return exact


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
