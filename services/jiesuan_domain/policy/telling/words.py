"""The values of a pack in Chinese words, and as plain data for programs."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from jiesuan_domain.policy.because import Because
from jiesuan_domain.policy.units import ClearingStep
from jiesuan_events.words.codes import (
    CARES,
    CLEARING_STATES,
    FILING_TYPES,
    GROUPS,
    REFUND_SCOPES,
    TIERS,
)
from jiesuan_events.words.money import WHOLE, rate_text, yuan

_WORDS: Final[dict[str, str]] = {
    **TIERS,
    **GROUPS,
    **CARES,
    **FILING_TYPES,
    **REFUND_SCOPES,
}
_CLOSE: Final = frozenset(
    (
        *("fen", "rate", "months", "years", "workdays", "monthday", "count"),
        *("minutes", "days", "quantity"),
    )
)
"""Units whose numbers follow their label without a colon."""


def percent(rate: int) -> str:
    """Write ten-thousandths as a percentage without needless zeros.

    >>> percent(8000), percent(6550)
    ('80%', '65.5%')
    """
    whole, rest = divmod(rate * 100, WHOLE)
    return f"{whole}%" if not rest else f"{whole}.{rest:04d}".rstrip("0") + "%"


def exact(quantity: int) -> str:
    """Write a quantity of four decimals without needless zeros.

    >>> exact(20_000), exact(5_000)
    ('2', '0.5')
    """
    whole, rest = divmod(quantity, WHOLE)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".")


def words(value: Any, unit: str) -> str:
    """Write a value in words, by its unit.

    >>> words({"primary": 8000, "secondary": 7000}, "rate")
    '一级及以下80%，二级70%'
    >>> words(((50, 600000), (None, 1000000)), "fen")
    '50岁及以下6000.00元，51岁及以上10000.00元'
    """
    if isinstance(value, dict) and any(isinstance(one, dict) for one in value.values()):
        groups = (f"{_named(key)}：{words(one, unit)}" for key, one in value.items())
        return "；".join(groups)
    return "，".join(
        label + _between(label, unit) + text
        for label, text in leaves(value, unit).items()
    )


def leaves(value: Any, unit: str) -> dict[str, str]:
    """Split a value into its parts: what each is of, and the part in words.

    >>> leaves({"active": {"primary": 9000}}, "rate")
    {'在职一级及以下': '90%'}
    """
    return dict(_leaves(value, unit))


def _leaves(value: Any, unit: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            for label, text in _leaves(one, unit):
                yield _named(key) + label, text
    elif isinstance(value, tuple):
        youngest = 0
        for age, one in value:
            yield _ages(youngest, age), _scalar(one, unit)
            youngest = 0 if age is None else age + 1
    elif isinstance(value, frozenset):
        yield "", "、".join(sorted(value))
    else:
        yield "", _scalar(value, unit)


def _ages(youngest: int, oldest: int | None) -> str:
    if oldest is None:
        return f"{youngest}岁及以上" if youngest else ""
    return f"{youngest}至{oldest}岁" if youngest else f"{oldest}岁及以下"


def _between(label: str, unit: str) -> str:
    if unit == "map":
        return "→"
    return "" if not label or unit in _CLOSE else "："


def _named(key: str) -> str:
    return _WORDS.get(key, key)


def _step(step: ClearingStep) -> str:
    """Write a step by the names of its states.

    >>> _step(ClearingStep(("00", "70"), "10"))
    '已清分、已驳回→已申报'
    """
    origins = "、".join(CLEARING_STATES[one] for one in step.origins)
    return origins if step.to is None else f"{origins}→{CLEARING_STATES[step.to]}"


_SCALARS: Final[dict[str, Callable[[Any], str]]] = {
    "fen": lambda value: f"{yuan(value)}元",
    "rate": percent,
    "flag": lambda value: "是" if value else "否",
    "months": lambda value: f"{value}个月",
    "years": lambda value: f"{value}年",
    "workdays": lambda value: f"{value}个工作日",
    "monthday": lambda value: f"{value}日",
    "minutes": lambda value: f"{value}分钟",
    "days": lambda value: f"{value}天",
    "quantity": exact,
    "count": str,
    "text": lambda value: f"“{value}”",
    "step": _step,
}


def _scalar(value: Any, unit: str) -> str:
    write = _SCALARS.get(unit)
    return _named(str(value)) if write is None else write(value)


def plain(value: Any, unit: str) -> Any:
    """Return a value as JSON holds it, in the form in which packs are written."""
    if isinstance(value, dict):
        return {key: plain(one, unit) for key, one in value.items()}
    if isinstance(value, tuple):
        return [
            ({} if age is None else {"to_age": age}) | {"value": plain(one, unit)}
            for age, one in value
        ]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, ClearingStep):
        to = value.to
        named = {} if to is None else {"to": to, "name": CLEARING_STATES[to]}
        return {"from": list(value.origins), **named}
    return rate_text(value) if unit == "rate" else value


def source(because: Because) -> str:
    """Return where a value stands; a region's own configuration has no article.

    >>> source(Because("统筹区配置", "-", "-"))
    '统筹区配置'
    """
    if because.article == "-":
        return because.instrument
    return f"{because.instrument} {because.article}"
