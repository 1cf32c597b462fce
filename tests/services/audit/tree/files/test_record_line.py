"""Records as JSON: what is written reads as itself, and nothing else is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiesuan_services.audit.tree.digest import TreeRecord
from jiesuan_services.audit.tree.files.record_line import (
    read_record,
    read_record_line,
    record_line,
    record_object,
)
from jiesuan_services.audit.tree.text import FormatError

NUMBERS = st.integers(0, 2**63 - 1)
BYTES = st.none() | st.binary(max_size=40)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
RECORDS = st.builds(
    TreeRecord,
    partition=NUMBERS,
    offset=NUMBERS,
    key=BYTES,
    value=BYTES,
    headers=st.lists(st.tuples(NAMES, BYTES), max_size=4).map(tuple),
)


@given(RECORDS, st.integers(-1, 2**40))
def test_a_record_is_read_as_written(record: TreeRecord, timestamp: int) -> None:
    """Any record goes through a line of an export, and through a receipt."""
    line = record_line(record, timestamp)
    assert "\n" not in line
    assert read_record_line(line.encode()) == (record, timestamp)
    assert read_record(json.loads(json.dumps(record_object(record)))) == record


def test_a_line_says_what_the_contract_says() -> None:
    """Bytes are base64, what is absent is null, the timestamp stands with the place."""
    record = TreeRecord(1, 2, None, b"{}", (("cause", b""), ("x", None)))
    assert record_line(record, 1_646_096_400_000) == (
        '{"partition":1,"offset":2,"timestamp":1646096400000,"key":null,'
        '"value":"e30=","headers":[["cause",""],["x",null]]}'
    )


SAID = {
    "partition": 1,
    "offset": 2,
    "timestamp": 3,
    "key": None,
    "value": "e30=",
    "headers": [["a", "YQ=="]],
}


@pytest.mark.parametrize(
    "change",
    [
        {"partition": "1"},
        {"offset": -1},
        {"offset": True},
        {"timestamp": -2},
        {"timestamp": None},
        {"key": 7},
        {"value": "e30"},
        {"headers": {}},
        {"headers": [["a"]]},
        {"headers": [["a", "YQ==", "YQ=="]]},
        {"headers": [[None, "YQ=="]]},
        {"headers": [["\ud800", "YQ=="]]},
        {"hash": "x"},
    ],
)
def test_what_is_no_record_is_refused(change: dict[str, Any]) -> None:
    """Every field has its type and its bounds, and there is no other field."""
    assert read_record_line(json.dumps(SAID).encode())
    with pytest.raises(FormatError):
        read_record_line(json.dumps({**SAID, **change}).encode())


def test_a_receipt_s_record_has_no_timestamp() -> None:
    """A receipt proves what the digest covers, and the timestamp is not of it."""
    with pytest.raises(FormatError, match="timestamp"):
        read_record(SAID)
