"""Check a pack: every day exactly one value, every quotation word for word."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from msgspec import Struct

from jiesuan_domain.policy.model import Dated, Pack

CONFIGURED = "-"
"""The quotation of a value that no notice gives: a region's own configuration."""


class Finding(Struct, frozen=True):
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


def check(pack: Pack, notices: Mapping[str, str]) -> list[Finding]:
    """Check every parameter of a pack against its days and the stored notices."""
    texts = {name: squeezed(text) for name, text in notices.items()}
    findings: list[Finding] = []
    for name, dated in pack.parameters.items():
        for what in (*_days(dated), *_quotations(dated, texts)):
            findings.append(Finding(pack.id, name, what))
    findings += _mapping(pack)
    return findings


def _days(dated: Dated) -> Iterator[str]:
    """Look at every day from the first value to the last: exactly one value each."""
    day = dated.values[0].begin
    last = dated.values[-1].last or dated.values[-1].begin
    while day <= last:
        holding = [
            value
            for value in dated.values
            if value.begin <= day and (value.last is None or day <= value.last)
        ]
        if len(holding) != 1 or dated.on(day) is not holding[0]:
            yield f"{day}有{len(holding)}个值，请改正各值的from和until"
            return
        day += timedelta(days=1)


def _quotations(dated: Dated, texts: Mapping[str, str]) -> Iterator[str]:
    for value in dated.values:
        because = value.because
        if because.quote == CONFIGURED:
            continue
        found = [
            text
            for name, text in texts.items()
            if name.startswith(because.instrument) or because.instrument in text
        ]
        if not found:
            yield f"没有存放文件{because.instrument}的原文，请补充"
        elif not any(squeezed(because.quote) in text for text in found):
            yield f"引文不在{because.instrument}原文中，请逐字核对：{because.quote}"


def _mapping(pack: Pack) -> Iterator[Finding]:
    """See that local codes map to listed national ones and to nothing else."""
    for day in pack.change_days():
        rules = pack.on(day)
        if rules.chronic_diseases is None:
            continue
        known = rules.chronic_diseases | rules.cross_province_diseases
        for local, national in rules.national_codes.items():
            if national not in known:
                yield Finding(
                    pack.id,
                    "local_disease_codes",
                    f"{day}起{local}对应的国家病种代码{national}不在病种范围内",
                )
