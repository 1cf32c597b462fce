"""One pack on one day: in Chinese for the clerk, as plain data for programs."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from jiesuan_domain.policy.model import Pack, Value
from jiesuan_domain.policy.telling.words import plain, source, words


def show(pack: Pack, on: date) -> Iterator[str]:
    """Write what a pack says for a day, each value with its source."""
    yield f"{pack.title}，{on}："
    for dated in pack.parameters.values():
        value = dated.on(on)
        if value is None:
            yield f"  {dated.zh}：当日没有值"
            continue
        quote = value.because.quote
        said = "" if quote == "-" else f"：“{quote}”"
        corrects = "" if value.corrects is None else f"，更正：{value.corrects}"
        origin = f"{source(value.because)}{said}{corrects}"
        yield f"  {dated.zh}：{words(value.value, dated.unit)}（{origin}）"
    for rule, text in pack.sentences.items():
        yield f"  步骤{rule}的说明：“{text}”"


def shown(pack: Pack, on: date) -> dict[str, Any]:
    """Return what a pack says for a day as JSON holds it, None where nothing."""
    return {
        "pack": pack.id,
        "title": pack.title,
        "sha256": pack.sha256,
        "on": on.isoformat(),
        "parameters": {
            name: {
                "zh": dated.zh,
                "unit": dated.unit,
                **as_data(dated.on(on), dated.unit),
            }
            for name, dated in pack.parameters.items()
        },
        "sentences": pack.sentences,
    }


def as_data(value: Value | None, unit: str) -> dict[str, Any]:
    """Return one dated value as JSON holds it."""
    if value is None:
        return {"value": None}
    because = value.because
    return {
        "value": plain(value.value, unit),
        "from": value.begin.isoformat(),
        "until": None if value.last is None else value.last.isoformat(),
        "because": {
            "instrument": because.instrument,
            "article": because.article,
            "quote": because.quote,
        },
        "corrects": value.corrects,
    }
