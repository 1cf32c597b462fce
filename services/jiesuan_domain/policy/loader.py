"""Read packs and overlays from YAML text; an error names file, line and remedy."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple, Self

from msgspec.structs import replace

from jiesuan_domain.policy.because import Because
from jiesuan_domain.policy.document import PackError, Source, read_source
from jiesuan_domain.policy.model import NATIONAL, Dated, Pack, Packs, Value
from jiesuan_domain.policy.parameters import ALL
from jiesuan_domain.policy.telling.sentences import BadSentence, read_sentence
from jiesuan_domain.policy.units import BadValue, read_value
from jiesuan_events.entries.rules import RULES

__all__ = ["PackError", "canonical", "load", "parse_pack"]

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_PACK: Final = re.compile(r"[0-9]{6}-[0-9A-Za-z]+")
ONE_DAY: Final = timedelta(days=1)
NOTHING_SAID: Final[Mapping[str, str]] = {}
_BECAUSE: Final = ("instrument", "article", "quote")
_DOCUMENTS_KEPT: Final = 64
_shared_source = lru_cache(_DOCUMENTS_KEPT)(read_source)
"""A document that nobody changes. The shipped ones are a dozen, YAML is nine tenths of
what loading them costs, and who lays other overlays over them needs them again."""
Parameter = tuple[dict[str, Any], Dated]
"""A parameter as it is written, and as it is read."""


class National(NamedTuple):
    """The parameters of the national pack, as they are written and as they are read."""

    bodies: Mapping[str, Any]
    dated: Mapping[str, Dated]

    def beside(self, parameters: Mapping[str, Any]) -> Self:
        """Return those that a region has none of its own for."""
        bodies, dated = (
            {name: one for name, one in part.items() if name not in parameters}
            for part in self
        )
        return type(self)(bodies, dated)


NOT_NATIONAL: Final = National({}, {})


def _parameters(source: Source) -> dict[str, dict[str, Any]]:
    data = source.data
    if not isinstance(data, dict) or not isinstance(data.get("pack"), str):
        raise source.fail(data, "缺少pack，请写成 pack: 参保地区划-险种")
    if not _PACK.fullmatch(data["pack"]):
        raise source.fail(data, "pack应为六位参保地区划-险种，如429900-310", key="pack")
    _only(source, data, fields={"pack", "title", "parameters", "sentences"})
    parameters = data.get("parameters", {} if "sentences" in data else None)
    if not isinstance(parameters, dict) or not (parameters or "sentences" in data):
        raise source.fail(data, "缺少parameters，请至少写一个参数", key="parameters")
    for name, body in parameters.items():
        if name not in ALL:
            what = f"不认识的参数{name}，请对照参数表改正拼写"
            raise source.fail(parameters, what, key=name)
        if not isinstance(body, dict):
            what = f"参数{name}应写unit、values等字段"
            raise source.fail(parameters, what, key=name)
    return parameters


def _only(source: Source, part: dict[str, Any], *, fields: set[str]) -> None:
    """Refuse a field that nobody reads: a misspelt one would be forgotten."""
    for key in part:
        if key not in fields:
            known = "、".join(sorted(fields))
            what = f"不认识的字段{key}，请删除或改正拼写（可用：{known}）"
            raise source.fail(part, what, key=key)


def _dated(source: Source, name: str, *, body: dict[str, Any]) -> Dated:
    spec = ALL[name]
    _only(source, body, fields={"zh", "unit", "by", "checked_on", "values"})
    if body.get("unit") != spec.unit:
        what = f"{name}: 单位应为{spec.unit}，请改正unit"
        raise source.fail(body, what, key="unit")
    by = body.get("by")
    if by is not None and by != list(spec.by):
        what = f"{name}: by应为[{', '.join(spec.by)}]，请改正"
        raise source.fail(body, what, key="by")
    zh = body.get("zh", spec.zh)
    if not isinstance(zh, str):
        raise source.fail(body, f"{name}: zh应为文字，请加引号", key="zh")
    values = body.get("values")
    if not isinstance(values, list) or not values:
        what = f"{name}: 缺少values，请至少写一个带from的值"
        raise source.fail(body, what, key="values")
    checked = _day(source, body, key="checked_on") if "checked_on" in body else None
    return Dated(
        name=name,
        unit=spec.unit,
        by=spec.by,
        zh=zh,
        values=_values(source, name, items=values),
        checked_on=checked,
    )


def _values(source: Source, name: str, *, items: list[Any]) -> tuple[Value, ...]:
    made: list[Value] = []
    for item in items:
        if not isinstance(item, dict):
            raise source.fail(items, f"{name}: 每个值应写from、value、because")
        if "until" in item:
            _end(source, name, item=item, made=made)
            continue
        value = _value(source, name, item=item)
        before = made[-1] if made else None
        if before is not None and value.begin <= (before.last or before.begin):
            what = f"{name}: from必须晚于上一个值的from和until，请按日期先后写"
            raise source.fail(item, what, key="from")
        made.append(value)
    return _bounded(made)


def _end(source: Source, name: str, *, item: dict[str, Any], made: list[Value]) -> None:
    """Let the last value end: after it nothing is known until the next ``from``."""
    until = _until(source, name, item=item)
    if not made or made[-1].last is not None:
        raise source.fail(item, f"{name}: 只有until而没有值，请在前面写一个值")
    if until < made[-1].begin:
        what = f"{name}: until早于最后一个值的from，请改正日期"
        raise source.fail(item, what, key="until")
    made[-1] = replace(made[-1], last=until)


def _until(source: Source, name: str, *, item: dict[str, Any]) -> date:
    for key in item:
        if key != "until":
            what = f"{name}: until应单独成一项，请另起一项写{key}"
            raise source.fail(item, what, key=key)
    return _day(source, item, key="until")


def _bounded(values: list[Value]) -> tuple[Value, ...]:
    """Let every value that has no end of its own hold until the next one."""
    nexts: list[date | None] = [after.begin for after in values[1:]]
    return tuple(
        value
        if value.last is not None or after is None
        else replace(value, last=after - ONE_DAY)
        for value, after in zip(values, [*nexts, None], strict=True)
    )


def _laid_over(
    old: Parameter, name: str, *, new: Parameter, source: Source
) -> Parameter:
    """Lay an overlay's parameter over another: before its first day that one holds.

    What is merged is written as a parameter again, since a pack's digest is taken over
    what it says.
    """
    body, dated = old
    first = new[1].values[0].begin
    written = [item for item in body["values"] if "until" not in item]
    following = [*(value.begin for value in dated.values[1:]), first]
    kept: list[Any] = []
    for item, value, after in zip(written, dated.values, following, strict=True):
        if value.begin >= first:
            break
        kept.append(item)
        if value.last is not None and value.last + ONE_DAY < min(after, first):
            kept.append({"until": value.last})
    if not kept:
        return new
    merged = {**body, **new[0], "values": [*kept, *new[0]["values"]]}
    return merged, _dated(source, name, body=merged)


def _value(source: Source, name: str, *, item: dict[str, Any]) -> Value:
    _only(source, item, fields={"from", "value", "because", "corrects"})
    if "value" not in item:
        raise source.fail(item, f"{name}: 缺少value，请写上数值")
    try:
        value = read_value(name, item["value"])
    except BadValue as wrong:
        raise source.fail(item, f"{name}: {wrong}", key="value") from wrong
    corrects = item.get("corrects")
    if corrects is not None and not isinstance(corrects, str):
        what = f"{name}: corrects应为文字，请写明更正的是什么"
        raise source.fail(item, what, key="corrects")
    return Value(
        begin=_day(source, item, key="from"),
        last=None,
        value=value,
        because=_because(source, name, item=item),
        corrects=corrects,
    )


def _because(source: Source, name: str, *, item: dict[str, Any]) -> Because:
    because = item.get("because")
    if not isinstance(because, dict):
        what = f"{name}: 缺少because，请写instrument、article、quote"
        raise source.fail(item, what, key="because")
    _only(source, because, fields=set(_BECAUSE))
    for key in _BECAUSE:
        text = because.get(key)
        if not isinstance(text, str | int) or not str(text).strip():
            what = f"{name}: because的{key}应为文字，请补充"
            raise source.fail(because, what, key=key)
    return Because(**{key: str(text) for key, text in because.items()})


def _day(source: Source, part: dict[str, Any], *, key: str) -> date:
    day = part.get(key)
    if type(day) is date:
        return day
    if isinstance(day, str) and _DAY.fullmatch(day):
        with suppress(ValueError):
            return date.fromisoformat(day)
    raise source.fail(part, f"{key}应为日期，如2022-01-01", key=key)


def _sentences(source: Source, said: Any) -> dict[str, str]:
    """Read what is said of each step; a misspelt rule or name is refused."""
    if not isinstance(said, dict):
        what = "sentences应按计算步骤逐条写句子，请改写"
        raise source.fail(source.data, what, key="sentences")
    for rule, text in said.items():
        try:
            read_sentence(rule, text)
        except BadSentence as wrong:
            raise source.fail(said, str(wrong), key=rule) from wrong
    return said


def canonical(
    pack: str,
    parameters: Mapping[str, Any],
    *,
    sentences: Mapping[str, str],
    national: Mapping[str, Any],
) -> bytes:
    """Write a pack's content in one way: what its digest is taken over.

    The sentences are part of it: what was said of an entry can be said again. So are
    the national parameters that hold for want of the region's own.
    """
    besides = {"sentences": sentences, "national": national}
    return json.dumps(
        {
            "pack": pack,
            "parameters": parameters,
            **{name: part for name, part in besides.items() if part},
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        default=date.isoformat,
    ).encode()


def _build(
    sources: list[Source],
    sentences: Mapping[str, str],
    *,
    national: National = NOT_NATIONAL,
) -> Pack:
    """Merge overlays over their pack, parameter by parameter, and read the result."""
    made: dict[str, Parameter] = {}
    said = dict(sentences)
    replaced: list[Dated] = []
    for source in sources:
        for name, body in _parameters(source).items():
            new = body, _dated(source, name, body=body)
            if name in made:
                replaced.append(made[name][1])
                new = _laid_over(made[name], name, new=new, source=source)
            made[name] = new
        said |= _sentences(source, source.data.get("sentences", {}))
    if not made:
        what = "只有sentences而没有参数，请改正pack，或至少写一个参数"
        raise sources[0].fail(sources[0].data, what, key="pack")
    id_ = sources[0].data["pack"]
    bodies = {name: body for name, (body, _) in made.items()}
    lent = national.beside(bodies)
    text = canonical(id_, bodies, sentences=said, national=lent.bodies)
    return Pack(
        id_,
        title=str(sources[0].data.get("title", id_)),
        parameters={name: dated for name, (_, dated) in made.items()},
        sentences=said,
        replaced=replaced,
        national=lent.dated,
        sha256=sha256(text).hexdigest(),
        text=text,
    )


def parse_pack(text: str, source: str) -> Pack:
    """Read one pack from YAML (or from its canonical JSON), or raise PackError."""
    read = read_source(source, text)
    bodies = read.data.pop("national", {}) if isinstance(read.data, dict) else {}
    _parameters(read)
    dated = {name: _dated(read, name, body=body) for name, body in bodies.items()}
    return _build([read], {}, national=National(bodies, dated))


def overlaid(text: str, source: str) -> str | None:
    """Return the id of the pack that a document is laid over.

    None of a canonical pack, which says itself what is national in it: it is whole.
    """
    read = _shared_source(source, text)
    if isinstance(read.data, dict) and "national" in read.data:
        return None
    _parameters(read)
    return str(read.data["pack"])


def load(
    packs: Mapping[str, str],
    overlays: Mapping[str, str],
    *,
    sentences: Mapping[str, str] = NOTHING_SAID,
) -> Packs:
    """Read packs and merge overlays; an overlay without a pack is the pack.

    ``sentences`` is what every pack says, unless it says its own: a file of them all.
    """
    said: dict[str, str] = {}
    for name, text in sentences.items():
        source = _shared_source(name, text)
        said |= _sentences(source, source.data)
        if said.keys() != RULES.keys():
            unsaid = "、".join(sorted(RULES.keys() - said.keys()))
            raise source.fail(source.data, f"没有写{unsaid}的句子，请补写")
    by_id: dict[str, list[Source]] = {}
    for name, text in [*packs.items(), *overlays.items()]:
        source = _shared_source(name, text)
        _parameters(source)
        by_id.setdefault(source.data["pack"], []).append(source)
    built: dict[str, Pack] = {}
    national = NOT_NATIONAL
    if NATIONAL in by_id:
        built[NATIONAL] = pack = _build(by_id.pop(NATIONAL), said)
        bodies = json.loads(pack.canonical)["parameters"]
        national = National(bodies, pack.parameters)
    for id_, sources in by_id.items():
        built[id_] = _build(sources, said, national=national)
    return Packs(built, sentences=said)
