"""What is put aside is bounded, whatever somebody packed into a small batch."""

from hashlib import sha256

import pytest

from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_services.intake.letters import dead_letter

MIB = 1024 * 1024
BOUND = 2 * MIB
"""Far below the 16 MiB that the dead letters take."""


def put_aside(**parts: object) -> Record:
    """Put a record aside."""
    made = {"key": b"k", "value": b"v", "headers": [], **parts}
    return dead_letter(Incoming("jiesuan.requests", 3, 7, **made), "bad-json")


def size_of(record: Record) -> int:
    """Count the bytes of a record."""
    headers = sum(len(name) + len(value or b"") for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers


def test_what_a_request_may_be_is_kept_whole() -> None:
    """Key, value and headers of as many bytes as a request has are all kept."""
    value, headers = b"\xff" * MIB, [("", b""), ("\udcff", None), ("a", b"b" * MIB)]
    letter = put_aside(value=value, headers=headers)
    assert (letter.key, letter.value) == (b"k", value)
    assert letter.headers[:3] == [(f"x-{name}", said) for name, said in headers]
    assert letter.headers[3:] == [
        ("topic", b"jiesuan.requests"),
        ("partition", b"3"),
        ("offset", b"7"),
        ("reason", b"bad-json"),
    ]


@pytest.mark.parametrize(
    "parts",
    [
        {"value": b"x" * 32 * MIB},
        {"key": b"x" * 32 * MIB},
        {"headers": [("ce_id", b"x" * 9 * MIB)]},
        {"headers": [("x" * 9 * MIB, None)]},
        {"headers": [("", b"")] * MIB},
    ],
    ids=["value", "key", "header", "name", "headers"],
)
def test_what_is_larger_is_cut_and_says_so(parts: dict[str, object]) -> None:
    """Of a huge record the beginning is kept, and by what it can be known."""
    letter = put_aside(**parts)
    assert size_of(letter) < BOUND
    headers = dict(letter.headers)
    assert int(headers["cut-bytes"] or b"") > 8 * MIB
    value = parts.get("value", b"v")
    assert isinstance(value, bytes)
    assert headers["cut-sha256"] == sha256(value).hexdigest().encode()
    assert headers["reason"] == b"bad-json"
