"""One meaning, one text: what can be said in two ways is refused in all but one."""

import pytest

from jiesuan_services.audit.tree.text import (
    FormatError,
    base64_text,
    json_text,
    read_base64,
    read_decimal,
    read_fields,
    read_hex,
    read_json,
    read_number,
    read_string,
)


@pytest.mark.parametrize(
    "text", ["YQ", "YR==", "YQ==\n", " YQ==", "YQ=", "Y-==", "é", 7]
)
def test_base64_has_one_spelling(text: object) -> None:
    """Missing padding, spare bits, spaces and other alphabets are refused."""
    assert read_base64("YQ==") == b"a"
    with pytest.raises(FormatError, match="base64"):
        read_base64(text)


def test_base64_of_another_length_is_refused() -> None:
    """Where a length is said, no other will do."""
    assert read_base64(base64_text(bytes(32)), length=32) == bytes(32)
    with pytest.raises(FormatError, match="应为 32 字节，实为 31 字节"):
        read_base64(base64_text(bytes(31)), length=32)


@pytest.mark.parametrize(
    "text", ["", "01", "+1", "-1", " 1", "1 ", "1_0", "٣", "1.0", "9223372036854775808"]
)
def test_a_decimal_has_one_spelling(text: str) -> None:
    """Signs, zeros in front, spaces and other digits are refused."""
    assert [read_decimal("0"), read_decimal("9223372036854775807")] == [0, 2**63 - 1]
    with pytest.raises(FormatError, match="十进制"):
        read_decimal(text)


@pytest.mark.parametrize("text", ["a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n", None])
def test_a_digest_is_lower_case_hex(text: object) -> None:
    """64 digits, small letters, nothing else."""
    assert read_hex("0a" * 32) == "0a" * 32
    with pytest.raises(FormatError, match="十六进制"):
        read_hex(text)


@pytest.mark.parametrize("value", [-1, 2**63, True, "1", None, 1.0])
def test_a_count_is_a_whole_number(value: object) -> None:
    """No text, no truth value, nothing negative, nothing that a log cannot count."""
    assert [read_number(0), read_number(2**63 - 1)] == [0, 2**63 - 1]
    with pytest.raises(FormatError, match="非负整数"):
        read_number(value)


def test_text_is_what_utf8_can_write() -> None:
    """Half a surrogate pair is not text."""
    assert read_string("结算") == "结算"
    for value in ("\ud800", 7, None):
        with pytest.raises(FormatError, match="字符串"):
            read_string(value)


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":1}',
        b'[{"b":{"a":1,"a":2}}]',
        b"1.0",
        b"1e3",
        b"-0",
        b"NaN",
        b"Infinity",
        b"9223372036854775808",
        b"\xef\xbb\xbf1",
        b'"\xff"',
        b"01",
        b"1 2",
        b"",
        b"[" * 100_000,
    ],
)
def test_json_that_could_mean_two_things_is_refused(text: bytes) -> None:
    """Repeated names, fractions, second zeros and broken UTF-8 are not read."""
    with pytest.raises(FormatError):
        read_json(text)


def test_json_is_read_and_written() -> None:
    """What is written on one line reads as itself; order and space mean nothing."""
    value = {"b": [1, None, -3], "a": "结算"}
    assert json_text(value) == '{"b":[1,null,-3],"a":"结算"}'
    assert read_json(json_text(value).encode()) == value
    assert read_json(b' { "a" : "\\u7ed3\\u7b97",\n"b":[1,null,-3]} ') == value


def test_fields_are_exact() -> None:
    """An object has every field that it must have and no other."""
    assert read_fields({"a": 1, "b": 2}, ("b", "a")) == {"a": 1, "b": 2}
    with pytest.raises(FormatError, match="缺少字段 b"):
        read_fields({"a": 1}, ("a", "b"))
    with pytest.raises(FormatError, match="未定义的字段 'c'"):
        read_fields({"a": 1, "b": 2, "c": 3}, ("a", "b"))
    with pytest.raises(FormatError, match="JSON 对象"):
        read_fields([], ())
