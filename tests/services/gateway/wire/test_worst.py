"""The worst that a body of ten megabytes can say: read once, then refused in words.

Nothing is timed: what reads it more than once never comes to an end.
"""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from jiesuan_services.gateway.faults import NotRead
from jiesuan_services.gateway.wire.envelope import read_envelope
from jiesuan_services.gateway.wire.payload import MOST_NAMES
from jiesuan_services.gateway.wire.text import MOST_DEPTH, read_json, read_object
from jiesuan_services.gateway.wire.values import (
    CountIn,
    read_fen,
    read_moment,
    read_moment_if_any,
    read_price,
    read_quantity,
)

MOST = 10 * 1024 * 1024
read_count = TypeAdapter(CountIn).validate_python
DEEP = b"[" * (MOST_DEPTH + 1)


def long(part: bytes) -> bytes:
    """Repeat something until it is as long as a body may be."""
    return part * (MOST // len(part))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (DEEP + b'"' + long(rb"\""), "分批次"),
        (DEEP + b'"' + long(rb"\n"), "嵌套超过64层"),
        (DEEP + b'"' + long(rb"\""[:1]), "嵌套超过64层"),
        (DEEP + b'"' + long(b"x") + b"\\", "嵌套超过64层"),
        (b'"' + DEEP + long(rb"\n"), "不是合法的JSON"),
        (DEEP + long(b'"'), "分批次"),
    ],
)
def test_a_text_that_never_ends_is_read_once(body: bytes, words: str) -> None:
    """Quotes that are escaped, backslashes, quotes alone: each has its sentence."""
    with pytest.raises(NotRead, match=words):
        read_object(body)


@pytest.mark.parametrize(
    "part", [b"[],", b"{},", b'"",', b'"a":1,', b"]", b"0.1,", b"1e1,", b'"\\u0041",']
)
def test_more_parts_than_anybody_sends_are_not_made(part: bytes) -> None:
    """Ten megabytes of arrays, objects, texts, names or fractions are refused in words,
    whatever else they are: of a packed body they are ten kilobytes."""
    with pytest.raises(NotRead, match=r"超过.*请分批次重新发送"):
        read_object(b'{"input":[' + long(part) + b"0]}")


def test_a_file_as_long_as_a_body_is_read() -> None:
    """Its bytes may be numbers, or one text: these are no parts that are bounded."""
    file = json.dumps({"x": "\x01", "in": [200] * (MOST // 5)}).encode()
    assert len(read_object(file)["in"]) == MOST // 5
    file = b'{"in":"%s"}' % long(b"AZ09+/e.")
    assert len(read_object(file)["in"]) == len(long(b"AZ09+/e."))


ESCAPES = (r"\\", r"\ud83d", r"\ude00", r"\u0000", r"\u0041", r"\"", "ud83d", "u0000")


@given(st.lists(st.sampled_from(ESCAPES), max_size=6).map("".join))
def test_what_is_no_character_is_found_however_it_is_escaped(escaped: str) -> None:
    """A text is refused when, and only when, what it says has a zero or half a pair."""
    text = f'{{"{escaped}":["{escaped}"]}}'
    is_whole = not re.search("[\x00\ud800-\udfff]", json.loads(f'"{escaped}"'))
    try:
        assert is_whole == (read_json(text) == json.loads(text))
    except NotRead:
        assert not is_whole


def test_brackets_in_texts_are_no_nesting() -> None:
    """What stands in a text, after a quote that is escaped too, is not counted."""
    said = {"a": '"' + "[" * 100, "b": "\\", "c": "{" * 100}
    assert read_object(json.dumps(said).encode()) == said


def test_a_time_of_blanks_is_none() -> None:
    """Ten million blanks between two digits are no time, for whoever asks."""
    with pytest.raises(ValueError, match="应为时间"):
        read_moment("1" + " " * MOST + "1")
    assert read_moment_if_any("1" + "T " * MOST + "1") is None


def test_what_a_field_may_have_been_called_is_sought_among_the_first() -> None:
    """Of names like one that is missing those beyond the bound are not compared."""
    said = {f"x{number}": 1 for number in range(MOST_NAMES - 2)}
    for more, is_named in (({}, True), ({"y": 1}, False)):
        given = {"infno": "9001", **said, **more, "msgidd": "1"}
        with pytest.raises(NotRead, match="缺少必填字段msgid") as refused:
            read_envelope(given, path_infno=None)
        assert ("msgidd" in refused.value.sentence) == is_named


@pytest.mark.parametrize("sent", ["1e4000000000", "-1e4000000000", "1e-4000000000"])
@pytest.mark.parametrize("name", ["infno", "msgid", "fixmedins_code", "opter"])
def test_a_number_for_a_text_is_not_written_out_however_long(
    sent: str, name: str
) -> None:
    """An exponent of billions makes no billions of zeros: the field is named."""
    said = {"infno": "9001", "msgid": "1", name: 0}
    body = json.dumps(said).replace(": 0", f": {sent}").encode()
    with pytest.raises(NotRead, match=f"{name}（.*）数字过长，"):
        read_envelope(read_object(body), path_infno=None)


@pytest.mark.parametrize("sent", ["1e4000000000", "0e4000000000", "1e400"])
def test_a_number_for_an_amount_is_not_written_out_either(sent: str) -> None:
    """Yuan, prices, quantities and counts of such a size are too large, and said so."""
    number = read_object(b'{"a": %s}' % sent.encode())["a"]
    for read in (read_fen, read_price, read_quantity, read_count):
        with pytest.raises(ValueError, match="数值过大"):
            read(number)
