"""What differs between two packs, period by period, in Chinese prose."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from msgspec import Struct

from jiesuan_domain.policy.model import Dated, Pack, Value
from jiesuan_domain.policy.telling.words import leaves, source, words


class PackDifference(Struct, frozen=True):
    """One parameter that differs in one period; an end of None is open."""

    parameter: str
    zh: str
    unit: str
    begin: date
    last: date | None
    old: Value | None
    new: Value | None


def differences(a: Pack, b: Pack) -> list[PackDifference]:
    """List what differs, parameter by parameter, in the order of days."""
    names = [*b.parameters, *(one for one in a.parameters if one not in b.parameters)]
    return [
        difference
        for name in names
        for difference in _differences(a.parameters.get(name), b.parameters.get(name))
    ]


def diff(a: Pack, b: Pack) -> str:
    """Write what differs in Chinese prose, one sentence a line; empty if nothing."""
    sentences = [sentence(one) for one in differences(a, b)]
    return "\n".join(sentences + [rewording(one) for one in reworded(a, b)])


class Reworded(Struct, frozen=True):
    """A step of the computation of which two packs say something else."""

    rule: str
    old: str
    new: str


def reworded(a: Pack, b: Pack) -> list[Reworded]:
    """List the steps that both packs tell, in other words."""
    return [
        Reworded(rule, a.sentences[rule], text)
        for rule, text in b.sentences.items()
        if a.sentences.get(rule, text) != text
    ]


def rewording(one: Reworded) -> str:
    """Write one other wording as a sentence."""
    return f"步骤{one.rule}的说明由“{one.old}”改为“{one.new}”。"


def _differences(a: Dated | None, b: Dated | None) -> Iterator[PackDifference]:
    dated = b or a
    assert dated is not None
    found: PackDifference | None = None
    for begin, last in _periods(a, b):
        old = None if a is None else a.on(begin)
        new = None if b is None else b.on(begin)
        if found is not None and _same(found.old, old) and _same(found.new, new):
            found = _made(dated, (found.begin, last), old=old, new=new)
            continue
        if found is not None:
            yield found
        found = None
        if not _same(old, new):
            found = _made(dated, (begin, last), old=old, new=new)
    if found is not None:
        yield found


def _made(
    dated: Dated,
    period: tuple[date, date | None],
    *,
    old: Value | None,
    new: Value | None,
) -> PackDifference:
    begin, last = period
    return PackDifference(dated.name, dated.zh, dated.unit, begin, last, old, new)


def _periods(a: Dated | None, b: Dated | None) -> Iterator[tuple[date, date | None]]:
    """Cut time where a value of either begins or has ended."""
    values = [*(a.values if a else ()), *(b.values if b else ())]
    cuts = {value.begin for value in values}
    cuts |= {one.last + timedelta(days=1) for one in values if one.last is not None}
    days = sorted(cuts)
    for day, after in zip(days, [*days[1:], None], strict=True):
        yield day, None if after is None else after - timedelta(days=1)


def _same(a: Value | None, b: Value | None) -> bool:
    if a is None or b is None:
        return a is b
    return (a.value, a.because) == (b.value, b.because)


def sentence(one: PackDifference) -> str:
    """Write one difference as a sentence: period, what changes, and why."""
    period = f"自{one.begin}起" if one.last is None else f"{one.begin}至{one.last}"
    if one.new is None:
        assert one.old is not None
        return f"{period}，取消“{one.zh}”（原为{words(one.old.value, one.unit)}）。"
    why = source(one.new.because)
    new = words(one.new.value, one.unit)
    if one.old is None:
        return f"{period}，新增“{one.zh}”：{new}（依据：{why}）。"
    if one.old.value == one.new.value:
        before = source(one.old.because)
        change = "引文有改动" if before == why else f"依据由{before}改为{why}"
        return f"{period}，“{one.zh}”仍为{new}，{change}。"
    changes = "，".join(_changes(one.old.value, one.new.value, unit=one.unit))
    return f"{period}，“{one.zh}”{changes}（依据：{why}）。"


def _changes(old: Any, new: Any, *, unit: str) -> Iterator[str]:
    if isinstance(old, frozenset) and isinstance(new, frozenset):
        if new - old:
            yield "增加" + "、".join(sorted(new - old))
        if old - new:
            yield "删去" + "、".join(sorted(old - new))
        return
    before, after = leaves(old, unit), leaves(new, unit)
    for label, text in after.items():
        if label not in before:
            yield f"增加{label}为{text}" if label else f"改为{text}"
        elif before[label] != text:
            yield f"{label}由{before[label]}改为{text}"
    for label, text in before.items():
        if label not in after:
            yield f"删去{label}（原为{text}）" if label else f"原为{text}"
