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
from jiesuan_ledger.log.record import Incoming
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.intake.read import Malformed, is_plain, read_line
from jiesuan_services.intake.record import DeadLetter, Poison, read_record
from jiesuan_services.runtime.packs import load_packs

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
    """Return the first request of each type, as it is sent."""
    lines = EVERY_TYPE.read_text().splitlines()
    whole = [json.loads(line) for line in lines[::-1] if line.startswith("{")]
    return {message["type"]: message for message in whole}


def optional(model: type[BaseModel]) -> set[str]:
    """Return the fields that a contract may go without."""
    return {
        field.alias or name
        for name, field in model.model_fields.items()
        if not field.is_required()
    }


def absences(data: dict[str, Any], model: type[BaseModel]) -> Iterator[str]:
    """Yield what a request leaves out, its own or of its first part of each kind."""
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


DEEP = [*range(1, 70), 252, 253, 254, 255, 256, 500, 1_000, 1_022, 1_023, 1_024, 5_000]
ENVELOPE = {
    "specversion": "1.0",
    "type": "jiesuan.settle.v1",
    "source": "/medins/H1",
    "id": "R1",
    "time": "2022-03-01T09:00:00+08:00",
    "subject": "P1",
}


def nested(levels: int, *, of: str) -> str:
    """Write a value of so many levels of lists or objects."""
    begin, end = ("[", "]") if of == "lists" else ('{"a":', "}")
    return begin * levels + "1" + end * levels


@pytest.mark.parametrize("of", ["lists", "objects"])
@pytest.mark.parametrize("levels", DEEP)
def test_every_depth_is_answered_in_one_line(levels: int, of: str) -> None:
    """Data beyond 64 levels is malformed for its depth, whatever its depth is."""
    head = json.dumps(ENVELOPE)[:-1]
    line = f'{head}, "data": {{"psn_no": "P1", "x": {nested(levels - 1, of=of)}}}}}'
    answer = json.loads(Trial(load_packs()).answer(line, 1))["data"]
    (refusal,) = answer["refusals"]
    assert refusal["code"] == "malformed"
    assert (refusal["details"]["reason"] == "nested deeper than 64 levels") == (
        64 < levels < 1_024
    )


def incoming(value: bytes, **headers: Any) -> Incoming:
    """Make a record of the requests; a header that is None is left out."""
    have = {f"ce_{name}": text.encode() for name, text in ENVELOPE.items()} | headers
    pairs = [(name, text) for name, text in have.items() if text is not None]
    return Incoming("jiesuan.requests", 0, 7, b"P1", value, pairs)


def is_home(person_id: str) -> bool:
    """Everybody with an id is at home; who has none may not be asked for."""
    assert len(person_id) <= 50
    return True


@pytest.mark.parametrize("size", [1_024, 1_025, 10**6])
@pytest.mark.parametrize("name", ["id", "source", "type", "time", "subject"])
def test_a_long_header_names_nothing(name: str, size: int) -> None:
    """What is longer than 1 KiB is said again nowhere, and looked up nowhere."""
    asked = incoming(b"{}", **{f"ce_{name}": b"x" * size})
    if name == "subject":
        asked.key = b"x" * size
    read = read_record(asked, is_home=is_home)
    assert isinstance(read, Malformed)
    assert getattr(read, name) == ("x" * size if size == 1_024 else None)


def test_a_long_name_of_a_field_is_shown_cut() -> None:
    """A field that nobody knows is named, and not at any length."""
    for data in ({"x" * 10**5: 1}, {"feedetail": [{"y" * 10**5: 1}]}):
        line = json.dumps({**ENVELOPE, "data": data})
        read = read_line(line)
        assert isinstance(read, Malformed)
        assert len(json.dumps(read.refusal.wire())) < 2_000


def test_a_header_that_is_there_twice_is_no_envelope() -> None:
    """Of two ids none counts; a null one reads as absent."""
    twice = incoming(b"{}")
    twice.headers = [*twice.headers, ("ce_id", b"R2")]
    assert read_record(twice, is_home=is_home) == DeadLetter("bad-headers")
    null = incoming(b"{}", ce_traceparent=None)
    null.headers = [*null.headers, ("ce_traceparent", None)]
    assert isinstance(read_record(null, is_home=is_home), Malformed)


@pytest.mark.parametrize("size", [900_000, 900_001])
def test_data_beyond_its_bound_is_refused(size: int) -> None:
    """What is longer than 900,000 bytes is poison on Kafka and malformed in a line."""
    value = json.dumps({"psn_no": "P1", "memo": ""}).encode()
    value = value.replace(b'""', b'"%s"' % (b"x" * (size - len(value))))
    read = read_record(incoming(value), is_home=is_home)
    assert (isinstance(read, Poison) and read.reason == "oversize") == (size > 900_000)
    data = json.dumps(json.loads(value), separators=(",", ":"))
    data = data.replace("xx", "xx" + "x" * (size - len(data)), 1)
    line = read_line(json.dumps(ENVELOPE)[:-1] + f', "data": {data}}}')
    assert isinstance(line, Malformed)
    assert (line.refusal.details["reason"] == "longer than 900000 bytes") == (
        size > 900_000
    )


BLANK = ["", " ", "\t", "\r\n", " \n"]
NOT_BLANK = ["\u3000", "\x0b", "\x1c", "\x85", "\xa0", "\ufeff", "\x00", "\udcff"]


def test_a_line_is_blank_only_if_json_says_so() -> None:
    """White space of other alphabets is a line that does not read, and is answered."""
    trial = Trial(load_packs())
    assert list(trial.answers(BLANK)) == []
    lines = list(trial.answers([*NOT_BLANK, *BLANK, "x"]))
    numbers = [json.loads(line)["data"]["refusals"][0]["details"] for line in lines]
    assert [one["line"] for one in numbers] == [*range(1, len(NOT_BLANK) + 1), 14]
