"""The published schemas say what is really sent, and are never stale."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from jiesuan_events.catalogue import catalogue
from jiesuan_events.schemas import FOLDER, documents, stale, write
from jiesuan_events.words import topics
from jiesuan_events.words.glossary import WORDS
from jiesuan_ledger.genesis import Ledger, genesis_record

ROOT = Path(__file__).parent.parent.parent


DOCUMENTS = documents()


@cache
def validator(name: str) -> Draft202012Validator:
    """Make a validator of a committed schema."""
    schema = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return Draft202012Validator(schema, format_checker=FormatChecker())


def references(document: Any) -> Iterator[str]:
    """List every reference of a document."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "$ref":
                yield value
            yield from references(value)
    if isinstance(document, list):
        for value in document:
            yield from references(value)


def test_the_committed_schemas_are_what_the_contracts_say() -> None:
    """Not one file is missing, left over or stale."""
    assert stale(FOLDER) == []


def test_a_stale_schema_is_noticed(tmp_path: Path) -> None:
    """A changed, a missing and a left-over file are each named."""
    write(tmp_path)
    assert stale(tmp_path) == []
    (tmp_path / "jiesuan.settle.v1.json").write_text("{}")
    (tmp_path / "jiesuan.refund.v1.json").unlink()
    (tmp_path / "old.json").write_text("{}")
    assert stale(tmp_path) == [
        "jiesuan.refund.v1.json",
        "jiesuan.settle.v1.json",
        "old.json",
    ]
    write(tmp_path)
    assert stale(tmp_path) == []


@pytest.mark.parametrize("name", sorted(set(DOCUMENTS) - {"asyncapi.json"}))
def test_every_schema_is_a_schema(name: str) -> None:
    """Each file is a JSON Schema of draft 2020-12 that allows no unknown field."""
    schema = DOCUMENTS[name]
    Draft202012Validator.check_schema(schema)
    for part in (schema, *schema.get("$defs", {}).values()):
        assert "properties" not in part or part["additionalProperties"] is False


def test_what_is_really_asked_is_valid(heard: Any) -> None:
    """Every request of the worked cases that reads is valid, and no type is missing."""
    seen = set()
    for line, answer in zip(heard.asked, heard.answers, strict=True):
        refusals = json.loads(answer)["data"].get("refusals", [])
        if any(refusal["code"] == "malformed" for refusal in refusals):
            continue
        message = json.loads(line)
        validator("request-line").validate(message)
        validator(message["type"]).validate(message["data"])
        seen.add(message["type"])
    assert seen == {one.type for one in catalogue() if one.topic == topics.REQUESTS}


def test_a_misspelt_field_is_invalid() -> None:
    """The schema refuses by name what the contract refuses."""
    wrong = {"psn_no": "P0001", "fixmedins_code": "H1", "setl_id": "S1", "setlid": "S2"}
    errors = list(validator("jiesuan.refund.v1").iter_errors(wrong))
    assert ["'setlid' was unexpected" in error.message for error in errors] == [True]


def test_what_is_really_entered_is_valid(heard: Any) -> None:
    """Every stored fact is valid, and no type of fact is missing."""
    seen = set()
    for entry in heard.entries:
        validator(entry.type).validate(json.loads(entry.value))
        seen.add(entry.type)
    genesis = genesis_record(Ledger("0" * 32, 8), "2022-01-01T00:00:00.000+00:00")
    type_ = dict(genesis.headers)["ce_type"].decode()
    validator(type_).validate(json.loads(genesis.value))
    facts = {one.type for one in catalogue() if one.topic == topics.LEDGER}
    assert seen | {type_} == facts


def test_what_is_really_answered_is_valid(heard: Any) -> None:
    """Every answer is valid, alone and as a line."""
    for line in heard.answers:
        answer = json.loads(line)
        validator("answer-line").validate(answer)
        validator("jiesuan.answer.v1").validate(answer["data"])


def test_asyncapi_points_at_what_is_there() -> None:
    """Every reference of the AsyncAPI document leads somewhere."""
    document = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))
    for reference in references(document):
        file, _, pointer = reference.partition("#")
        target = json.loads((FOLDER / file).read_text("utf-8")) if file else document
        for part in pointer.split("/")[1:]:
            target = target[part]
        assert target


def test_every_type_travels_on_one_topic() -> None:
    """The AsyncAPI document lists every type of message once."""
    document = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))
    listed = [
        type_
        for channel in document["channels"].values()
        for type_ in channel["messages"]
    ]
    assert sorted(listed) == sorted(one.type for one in catalogue())


def test_the_topics_are_those_of_the_cluster() -> None:
    """Contracts and cluster name the same topics."""
    named = {one for one in vars(topics).values() if str(one).startswith("jiesuan.")}
    page = yaml.safe_load(
        (ROOT / "deploy" / "jiesuan_cluster" / "topics.yaml").read_text("utf-8")
    )
    assert named == set(page["topics"])


def test_a_field_has_one_chinese_title() -> None:
    """No two words travel under one wire name, so titles are never ambiguous."""
    wires = [wire for wire, _ in WORDS.values()]
    assert len(wires) == len(set(wires))
