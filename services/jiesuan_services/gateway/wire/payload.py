"""The nodes of `input`, found however a client wraps them, held against a model."""

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Any, ClassVar, Final, TypeVar, get_args, get_origin

from pydantic import AliasChoices, BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from jiesuan_services.gateway.faults import NotRead
from jiesuan_services.gateway.wire.text import read_json
from jiesuan_services.gateway.wire.values import FORMS

INPUT: Final = "input"
_ABSENT: Final = frozenset({"", "null", "NULL"})
"""What clients write for nothing; the standard's own texts say both."""
_UNSET_DAY: Final = re.compile(r"0001-01-01([T ]00:00:00(\.0+)?(Z|[+-]\d\d:?\d\d)?)?")
"""A day that nobody set, as .NET writes it: no day of ours is of the year 1."""
MOST_NAMES: Final = 1_000
"""So many names are compared with one that is missing; a node has dozens."""


class Node(BaseModel):
    """One node of `input` in the standard's names; other fields are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
    decides: ClassVar[frozenset[str]] = frozenset()
    """Optional fields that decide money: misspelt they are not passed over."""


class Output(BaseModel):
    """What a transaction gives back, under the standard's names."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


N = TypeVar("N", bound=BaseModel)


def read_payload(said: Any, model: type[N]) -> N:
    """Return the nodes of a transaction; NotRead names the first field that is wrong.

    An array for an object, an object for an array, a node left out or null, the whole
    of it as JSON text: none of these decides anything.
    """
    given = _object(said, model)
    nodes = {name: _node(given, name, model=model) for name in model.model_fields}
    present = {name: node for name, node in nodes.items() if node is not None}
    try:
        read = model.model_validate(present)
    except ValidationError as wrong:
        raise NotRead(_sentence(wrong, present, model=model)) from None
    for name, node in present.items():
        _check_spelt(node, name, model=model)
    return read


def canonical(said: Any) -> bytes:
    """Write `input` in one way, so that the same message has the same digest."""
    return json.dumps(
        said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    ).encode()


def _object(said: Any, model: type[BaseModel]) -> dict[str, Any]:
    said = _read(said)
    if isinstance(said, dict) and said.keys() == {INPUT}:
        # One client puts its whole `input` into another.
        said = _read(said[INPUT])
    if isinstance(said, list):
        said = _of_list(said, model)
    if said is None or said == "":
        return {}
    if not isinstance(said, dict):
        raise NotRead("input应为JSON对象，请按接口规范的节点重新发送。")
    return said


def _read(said: Any) -> Any:
    is_json = isinstance(said, str) and said.strip()
    return read_json(said, what=INPUT) if is_json else said


def _of_list(said: list[Any], model: type[BaseModel]) -> Any:
    """Return what an array in the place of the nodes means: one element, or rows."""
    if len(said) == 1:
        return said[0]
    names = list(model.model_fields)
    return {names[0]: said} if len(names) == 1 and _row_of(model, names[0]) else None


