"""Read one value of a parameter: by its unit, and by what it varies by."""

import re
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from jiesuan_domain.policy.parameters import ALL
from jiesuan_events.words.codes import (
    CARES,
    CLEARING_STATES,
    FILING_TYPES,
    GROUPS,
    REFUND_SCOPES,
    SEXES,
    TIERS,
    ClearingState,
)
from jiesuan_events.words.money import MAX_FEN, rate_of, scaled

_RATE: Final = re.compile(r"(0(\.[0-9]{1,4})?|1(\.0{1,4})?)")
_QUANTITY: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")
_CODE: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,50}")


class BadValue(ValueError):
    """A value that its unit does not allow, and what would be right."""


def _fen(raw: Any) -> int:
    if type(raw) is not int or not 0 <= raw <= MAX_FEN:
        raise BadValue("金额应为非负整数，单位分")
    return raw


def _rate(raw: Any) -> int:
    if not isinstance(raw, str) or _RATE.fullmatch(raw) is None:
        raise BadValue('比例应为带引号的小数，最多四位，如 "0.8000"')
    return rate_of(raw)


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise BadValue("应为true或false")
    return raw


def _months(raw: Any) -> int:
    if type(raw) is not int or not 1 <= raw <= 1200:
        raise BadValue("月数应为1到1200的整数")
    return raw


def _years(raw: Any) -> int:
    if type(raw) is not int or not 1 <= raw <= 100:
        raise BadValue("年数应为1到100的整数")
    return raw


def _working_days(raw: Any) -> int:
    if type(raw) is not int or not 1 <= raw <= 250:
        raise BadValue("工作日数应为1到250的整数")
    return raw


def _month_day(raw: Any) -> int:
    if type(raw) is not int or not 1 <= raw <= 28:
        raise BadValue("日期应为1到28的整数，每个月都有的日子")
    return raw


def _minutes(raw: Any) -> int:
    if type(raw) is not int or not 1 <= raw <= 1440:
        raise BadValue("分钟数应为1到1440的整数")
    return raw


def _days(raw: Any) -> int:
    if type(raw) is not int or not 0 <= raw <= 366:
        raise BadValue("天数应为0到366的整数")
    return raw


def _quantity(raw: Any) -> int:
    if not isinstance(raw, str) or _QUANTITY.fullmatch(raw) is None:
        raise BadValue('用量应为带引号的小数，最多四位，如 "2.0000"')
    return scaled(raw, 4)


def _count(raw: Any) -> int:
    if type(raw) is not int or not 0 <= raw <= 1_000_000:
        raise BadValue("个数应为非负整数")
    return raw


def _text(raw: Any) -> str:
    if not isinstance(raw, str | int) or isinstance(raw, bool) or not str(raw):
        raise BadValue("应为文字")
    return str(raw)


def _choice(raw: Any) -> str:
    if raw not in REFUND_SCOPES:
        raise BadValue(f"应为{'、'.join(REFUND_SCOPES)}之一")
    return str(raw)


def _list(raw: Any) -> frozenset[str]:
    if not isinstance(raw, list) or not all(
        isinstance(item, str) and _CODE.fullmatch(item) for item in raw
    ):
        raise BadValue('应为编码的列表，编码加引号，如 ["M00500"]')
    return frozenset(raw)


def _map(raw: Any) -> dict[str, str]:
    if not isinstance(raw, dict) or not all(
        isinstance(text, str) and _CODE.fullmatch(text)
        for pair in raw.items()
        for text in pair
    ):
        raise BadValue("应为本地编码到国家编码的对照，如 {M07803: M07801}")
    return dict(raw)


class ClearingStep(Struct, frozen=True):
    """A request about a statement: the states in which it may come, and the next.

    Nothing comes before a draw; confirmations and fines lead to no other state.
    """

    origins: tuple[ClearingState, ...]
    to: ClearingState | None


