"""Reading a request: the glance at the envelope never sees more than the contract."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from jiesuan_domain.asked.asked import Asked
from jiesuan_events.envelope import Envelope
from jiesuan_events.requests import REQUEST_TYPES, Line, OpenedDisease
from jiesuan_services.intake.read import Malformed, is_plain, read_line

SOURCES = ["/medins/H1", "/agency/429900", "/agency/42990", "/medins/", "/medins/a/b"]
TIMES = ["2022-03-01T08:50:00+08:00", "2022-03-01T08:50:00Z", "2022-03-01", "x"]
IDS = st.sampled_from(["A1", "a.b:c/d-e_f", "", "x" * 50, "x" * 51, "a b", "é", "a\n"])


def accepts(envelope: dict[str, Any]) -> bool:
    """Ask the contract."""
    try:
        Envelope.model_validate(envelope, by_name=False)
    except ValidationError:
        return False
    return True


@given(
    specversion=st.sampled_from(["1.0", "1.1", 1]),
    source=st.sampled_from(SOURCES),
    time=st.sampled_from(TIMES),
    id_=IDS,
    subject=IDS,
    type_=IDS,
    extra=st.sampled_from([{}, {"traceparent": "00-1"}, {"unknown": "x"}]),
)
def test_the_glance_agrees_with_the_contract(
    *,
    specversion: Any,
    source: str,
    time: str,
    id_: str,
    subject: str,
    type_: str,
    extra: dict[str, str],
) -> None:
    """An envelope is plain only if the contract takes it, and always without extras."""
    envelope = {
        "specversion": specversion,
        "source": source,
        "time": time,
        "id": id_,
        "subject": subject,
        "type": type_,
        **extra,
    }
    assert is_plain(envelope) == (accepts(envelope) and not extra)


EVERY_TYPE = Path(__file__).parents[1] / "events" / "every_type.jsonl"
PARTS: dict[str, type[BaseModel]] = {"feedetail": Line, "opened": OpenedDisease}
OPTIONAL_OF_ENVELOPE = ("datacontenttype", "dataschema", "traceparent")


def one_of_each() -> dict[str, dict[str, Any]]:
    """Give the first request of each type, as it is sent."""
    lines = EVERY_TYPE.read_text().splitlines()
    whole = [json.loads(line) for line in lines[::-1] if line.startswith("{")]
    return {message["type"]: message for message in whole}


def optional(model: type[BaseModel]) -> set[str]:
    """Name the fields that a contract may go without."""
    return {
        field.alias or name
        for name, field in model.model_fields.items()
        if not field.is_required()
    }


def absences(data: dict[str, Any], model: type[BaseModel]) -> Iterator[str]:
    """Name what a request leaves out, its own or of its first part of each kind."""
    yield from (name for name in optional(model) if name not in data)
    for name, part in PARTS.items():
        if data.get(name):
            yield from (
                f"{name}.{one}" for one in optional(part) if one not in data[name][0]
            )


def with_null(data: dict[str, Any], path: str) -> dict[str, Any]:
    """Say of one field that it is null."""
    made = json.loads(json.dumps(data))
    within, _, name = path.rpartition(".")
    (made[within][0] if within else made)[name] = None
    return dict(made)


def command_of(message: dict[str, Any]) -> tuple[Any, str]:
    """Read a request that is in order: what it asks for, and its content's digest."""
    asked = read_line(json.dumps(message))
    assert isinstance(asked, Asked), asked
    return asked.command, asked.content


@pytest.mark.parametrize("type_", REQUEST_TYPES)
def test_null_reads_as_absent_and_is_other_content(type_: str) -> None:
    """What may be left out may be null: the same is asked for, in other words."""
    message = one_of_each()[type_]
    command, content = command_of(message)
    for path in absences(message["data"], REQUEST_TYPES[type_]):
        nulled = message | {"data": with_null(message["data"], path)}
        assert command_of(nulled)[0] == command, path
        assert command_of(nulled)[1] != content, path
    for name in OPTIONAL_OF_ENVELOPE:
        assert command_of(message | {name: None}) == (command, content), name


def test_a_serial_that_stands_twice_is_named() -> None:
    """Two lines of one serial are refused by it, wherever they stand in the bill."""
    message = one_of_each()["jiesuan.settle.v1"]
    one = message["data"]["feedetail"][0]
    lines = [one | {"feedetl_sn": sn} for sn in ("A", "B", "C", "B")]
    data = message["data"] | {"feedetail": lines}
    wrong = read_line(json.dumps(message | {"data": data}))
    assert isinstance(wrong, Malformed)
    assert wrong.refusal.details == {
        "path": "data.feedetail",
        "reason": "feedetl_sn B stands twice",
    }
    assert wrong.refusal.message == (
        "报文字段data.feedetail有误：费用明细流水号B重复，请更正后重新发送。"
    )