def _row_of(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Return what the rows of a node are; None if it is no array."""
    kind = model.model_fields[name].annotation
    for one in (kind, *get_args(kind)):
        if get_origin(one) is list:
            row: type[BaseModel] = get_args(one)[0]
            return row
    return None


def _node(given: Mapping[str, Any], name: str, *, model: type[BaseModel]) -> Any:
    """Find one node: under its name, or spread flat where it is the only one."""
    row = _row_of(model, name)
    found = given.get(name)
    if isinstance(found, str) and found.strip()[:1] in ("{", "["):
        found = read_json(found, what=f"input.{name}")
    if found is None and len(model.model_fields) == 1:
        # One row is known by its fields: anything else may be another node.
        is_row = row is None or not given.keys().isdisjoint(row.model_fields)
        found = given if is_row else None
    if row is not None:
        rows = found if isinstance(found, list) else [found] * isinstance(found, dict)
        return [_present(one) for one in rows if one is not None] or None
    if isinstance(found, list):
        found = found[0] if found else None
    return _present(found) if isinstance(found, dict) else None


def _present(row: Any) -> Any:
    """Leave out what says nothing: null, empty text, the word null, an unset day."""
    if not isinstance(row, dict):
        return row
    return {
        name: value
        for name, value in row.items()
        if value is not None and not (isinstance(value, str) and _says_nothing(value))
    }


def _says_nothing(text: str) -> bool:
    """Whether a text stands for none.

    >>> [_says_nothing(one) for one in (" ", "null", "0001-01-01T00:00:00", "0001-01")]
    [True, True, True, False]
    """
    text = text.strip()
    if text[:5] != "0001-":
        return text in _ABSENT
    return _UNSET_DAY.fullmatch(text) is not None


_BY_TYPE: Final = {
    "missing": "必填",
    "greater_than_equal": "数值过小",
    "less_than_equal": "数值过大",
    "too_short": "至少要有一条",
    "too_long": "条数过多",
    "literal_error": "不在允许的取值内",
    "model_type": "应为JSON对象",
    "list_type": "应为数组",
}


def _sentence(
    wrong: ValidationError, given: Mapping[str, Any], *, model: type[BaseModel]
) -> str:
    """Say which field is wrong and how; a misspelt one is recognised."""
    error = wrong.errors(include_url=False, include_input=False)[0]
    path = [str(part) for part in error["loc"]]
    name = ".".join(str(int(part) + 1) if part.isdigit() else part for part in path)
    title = _title(path, model)
    what = f"{name}（{title}）" if title else name
    if error["type"] != "missing":
        return f"字段{what}{_reason(error)}，请更正后重新发送。"
    written = _spelt_otherwise(path, given)
    if written is not None:
        return f"缺少必填字段{what}，收到的{written}是否为该字段？请更正后重新发送。"
    return f"缺少必填字段{what}，请补充后重新发送。"


def _reason(error: Mapping[str, Any]) -> str:
    """Say what is wrong with a value, and what is allowed."""
    kind, bound = error["type"], error.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return FORMS[bound["pattern"]]
    if kind == "string_too_long" or (kind == "too_long" and not _is_list(bound)):
        return f"文字过长，最多{bound['max_length']}字"
    return _BY_TYPE.get(kind) or error["msg"].removeprefix("Value error, ")


def _is_list(bound: Mapping[str, Any]) -> bool:
    return bound.get("field_type") == "List"


def _title(path: list[str], model: type[BaseModel]) -> str | None:
    """Find the Chinese title of a field by the way to it."""
    field = None
    for part in path:
        if part.isdigit():
            continue
        if part not in model.model_fields:
            return None
        field = model.model_fields[part]
        model = _inner(field) or model
    return None if field is None else field.title


def _inner(field: FieldInfo) -> type[BaseModel] | None:
    """Return the model of a field that is a node, or rows of one."""
    kinds = (field.annotation, *get_args(field.annotation))
    types = (kind for kind in kinds if isinstance(kind, type))
    return next((kind for kind in types if issubclass(kind, BaseModel)), None)


def _spelt_otherwise(path: list[str], given: Any) -> str | None:
    """Find what a client may have written for a field that is missing."""
    for part in path[:-1]:
        given = given[int(part)] if part.isdigit() else given[part]
    if not isinstance(given, dict):
        return None
    names = [str(name) for name in islice(given, MOST_NAMES)]
    close = get_close_matches(path[-1], names, n=1, cutoff=0.8)
    return close[0][:50] if close else None


def _check_spelt(node: Any, name: str, *, model: type[BaseModel]) -> None:
    """Refuse a node that lacks what decides money, and has something spelt like it."""
    inner = _inner(model.model_fields[name])
    if inner is None or not issubclass(inner, Node) or not inner.decides:
        return
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(node if isinstance(node, list) else [node], 1):
        names = tuple(row)
        if names in seen:
            continue
        seen.add(names)
        for field in sorted(inner.decides.difference(names)):
            path = [name, field] if row is node else [name, str(number), field]
            _check_field(path, names, model=model)


def _check_field(
    path: list[str], names: tuple[str, ...], *, model: type[BaseModel]
) -> None:
    """Refuse what is spelt like a field, unless it is another name of it."""
    inner = _inner(model.model_fields[path[0]])
    assert inner is not None
    alias = inner.model_fields[path[-1]].validation_alias
    known = alias.choices if isinstance(alias, AliasChoices) else []
    for written in names:
        if written not in known and _is_one_edit_from(written, path[-1]):
            what = f"{'.'.join(path)}（{_title(path, model)}）"
            raise NotRead(
                f"没有收到字段{what}，收到的{written[:50]}是否为该字段？"
                "请更正后重新发送。"
            )


def _is_one_edit_from(written: str, name: str) -> bool:
    """Whether a letter too many, too few, wrong, or in its neighbour's place.

    Small and capital letters are one, underscores nothing.

    >>> [_is_one_edit_from(one, "a_flag") for one in ("aFlag", "a_flg", "a_falg", "a")]
    [True, True, True, False]
    """
    ours, theirs = (one.replace("_", "").lower() for one in (name, written))
    if abs(len(ours) - len(theirs)) > 1:
        return False
    while ours and theirs and ours[0] == theirs[0]:
        ours, theirs = ours[1:], theirs[1:]
    while ours and theirs and ours[-1] == theirs[-1]:
        ours, theirs = ours[:-1], theirs[:-1]
    swapped = len(ours) == 2 and ours == theirs[::-1]
    return max(len(ours), len(theirs)) <= 1 or swapped
