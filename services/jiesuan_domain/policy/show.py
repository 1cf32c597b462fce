"""A pack in Chinese prose: what holds on a day, and what differs between two packs."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from jiesuan_domain.policy.model import Dated, Pack, Value
from jiesuan_events.money import rate_text, yuan

_WORDS: Final = {
    "primary": "一级及以下",
    "secondary": "二级",
    "tertiary": "三级",
    "ministry": "部属三级",
    "active": "在职",
    "retired": "退休",
    "ordinary": "普通门诊",
    "chronic": "门诊慢特病",
    "retired-settled": "异地安置退休",
    "long-term-resident": "异地长期居住",
    "posted": "常驻异地工作",
    "referred": "异地转诊",
    "emergency": "异地急诊",
    "other-temporary": "其他临时外出",
    "scheme-year": "同险种同年度",
    "institution": "同一机构",
    "care-type": "同一医疗类别",
}


def _percent(rate: int) -> str:
    whole, rest = divmod(rate, 100)
    return f"{whole}%" if not rest else f"{rate_text(rate)}"


def words(value: Any, unit: str) -> str:
    """Write a value in words, by its unit."""
    if isinstance(value, dict):
        return "，".join(
            f"{_WORDS.get(key, key)}：{words(one, unit)}"
            if isinstance(one, dict)
            else f"{_WORDS.get(key, key)}{words(one, unit)}"
            for key, one in value.items()
        )
    if isinstance(value, tuple):
        return "，".join(
            (f"{age}岁及以下" if age is not None else "以上") + words(one, unit)
            for age, one in value
        )
    if isinstance(value, frozenset):
        return "、".join(sorted(value))
    return _scalar(value, unit)


def _scalar(value: Any, unit: str) -> str:
    if unit == "fen":
        return f"{yuan(value)}元"
    if unit == "rate":
        return _percent(value)
    if unit == "flag":
        return "是" if value else "否"
    if unit == "months":
        return f"{value}个月"
    return _WORDS.get(str(value), str(value))


def show(pack: Pack, on: date) -> Iterator[str]:
    """Write what a pack says for a day, each value with its source."""
    yield f"{pack.title}，{on}："
    for dated in pack.parameters.values():
        value = dated.on(on)
        if value is None:
            yield f"  {dated.zh}：当日没有值"
            continue
        because = value.because
        yield (
            f"  {dated.zh}：{words(value.value, dated.unit)}"
            f"（{because.instrument} {because.article}：“{because.quote}”）"
        )


def diff(a: Pack, b: Pack) -> Iterator[str]:
    """Write in Chinese prose what differs between two packs."""
    for name in sorted(a.parameters.keys() | b.parameters.keys()):
        old, new = a.parameters.get(name), b.parameters.get(name)
        if old is None and new is not None:
            yield f"新增{new.zh}：{_history(new)}"
        elif new is None and old is not None:
            yield f"取消{old.zh}（原为{_history(old)}）"
        elif old is not None and new is not None and _held(old) != _held(new):
            yield f"{new.zh}由{_history(old)}改为{_history(new)}"


def _held(dated: Dated) -> list[tuple[date, date | None, Any]]:
    return [(value.begin, value.last, value.value) for value in dated.values]


def _history(dated: Dated) -> str:
    return "；".join(_period(value, dated.unit) for value in dated.values)


def _period(value: Value, unit: str) -> str:
    until = "" if value.last is None else f"至{value.last}"
    return f"{value.begin}起{until}{words(value.value, unit)}"
