"""The figures of a bulletin, from sums: each with the rows that it is made of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from jiesuan_events.words.money import WHOLE, half_up

if TYPE_CHECKING:
    from jiesuan_domain.policy.model import Packs

Row = dict[str, Any]
AMOUNTS: Final = ("medfee_sumamt_fen", "fund_pay_sumamt_fen")
COUNTS: Final = ("direct", "claims")
NOTHING: Final = dict.fromkeys((*COUNTS, *AMOUNTS), 0)


def a_year_before(month: str) -> str:
    """Return the same month of the year before.

    >>> a_year_before("202203")
    '202103'
    """
    return f"{int(month[:4]) - 1}{month[4:]}"


def indicators(
    sums: Iterable[Row],
    refusals: Iterable[Row],
    *,
    by: Sequence[str],
    made_of: Mapping[str, Any],
) -> Iterator[Row]:
    """Return a row a key: costs, growth against the year before, shares, refusals.

    ``by`` are the columns of the key; refusals count by those of them that they have.
    ``rows`` says which rows of `settlement` a row is made of.
    """
    now: dict[tuple[str, ...], Row] = {}
    before: dict[tuple[str, ...], Row] = {}
    for one in sums:
        (now if one["is_now"] else before)[tuple(one[name] for name in by)] = one
    refused: dict[tuple[str, ...], list[int]] = {}
    for one in refusals:
        key = tuple(one.get(name, "") for name in by)
        counts = refused.setdefault(key, [0, 0])
        counts[0] += one["refusals"]
        counts[1] += one["errors"]
    for key in sorted({*now, *refused}):
        named = dict(zip(by, key, strict=True))
        counts = refused.get(key, [0, 0])
        yield {
            **named,
            **_costs(now.get(key, NOTHING), before.get(key, NOTHING)),
            "refusals": counts[0],
            "errors": counts[1],
            "rows": {**made_of, **named},
        }


def _costs(now: Row, before: Row) -> Row:
    count, count_before = (sum(one[name] for name in COUNTS) for one in (now, before))
    charge, fund_pay = (now[name] for name in AMOUNTS)
    return {
        **{name: now[name] for name in (*COUNTS, *AMOUNTS)},
        "average_fen": half_up(charge, count) if count > 0 else None,
        "growth": _growth((charge, count), (before[AMOUNTS[0]], count_before)),
        "fund_share": ratio(fund_pay, charge),
        "direct_share": ratio(now["direct"], count),
    }


def _growth(now: tuple[int, int], before: tuple[int, int]) -> int | None:
    """Return the growth of the charge of one bill, in ten-thousandths."""
    if min(*now, *before) <= 0:
        return None
    return half_up(now[0] * before[1] * WHOLE, before[0] * now[1]) - WHOLE


def ratio(part: int, whole: int) -> int | None:
    """Return a ratio in ten-thousandths, half up; None of nothing.

    >>> ratio(1, 3), ratio(1, 0)
    (3333, None)
    """
    return half_up(part * WHOLE, whole) if whole > 0 else None


def limits(
    prepaid: Iterable[Row], spent: Iterable[Row], *, year: str, packs: "Packs"
) -> Iterator[Row]:
    """Return what is used of each configured limit, and how far beyond it.

    Prepayments against their quota; the fund payments of a region and scheme against
    the budget that its pack holds at the end of the year.
    """
    for one in prepaid:
        who = f"{one['insuplc_admdvs']} 预付 {one['mdtrtarea_admvs']}"
        yield _limit("预付金额度", who, one=one, limit=one["quota_fen"])
    last_day = date(int(year), 12, 31)
    for one in spent:
        pack = packs.find(one["insuplc_admdvs"], one["insutype"])
        budget = None if pack is None else pack.on(last_day).annual_fund_budget
        if budget is not None:
            yield _limit("年度基金预算", one["insuplc_admdvs"], one=one, limit=budget)


def _limit(what: str, who: str, *, one: Row, limit: int) -> Row:
    return {
        "limit": what,
        "who": who,
        "insutype": one["insutype"],
        "limit_fen": limit,
        "used_fen": one["used_fen"],
        "over_fen": max(one["used_fen"] - limit, 0),
        "used_ratio": ratio(one["used_fen"], limit),
    }
