"""JSON Schemas of everything that may be said, and an AsyncAPI document of where.

``python -m jiesuan_events.schemas`` writes them, ``--check`` tells whether they are
stale. They say what a reader needs; sums and cross-field rules are the contracts'.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from jiesuan_events.answers import AnswerMessage
from jiesuan_events.catalogue import MessageType, catalogue
from jiesuan_events.entries.entry import GENESIS_TYPE
from jiesuan_events.envelope import Message
from jiesuan_events.words import topics
from jiesuan_events.words.glossary import WORDS

FOLDER: Final = Path(__file__).parent.parent / "schemas"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
MODE: Final[JsonSchemaMode] = "validation"
_CHINESE: Final = dict(WORDS.values())

_TOPICS: Final = {
    topics.REQUESTS: ("requests", "what producers ask; key psn_no"),
    topics.LEDGER: ("ledger", "what was decided: the system of record; key psn_no"),
    topics.CLEARING_REQUESTS: (
        "clearing-requests",
        "what is asked of a month; key mdtrtarea_admvs",
    ),
    topics.CLEARING: ("clearing", "what was decided of a month; key mdtrtarea_admvs"),
    topics.ANSWERS: ("answers", "one answer per request; key the asking institution"),
}
_HEADERS: Final = {
    topics.REQUESTS: ("traceparent",),
    topics.LEDGER: ("version", "prev-hash", "cause", "writer"),
    topics.CLEARING_REQUESTS: ("traceparent",),
    topics.CLEARING: ("version", "prev-hash", "cause", "writer"),
    topics.ANSWERS: ("cause",),
}
_OPTIONAL_HEADERS: Final = frozenset({"traceparent", "writer"})
_CLOUDEVENT: Final = ("specversion", "id", "source", "type", "time", "subject")


def schema_of(adapter: TypeAdapter[Any], name: str) -> dict[str, Any]:
    """Return the JSON Schema of a contract under its wire names, titled in Chinese."""
    made = adapter.json_schema(mode=MODE, by_alias=True)
    for part in (made, *made.get("$defs", {}).values()):
        for wire, described in part.get("properties", {}).items():
            described["title"] = _CHINESE[wire]
    return {"$schema": DIALECT, "$id": f"urn:jiesuan:{name}", **made}


def documents() -> dict[str, dict[str, Any]]:
    """Return every document by the name of its file."""
    said = list(catalogue())
    made = {one.schema_file: schema_of(one.adapter, one.type) for one in said}
    for name, model in (("request-line", Message), ("answer-line", AnswerMessage)):
        made[f"{name}.json"] = schema_of(TypeAdapter(model), name)
    made["asyncapi.json"] = asyncapi(said)
    return made


def asyncapi(said: list[MessageType]) -> dict[str, Any]:
    """Describe the topics and who does what on them, as AsyncAPI 3.0."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "jiesuan (结算)",
            "version": "1",
            "description": "CloudEvents 1.0 in binary mode on Kafka. Partition of "
            "requests, ledger and answers: murmur2(psn_no) mod N, computed by the "
            "sender as RequestRecord.partition does.",
        },
        "defaultContentType": "application/json",
        "channels": {
            channel: _channel(topic, text, said=said)
            for topic, (channel, text) in _TOPICS.items()
        },
        "operations": _operations(),
        "components": {"messages": {one.type: _message(one) for one in said}},
    }


def _channel(topic: str, text: str, *, said: list[MessageType]) -> dict[str, Any]:
    return {
        "address": topic,
        "description": text,
        "messages": {
            one.type: {"$ref": f"#/components/messages/{_escaped(one.type)}"}
            for one in said
            if one.topic == topic
        },
    }


def _operations() -> dict[str, Any]:
    """Say what jiesuan does; producers do the opposite."""
    channel = {name: {"$ref": f"#/channels/{name}"} for name, _ in _TOPICS.values()}
    return {
        "decide": {
            "action": "receive",
            "channel": channel["requests"],
            "summary": "decide a request and answer it, in the order of the partition",
            "reply": {"channel": channel["answers"]},
        },
        "decideClearing": {
            "action": "receive",
            "channel": channel["clearing-requests"],
            "summary": "decide a request about a month of a care region, in order",
            "reply": {"channel": channel["answers"]},
        },
        "enterClearing": {
            "action": "send",
            "channel": channel["clearing"],
            "summary": "enter what was decided of a month; refusals are not entered",
        },
        "enter": {
            "action": "send",
            "channel": channel["ledger"],
            "summary": "enter what was decided; refusals and quotes are not entered",
        },
    }


def _message(one: MessageType) -> dict[str, Any]:
    return {
        "name": one.type,
        "summary": _first_line(one),
        "contentType": "application/json",
        "headers": _headers(one),
        "payload": {"$ref": f"./{one.schema_file}"},
        "bindings": {"kafka": {"key": {"type": "string"}}},
        "tags": [{"name": f"sender:{one.sender}"}],
    }


def _first_line(one: MessageType) -> str:
    described = one.adapter.json_schema(mode=MODE).get("description", "")
    return str(described).split("\n")[0] or "An answer, or a fact of several shapes."


def _headers(one: MessageType) -> dict[str, Any]:
    if one.type == GENESIS_TYPE:
        names: tuple[str, ...] = ("ce_type", "ce_time")
    else:
        cloudevent = tuple(f"ce_{name}" for name in _CLOUDEVENT)
        names = (*cloudevent, "content-type", *_HEADERS[one.topic])
    properties: dict[str, Any] = {name: {"type": "string"} for name in names}
    properties["ce_type"] = {"const": one.type}
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in names if name not in _OPTIONAL_HEADERS],
    }


def _escaped(pointer: str) -> str:
    return pointer.replace("~", "~0").replace("/", "~1")


def render(document: dict[str, Any]) -> str:
    """Write a document in one way, so that equal contracts are equal files."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def stale(folder: Path) -> list[str]:
    """List the files that are missing, left over or not what the contracts say."""
    wanted = {name: render(made) for name, made in documents().items()}
    found = {path.name: path.read_text("utf-8") for path in folder.glob("*.json")}
    names = sorted(wanted.keys() | found.keys())
    return [name for name in names if wanted.get(name) != found.get(name)]


def write(folder: Path) -> None:
    """Write every document, and remove what is left over."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = documents()
    for path in folder.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for name, made in wanted.items():
        (folder / name).write_text(render(made), "utf-8")


def main() -> None:
    """Write the schemas, or check that they are not stale."""
    parser = argparse.ArgumentParser(prog="jiesuan_events.schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the files")
    arguments = parser.parse_args()
    if not arguments.check:
        write(arguments.out)
        return
    old = stale(arguments.out)
    if old:
        sys.exit(
            f"stale: {', '.join(old)}; run .venv/bin/python -m jiesuan_events.schemas"
        )


if __name__ == "__main__":
    main()
