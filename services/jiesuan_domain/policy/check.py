"""Check a pack: every day exactly one value, every quotation word for word."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from msgspec import Struct

from jiesuan_domain.policy.because import Because
from jiesuan_domain.policy.model import NATIONAL, Dated, Pack, Value

CONFIGURED: Final = "统筹区配置"
"""The instrument of a value that no notice gives: a region's own configuration."""
SHORTEST_QUOTE: Final = 6
"""Shorter ones would be found anywhere."""


class PackFault(Struct, frozen=True):
    """Something wrong with a pack: which parameter, what, and what to do."""

    pack: str
    parameter: str
    what: str


def squeezed(text: str) -> str:
    """Take white space out: scans and page breaks put it anywhere, and nothing else.

    >>> squeezed("2 400 元\\n（不含）")
    '2400元（不含）'
    """
    return re.sub(r"\s+", "", text)


def check(pack: Pack, notices: Mapping[str, str]) -> list[PackFault]:
    """Check every parameter of a pack against its days and the stored notices.

    The notices are found by the name of their instrument.
    """
    texts = {name: squeezed(text) for name, text in notices.items()}
    claimed = _claimed(pack)
    findings: list[PackFault] = []
    for name, dated in pack.parameters.items():
        looked = (
            *_days(dated, claimed),
            *_sources(dated, is_national=pack.id == NATIONAL),
            *_quotations(dated, texts),
        )
        findings += [PackFault(pack.id, name, what) for what in looked]
    for dated in pack.replaced:
        lost = _lost(dated, pack.parameters[dated.name])
        findings += [PackFault(pack.id, dated.name, what) for what in lost]
    return findings + list(_mapping(pack))


def _is_configured(because: Because) -> bool:
    return because.instrument == CONFIGURED and because.quote == "-"


def _noticed(dated: Dated) -> list[Value]:
    """List the values that a notice gives, not the region."""
    return [value for value in dated.values if not _is_configured(value.because)]


def _claimed(pack: Pack) -> tuple[date, date] | None:
    """Return the days that a pack claims to know: those of what its notices give.

    What a region configures claims its own days only.
    """
    values = [value for dated in pack.parameters.values() for value in _noticed(dated)]
    if not values:
        return None
    ends = [value.begin if value.last is None else value.last for value in values]
    return min(value.begin for value in values), max(ends)


def _days(dated: Dated, claimed: tuple[date, date] | None) -> Iterator[str]:
    """Look at every day of the claimed range: exactly one value each.

    From where a region lays its own over a notice, it claims its own days.
    """
    last = dated.values[-1].last or dated.values[-1].begin
    first = dated.values[0].begin
    if claimed is not None and _noticed(dated):
        first = claimed[0]
        last = claimed[1] if len(_noticed(dated)) == len(dated.values) else last
    for count, begin, end in _runs(dated, first, last=last):
        if count == 0:
            yield f"{begin}至{end}没有值，请补写这些日子的值"
        if count > 1:
            yield f"{begin}至{end}每天有{count}个值，请改正from和until"


def _runs(dated: Dated, first: date, *, last: date) -> Iterator[tuple[int, date, date]]:
    """Count the values of each day, and put equal neighbours together."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    for count, run in groupby(days, key=lambda day: _holding(dated, day)):
        held = list(run)
        yield count, held[0], held[-1]


def _holding(dated: Dated, day: date) -> int:
    return sum(
        value.begin <= day and (value.last is None or day <= value.last)
        for value in dated.values
    )


def _sources(dated: Dated, *, is_national: bool) -> Iterator[str]:
    """See that what a notice gives has an end and was compared with its text.

    What holds where a region says nothing else has none.
    """
    noticed = _noticed(dated)
    if not noticed:
        return
    if noticed[-1].last is None and not is_national:
        yield "没有until，请写明已知有效到哪一天"
    if dated.checked_on is None:
        yield "没有checked_on，请写明最近一次与原文核对的日期"


def _quotations(dated: Dated, texts: Mapping[str, str]) -> Iterator[str]:
    for because in (value.because for value in dated.values):
        if _is_configured(because):
            continue
        quote = squeezed(because.quote)
        text = texts.get(because.instrument)
        if text is None:
            yield f"没有存放文件{because.instrument}的原文，请补充"
        elif len(quote) < SHORTEST_QUOTE:
            yield f"引文太短，请引用完整的句子：{because.quote}"
        elif quote not in text:
            yield f"引文不在{because.instrument}原文中，请逐字核对：{because.quote}"


def _lost(old: Dated, new: Dated) -> Iterator[str]:
    """List the days that an overlay took the value from without giving another."""
    last = old.values[-1].last or max(value.begin for value in new.values)
    for count, begin, end in _runs(new, old.values[0].begin, last=last):
        if count == 0:
            yield f"{begin}至{end}原有的值被覆盖后没有了，请在覆盖文件中补写"


def _mapping(pack: Pack) -> Iterator[PackFault]:
    """See that local and national codes are mapped both ways.

    Every local code leads to a national code that the region lists, and no national
    code leads on to another: there and back is one step each.
    """
    for day in pack.change_days():
        rules = pack.on(day)
        known = (rules.chronic_diseases or frozenset()) | rules.cross_province_diseases
        for local, national in rules.national_codes.items():
            mapped = f"{day}起{local}对应的国家病种代码{national}"
            if national not in known:
                what = f"{mapped}不在病种范围内，请改正对照或补充病种"
                yield PackFault(pack.id, "local_disease_codes", what)
            if national in rules.national_codes:
                what = f"{mapped}又对应别的代码，请直接写最终的国家代码"
                yield PackFault(pack.id, "local_disease_codes", what)
