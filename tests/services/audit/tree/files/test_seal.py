"""Seals: one line of JSON, sizes that add up, and one that follows another."""

import json
from typing import Any

import pytest

from jiesuan_services.audit.tree.files.seal import Seal, check_follows, read_seal
from jiesuan_services.audit.tree.text import FormatError

SEAL = Seal({0: 4, 1: 0}, 6, "note\n")


def test_a_seal_is_read_as_written() -> None:
    """The line names every partition in order, and reads as itself."""
    assert SEAL.line == '{"ends":{"0":4,"1":0},"size":6,"checkpoint":"note\\n"}'
    assert read_seal(SEAL.line.encode()) == SEAL
    assert Seal({1: 0, 0: 4}, 6, "note\n").line == SEAL.line


@pytest.mark.parametrize(
    "change",
    [
        {"size": 5},
        {"size": "6"},
        {"ends": {}},
        {"ends": {"0": 4, "2": 0}},
        {"ends": {"1": 5}},
        {"ends": {"00": 4, "1": 0}},
        {"ends": {"0": 5, "1": -1}},
        {"ends": [4, 0]},
        {"checkpoint": None},
        {"time": 1},
    ],
)
def test_what_is_no_seal_is_refused(change: dict[str, Any]) -> None:
    """A size that is not the sum, a hole in the partitions, another field: refused."""
    said = json.loads(SEAL.line)
    with pytest.raises(FormatError):
        read_seal(json.dumps({**said, **change}).encode())


def test_a_seal_goes_on_where_the_last_one_ended() -> None:
    """A seal has the same partitions, none shorter, and at least one record more."""
    check_follows(SEAL, None)
    check_follows(Seal({0: 4, 1: 1}, 7, ""), SEAL)
    with pytest.raises(FormatError, match="没有比上一次封存更多"):
        check_follows(SEAL, SEAL)
    with pytest.raises(FormatError, match="更小"):
        check_follows(Seal({0: 3, 1: 9}, 14, ""), SEAL)
    with pytest.raises(FormatError, match="分区不同"):
        check_follows(Seal({0: 4, 1: 0, 2: 0}, 7, ""), SEAL)
