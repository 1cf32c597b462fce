"""Read packs and overlays from YAML text; an error names file, line and remedy."""

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import yaml

from jiesuan_domain.policy.model import Because, Dated, Pack, Packs, Value
from jiesuan_domain.policy.parameters import ALL
from jiesuan_domain.policy.units import BadValue, read_value

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class PackError(ValueError):
    """A pack that cannot be used: where, what is wrong, and what to do."""


class Source(NamedTuple):
    """One YAML document as plain data, and the line that each part began on."""

    name: str
    data: Any
    lines: dict[int, int]

    def fail(self, part: Any, what: str) -> PackError:
        """Make the error for a part of the document."""
        line = self.lines.get(id(part), 1)
        return PackError(f"{self.name}:{line}: {what}")


def read_source(name: str, text: str) -> Source:
    """Parse YAML and remember lines; a syntax error keeps its own place."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        raise PackError(f"{name}:{line}: 不是合法的YAML，请检查缩进和引号") from wrong
    if node is None:
        raise PackError(f"{name}:1: 文件是空的，请写明pack和parameters")
    lines: dict[int, int] = {}
    return Source(name, _plain(node, lines), lines)


def _plain(node: yaml.Node, lines: dict[int, int]) -> Any:
    made: Any
    if isinstance(node, yaml.MappingNode):
        made = {}
        for key, value in node.value:
            made[_plain(key, {})] = _plain(value, lines)
    elif isinstance(node, yaml.SequenceNode):
        made = [_plain(item, lines) for item in node.value]
    else:
        loader = yaml.SafeLoader("")
        made = loader.construct_object(node)
        return made
    lines[id(made)] = node.start_mark.line + 1
    return made


def _parameters(source: Source) -> dict[str, dict[str, Any]]:
    data = source.data
    if not isinstance(data, dict) or not isinstance(data.get("pack"), str):
        raise source.fail(data, "缺少pack，请写成 pack: 参保地区划-险种")
    unknown = set(data) - {"pack", "title", "parameters"}
    if unknown:
        raise source.fail(data, f"不认识的字段{sorted(unknown)}，请删除或改正拼写")
    parameters = data.get("parameters")
    if not isinstance(parameters, dict) or not parameters:
        raise source.fail(data, "缺少parameters，请至少写一个参数")
    for name, body in parameters.items():
        if name not in ALL:
            raise source.fail(body, f"不认识的参数{name}，请对照参数表改正拼写")
        if not isinstance(body, dict):
            raise source.fail(parameters, f"参数{name}应为unit、values等字段")
    return parameters


def _dated(source: Source, name: str, *, body: dict[str, Any]) -> Dated:
    spec = ALL[name]
    unknown = set(body) - {"zh", "unit", "by", "checked_on", "values"}
    if unknown:
        raise source.fail(body, f"{name}: 不认识的字段{sorted(unknown)}，请改正拼写")
    if body.get("unit") != spec.unit:
        raise source.fail(body, f"{name}: 单位应为{spec.unit}")
    by = body.get("by")
    if by is not None and tuple(by) != spec.by:
        raise source.fail(body, f"{name}: by应为{list(spec.by)}")
    values = body.get("values")
    if not isinstance(values, list) or not values:
        raise source.fail(body, f"{name}: 缺少values，请至少写一个带from的值")
    return Dated(
        name=name,
        unit=spec.unit,
        by=spec.by,
        zh=body.get("zh", spec.zh),
        values=_values(source, name, items=values),
    )


def _values(source: Source, name: str, *, items: list[Any]) -> tuple[Value, ...]:
    made: list[Value] = []
    until: date | None = None
    for item in items:
        if not isinstance(item, dict):
            raise source.fail(items, f"{name}: 每个值应写from、value、because")
        if set(item) == {"until"}:
            until = _day(source, item, key="until")
            continue
        if until is not None:
            raise source.fail(item, f"{name}: until之后不能再有值，请把它放在最后")
        value = _value(source, name, item=item)
        if made and value.begin <= made[-1].begin:
            raise source.fail(item, f"{name}: from必须晚于上一个值的from")
        made.append(value)
    if not made:
        raise source.fail(items, f"{name}: 只有until而没有值")
    return _bounded(made, until)


def _bounded(values: list[Value], until: date | None) -> tuple[Value, ...]:
    lasts = [after.begin - timedelta(days=1) for after in values[1:]]
    return tuple(
        Value(value.begin, last, value.value, value.because)
        for value, last in zip(values, [*lasts, until], strict=True)
    )


def _value(source: Source, name: str, *, item: dict[str, Any]) -> Value:
    because = item.get("because")
    if set(item) - {"from", "value", "because", "corrects"} or "value" not in item:
        raise source.fail(item, f"{name}: 每个值应写from、value、because")
    if not isinstance(because, dict) or set(because) != {
        "instrument",
        "article",
        "quote",
    }:
        raise source.fail(item, f"{name}: because应写instrument、article、quote")
    try:
        value = read_value(name, item["value"])
    except BadValue as wrong:
        raise source.fail(item, f"{name}: {wrong}") from wrong
    return Value(
        begin=_day(source, item, key="from"),
        last=None,
        value=value,
        because=Because(**{key: str(text) for key, text in because.items()}),
    )


def _day(source: Source, item: dict[str, Any], *, key: str) -> date:
    day = item.get(key)
    if isinstance(day, str) and _DAY.fullmatch(day):
        return date.fromisoformat(day)
    if not isinstance(day, date):
        raise source.fail(item, f"{key}应为日期，如2022-01-01")
    return day


def canonical(pack: str, parameters: Mapping[str, Any]) -> bytes:
    """Write a pack's content in one way: what its digest is taken over."""
    return json.dumps(
        {"pack": pack, "parameters": parameters},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        default=date.isoformat,
    ).encode()


def _build(sources: list[Source]) -> Pack:
    """Merge overlays over their pack, parameter by parameter, and read the result."""
    merged: dict[str, Any] = {}
    dated: dict[str, Dated] = {}
    for source in sources:
        for name, body in _parameters(source).items():
            merged[name] = body
            dated[name] = _dated(source, name, body=body)
    id_ = sources[0].data["pack"]
    text = canonical(id_, merged)
    return Pack(
        id_,
        title=str(sources[0].data.get("title", id_)),
        parameters=dated,
        sha256=sha256(text).hexdigest(),
        text=text,
    )


def parse_pack(text: str, source: str) -> Pack:
    """Read one pack from YAML (or from its canonical JSON), or raise PackError."""
    read = read_source(source, text)
    _parameters(read)
    return _build([read])


def load(packs: Mapping[str, str], overlays: Mapping[str, str]) -> Packs:
    """Read packs and merge overlays; an overlay without a pack is the pack."""
    by_id: dict[str, list[Source]] = {}
    for name, text in [*packs.items(), *overlays.items()]:
        source = read_source(name, text)
        _parameters(source)
        by_id.setdefault(source.data["pack"], []).append(source)
    return Packs({id_: _build(sources) for id_, sources in by_id.items()})
