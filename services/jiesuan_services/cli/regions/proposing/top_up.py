"""`jiesuan top-up-proposal YEAR`: what fills prepayments up again after clearing."""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import click

from jiesuan_services.cli.console import ask, servers_of, yuan
from jiesuan_services.cli.options import data_option, json_option
from jiesuan_services.cli.regions.months import year_of
from jiesuan_services.cli.regions.proposing.showing import account_of, show

_OF_LINE: Final = ("statement_id", "fund_pay_fen", "deducted_fen", "recovered_fen")


def top_ups(
    accounts: Iterable[dict[str, Any]], cleared: Iterable[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Return of each account what tops it up after clearing, statement by statement.

    Paying a cleared statement gives back what its rows used, less what was deducted
    and recovered, which never left the insured place's side (先预付、后清算).
    """
    of: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    key = ("mdtrtarea_admvs", "insuplc_admdvs", "insutype")
    for one in cleared:
        of.setdefault(tuple(one[name] for name in key), []).append(one)
    for account in accounts:
        lines = [
            {
                **{name: one[name] for name in _OF_LINE},
                "top_up_fen": one["fund_pay_fen"]
                - one["deducted_fen"]
                - one["recovered_fen"],
            }
            for one in of.get(tuple(account[name] for name in key), ())
        ]
        released = sum(one["fund_pay_fen"] for one in lines)
        quota, used = account["quota_fen"], account["used_fen"]
        yield {
            **{name: account[name] for name in (*key, "year", "quota_fen", "used_fen")},
            "left_fen": None if quota is None else quota - used,
            "statements": lines,
            "top_up_fen": sum(one["top_up_fen"] for one in lines),
            "used_after_fen": used - released,
            "left_after_fen": None if quota is None else quota - used + released,
        }


@click.command(
    "top-up-proposal",
    help="清算之后应补足的预付金：逐账户、逐清算单列出计算；拨付由请求办理。",
)
@click.argument("year", metavar="YYYY")
@data_option
@json_option
def top_up_proposal(year: str, *, data: Path | None, as_json: bool) -> None:
    """Propose what tops up the prepayments of a year, with the computation."""
    from jiesuan_projections.read_models.clearing.queries import to_top_up

    asked = f"{year_of(year)}"
    accounts, cleared = asyncio.run(
        ask(servers_of(data).pg, lambda on: to_top_up(on, asked))
    )
    found = list(top_ups(accounts, cleared))
    nothing = f"{asked}年没有预付金账户。"
    show(found, asked, nothing=nothing, in_words=in_words, as_json=as_json)


def in_words(one: dict[str, Any]) -> Iterator[str]:
    """Return a proposal as lines for a person, amounts in yuan."""
    yield account_of(one)
    used = yuan(one["used_fen"])
    if one["quota_fen"] is None:
        yield f"  没有额度，已使用 {used}元"
    else:
        yield (
            f"  额度 {yuan(one['quota_fen'])} − 已使用 {used}"
            f" = 余额 {yuan(one['left_fen'])}元"
        )
    for line in one["statements"]:
        yield (
            f"  {line['statement_id']}：基金支付 {yuan(line['fund_pay_fen'])}"
            f" − 扣款 {yuan(line['deducted_fen'])}"
            f" − 追回 {yuan(line['recovered_fen'])}"
            f" = {yuan(line['top_up_fen'])}元"
        )
    if not one["statements"]:
        yield "  没有已清算而未拨付的清算单，无需补足"
        return
    yield (
        f"  建议补足 {yuan(one['top_up_fen'])}元；"
        f"拨付后已使用 {yuan(one['used_after_fen'])}元"
    )
