"""`jiesuan diff POINT POINT …`: what changed between two points, and by how much."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jiesuan_events.words.glossary import WORDS
from jiesuan_services.cli.auditors.asking import ask_past
from jiesuan_services.cli.console import print_json, print_table, yuan
from jiesuan_services.cli.looking import looked
from jiesuan_services.cli.options import data_option, json_option, reason_option

if TYPE_CHECKING:
    from jiesuan_services.audit.history.ledger import PastLedger

CHINESE: Final = dict(WORDS.values())
ENTRIES: Final = (
    ("partition", "分区"),
    ("offset", "偏移"),
    ("psn_no", "人员编号"),
    ("type", "账目"),
    ("setl_id", "结算ID"),
    ("happened_at", "发生时间"),
    ("recorded_at", "入账时间"),
)
MOVED: Final = (
    ("insutype", "险种"),
    ("year", "年度"),
    ("name", "累计"),
    ("from", "原为"),
    ("to", "现为"),
    ("difference", "变动"),
)


@click.group(
    help="比较较早与较晚的两个时点（时点写法见as-of）。",
)
@click.argument("first", metavar="POINT")
@click.argument("second", metavar="POINT")
@click.pass_context
def diff(context: click.Context, first: str, second: str) -> None:
    """Show what changed from one point to a later one (points: see as-of)."""
    context.obj = (first, second)


@diff.command(help="一个人新增的账目，以及变动的累计。")
@click.argument("psn_no")
@reason_option
@data_option
@json_option
@click.pass_obj
def person(
    points: tuple[str, str],
    *,
    psn_no: str,
    reason: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Show a person's new entries, and the accumulators that they moved."""

    async def asked(past: "PastLedger") -> dict[str, Any]:
        from jiesuan_services.audit.history.difference import person_difference

        first, second = (past.at(point) for point in points)
        return await person_difference(past, (first, second), psn_no=psn_no)

    found = ask_past(data, asked)
    looked(data, "diff", psn_no=psn_no, detail=" ".join(points), why=reason)
    _show(found, as_json)


@diff.command(help="全部新增的账目，以及变动的合计。")
@reason_option
@data_option
@json_option
@click.pass_obj
def totals(
    points: tuple[str, str], *, reason: str | None, data: Path | None, as_json: bool
) -> None:
    """Show every new entry, and the sums that they moved."""

    async def asked(past: "PastLedger") -> dict[str, Any]:
        from jiesuan_services.audit.history.difference import total_difference

        first, second = (past.at(point) for point in points)
        return await total_difference(past, (first, second))

    found = ask_past(data, asked)
    looked(data, "diff", detail=f"{' '.join(points)} totals", why=reason)
    _show(found, as_json)


def _show(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    print_table("账目", ENTRIES, rows=found["entries"])
    print_table("变动（元；有效结算为笔）", MOVED, rows=[*map(_moved, found["moved"])])
    for name, title in (("from", "自"), ("to", "至")):
        places = "，".join(f"{one}:{offset}" for one, offset in found[name].items())
        click.echo(f"{title} 分区:偏移 {places}")


def _moved(row: dict[str, Any]) -> dict[str, Any]:
    """Name an accumulator in Chinese and write its amounts in yuan."""
    name = row["name"]
    amounts = {one: row[one] for one in ("from", "to", "difference")}
    if name.endswith("_fen"):
        amounts = {one: yuan(fen) for one, fen in amounts.items()}
    return {**row, **amounts, "name": CHINESE[name]}
