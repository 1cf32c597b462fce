"""`docs/reference/events.md`: every message: who says it, where, its fields."""

from typing import Any

from tools.reference import exists
from tools.reference.text import page, table

from jiesuan_events.catalogue import MessageType, catalogue
from jiesuan_events.words.glossary import WORDS

_CHINESE = dict(WORDS.values())


def render() -> str:
    """Return the page."""
    said = list(catalogue())
    rows = [
        (f"[`{one.type}`](#{_anchor(one)})", f"`{one.topic}`", one.sender, _first(one))
        for one in said
    ]
    return page(
        "Messages",
        "Requests are asked, facts are entered, answers are given. The same as JSON "
        "Schemas and as an AsyncAPI document: `events/schemas/`. What each field means "
        "for money: [contracts](../contracts.md).",
        table(("type", "topic", "said by", "what"), rows),
        *(f"## {one.type}\n\n{_first(one)}\n\n{_fields(one)}" for one in said),
    )


def _anchor(one: MessageType) -> str:
    return one.type.replace(".", "")


def _first(one: MessageType) -> str:
    shapes = _shapes(exists.documents()[one.schema_file])
    said = [str(shape["description"]).split("\n")[0] for shape in shapes]
    return said[0] if len(said) == 1 else f"One of: {' · '.join(said)}"


def _fields(one: MessageType) -> str:
    shapes = _shapes(exists.documents()[one.schema_file])
    names = dict.fromkeys(name for shape in shapes for name in shape["properties"])
    rows = [(f"`{name}`", _CHINESE[name], _presence(name, shapes)) for name in names]
    return table(("field", "中文", ""), rows)


def _shapes(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the objects that a message may be: one, or one of several."""
    if "properties" in document:
        return [document]
    parts = document.get("oneOf") or document["anyOf"]
    return [document["$defs"][part["$ref"].rsplit("/", 1)[-1]] for part in parts]


def _presence(name: str, shapes: list[dict[str, Any]]) -> str:
    has = [shape for shape in shapes if name in shape["properties"]]
    if len(has) < len(shapes):
        return "in some shapes"
    always = all(name in shape.get("required", ()) for shape in has)
    return "always" if always else "optional"
