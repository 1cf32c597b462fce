"""`jiesuan quota-proposal YEAR`: what should be prepaid next year, line by line."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jiesuan_services.cli.console import ask, servers_of, yuan
from jiesuan_services.cli.options import (
    data_option,
    json_option,
    packs_option,
    settings_from,
)
from jiesuan_services.cli.regions.months import year_of
from jiesuan_services.cli.regions.proposing.showing import account_of, show

if TYPE_CHECKING:
    from jiesuan_domain.policy.model import Packs

MONTHS: Final = 12
PARAMETER: Final = "prepay_months"
MISSING: Final = "policy-not-in-force"


def proposals(
    rows: Iterable[dict[str, Any]], year: int, *, packs: "Packs"
) -> Iterator[dict[str, Any]]:
    """Return of each pair its twelve months, their mean and the quota proposed.

    The quota is rounded once: the sum of the months times `prepay_months` over twelve.
    """
    from jiesuan_events.words.money import half_up

    names = [f"{year - 1}{month:02d}" for month in range(1, MONTHS + 1)]
    pairs: defaultdict[tuple[str, str, str], dict[str, Any]] = defaultdict(dict)
    for row in rows:
        key = (row["mdtrtarea_admvs"], row["insuplc_admdvs"], row["insutype"])
        pairs[key][row["clr_ym"]] = row
    for (care, insured, scheme), of in pairs.items():
        months = [_month(name, of.get(name)) for name in names]
        total = sum(one["fund_pay_sumamt_fen"] for one in months)
        first_day = date(year, 1, 1)
        pack = packs.find(insured, scheme)
        count = None if pack is None else pack.on(first_day).prepay_months
        yield {
            "mdtrtarea_admvs": care,
            "insuplc_admdvs": insured,
            "insutype": scheme,
            "year": str(year),
            "months": months,
            "total_fen": total,
            "mean_fen": half_up(total, MONTHS),
            "prepay_months": count,
            "quota_fen": None if count is None else half_up(total * count, MONTHS),
            "refusal": _missing(insured, scheme, on=first_day)
            if count is None
            else None,
        }


def _month(name: str, row: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "clr_ym": name,
        "rows": 0 if row is None else row["rows"],
        "fund_pay_sumamt_fen": 0 if row is None else row["fund_pay_sumamt_fen"],
    }


def _missing(insured: str, scheme: str, *, on: date) -> dict[str, Any]:
    return {
        "code": MISSING,
        "message": f"{insured}-{scheme}在{on}没有预付金额度月数（{PARAMETER}），"
        "请由参保地配置后再测算。",
        "transient": True,
        "details": {"parameter": PARAMETER, "on": on},
    }


@click.command(
    "quota-proposal", help="测算某年预付金额度：前12个月的月均乘以配置的月数。"
)
@click.argument("year", metavar="YYYY")
@data_option
@packs_option
@json_option
def quota_proposal(year: str, *, data: Path | None, as_json: bool) -> None:
    """Propose the quotas of a year, with the computation."""
    from jiesuan_projections.read_models.settlement.reconciled import monthly_fund_pay
    from jiesuan_services.runtime.bootstrap import packs_of

    asked = year_of(year)
    first, last = f"{asked - 1}01", f"{asked - 1}12"
    rows = asyncio.run(
        ask(servers_of(data).pg, lambda on: monthly_fund_pay(on, first, last=last))
    )
    found = list(proposals(rows, asked, packs=packs_of(settings_from(data))))
    nothing = f"{asked - 1}年没有异地结算，不需要预付金。"
    show(found, year, nothing=nothing, in_words=in_words, as_json=as_json)


def in_words(one: dict[str, Any]) -> Iterator[str]:
    """Return a proposal as lines for a person, amounts in yuan."""
    yield account_of(one)
    for month in one["months"]:
        paid = yuan(month["fund_pay_sumamt_fen"])
        yield f"  {month['clr_ym']}  {month['rows']:>8}行  基金支付 {paid:>16}元"
    yield f"  合计 {yuan(one['total_fen'])}元，月均 {yuan(one['mean_fen'])}元"
    if one["refusal"] is not None:
        yield f"  未能测算：{one['refusal']['message']}"
        return
    yield (
        f"  建议额度 {yuan(one['total_fen'])} ÷ {MONTHS} × {one['prepay_months']}个月"
        f" = {yuan(one['quota_fen'])}元"
    )
