"""A log line is written whatever is said."""

import json
from typing import Any

import pytest

from jiesuan_services.runtime.logging import line_of


@pytest.mark.parametrize(
    "said",
    [{"event": "医保", "ms": 1.5, "n": None}, {"n": 2**80}, {1: "x"}, {"at": object}],
)
def test_a_line_holds_what_was_said(said: dict[Any, Any]) -> None:
    """Large numbers and names that are no text are written too, others as they are."""
    expected = json.loads(json.dumps(said, default=repr))
    assert json.loads(line_of(said, default=repr)) == expected


def test_half_a_character_is_written_by_its_number() -> None:
    """What is no text ends no process."""
    assert line_of({"path": "a\udc80"}, default=repr) == b'{"path": "a\\udc80"}'