_OPEN: Final = ("00", "70")
_BEING_AUDITED: Final = ("10", "20", "30", "40")
_STEPS: Final[dict[str, tuple[ClearingState | None, tuple[ClearingState, ...]]]] = {
    "clearing_step_draw": ("00", ()),
    "clearing_step_confirm": (None, _OPEN),
    "clearing_step_unconfirm": (None, _OPEN),
    "clearing_step_declare": ("10", _OPEN),
    "clearing_step_withdraw": ("00", ("10",)),
    "clearing_step_accept": ("20", _BEING_AUDITED),
    "clearing_step_audit": ("30", _BEING_AUDITED),
    "clearing_step_finish_audit": ("40", _BEING_AUDITED),
    "clearing_step_clear": ("50", _BEING_AUDITED),
    "clearing_step_pay": ("60", ("50",)),
    "clearing_step_reject": ("70", _BEING_AUDITED),
    "clearing_step_fine": (None, ("30", "40", "50", "60", "70")),
}
"""Where `clearing/effects` leads, and the states that it bears before.

Rows move in 00 and 70 alone, so sums stand from the declaration on; what is paid is
held against what was cleared, and is final. A fine moves no sum: it may come once an
audit has begun, and after the payment.
"""


def _step(name: str, raw: Any) -> ClearingStep:
    to, borne = _STEPS[name]
    named = {} if to is None else {"to": to, "name": CLEARING_STATES[to]}
    if not isinstance(raw, dict) or raw != {"from": raw.get("from"), **named}:
        words = "，".join(f"{key}为{text}" for key, text in named.items())
        raise BadValue(f"应写from，{words}" if words else "应只写from")
    origins = raw.get("from")
    if (
        not isinstance(origins, list)
        or not all(one in borne for one in origins)
        or len(set(origins)) != len(origins)
        or bool(origins) != bool(borne)
    ):
        words = f"其中的状态：{'、'.join(borne)}" if borne else "空列表[]"
        raise BadValue(f"from应为{words}")
    return ClearingStep(tuple(origins), to)


_UNITS: Final[dict[str, Callable[[Any], Any]]] = {
    "fen": _fen,
    "rate": _rate,
    "flag": _flag,
    "months": _months,
    "years": _years,
    "workdays": _working_days,
    "monthday": _month_day,
    "count": _count,
    "minutes": _minutes,
    "days": _days,
    "quantity": _quantity,
    "text": _text,
    "choice": _choice,
    "list": _list,
    "map": _map,
}
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "tier": tuple(TIERS),
    "group": tuple(GROUPS),
    "care": tuple(CARES),
    "filing": tuple(FILING_TYPES),
    "sex": tuple(SEXES),
}


def read_value(name: str, raw: Any) -> Any:
    """Read a value of a known parameter, or raise BadValue.

    A scalar where the parameter varies means the same for all.
    """
    spec = ALL[name]
    if spec.unit == "step":
        return _step(name, raw)
    return _read(_UNITS[spec.unit], spec.by, raw=raw)


def _read(unit: Callable[[Any], Any], by: tuple[str, ...], *, raw: Any) -> Any:
    if not by:
        return unit(raw)
    if by[0] == "age":
        return _by_age(unit, raw)
    if by[0] in ("disease", "item"):
        return _by_code(unit, raw)
    keys = _KEYS[by[0]]
    if not isinstance(raw, dict):
        return {key: _read(unit, by[1:], raw=raw) for key in keys}
    unknown = set(raw) - set(keys)
    if unknown:
        raise BadValue(f"不认识的{by[0]}：{sorted(unknown)}，应为{'、'.join(keys)}")
    return {key: _read(unit, by[1:], raw=value) for key, value in raw.items()}


def _by_age(unit: Callable[[Any], Any], raw: Any) -> tuple[tuple[int | None, Any], ...]:
    """Read steps of age: each up to and including ``to_age``, the last without."""
    if not isinstance(raw, list):
        return ((None, unit(raw)),)
    steps: list[tuple[int | None, Any]] = []
    for item in raw:
        if not isinstance(item, dict) or set(item) - {"to_age", "value"}:
            raise BadValue("年龄分段应写to_age和value")
        to_age = item.get("to_age")
        if to_age is not None and (type(to_age) is not int or to_age < 0):
            raise BadValue("to_age应为非负整数，含该年龄")
        steps.append((to_age, unit(item.get("value"))))
    ages = [age for age, _ in steps]
    bounded = ages[:-1]
    rising = all(a is not None for a in bounded) and bounded == sorted(
        set(bounded), key=lambda age: age or 0
    )
    if not steps or ages[-1] is not None or not rising:
        raise BadValue("年龄分段应从小到大，最后一段不写to_age")
    return tuple(steps)


def _by_code(unit: Callable[[Any], Any], raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict) or not all(
        isinstance(key, str) and _CODE.fullmatch(key) for key in raw
    ):
        raise BadValue("应按编码分别写值")
    return {key: unit(value) for key, value in raw.items()}
