"""`jiesuan diff POINT POINT …`: what changed between two points, and by how much."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jiesuan_events.words.glossary import WORDS
from jiesuan_services.cli.auditors.asking import ask_past
from jiesuan_services.cli.console import print_json, print_table, yuan
from jiesuan_services.cli.looking import looked
from jiesuan_services.cli.options import (
    data_option,
    json_option,
    packs_option,
    reason_option,
    settings_from,
)

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
REASONS: Final = (
    ("insutype", "险种"),
    ("year", "年度"),
    ("name", "计入"),
    ("article", "依据"),
    ("steps", "步骤数"),
    ("difference_fen", "合计"),
)
FACTS: Final = {
    "jiesuan.enrolled.v1": "参保",
    "jiesuan.qualified.v1": "门慢特认定",
    "jiesuan.disqualified.v1": "门慢特取消",
    "jiesuan.designated.v1": "定点备案",
    "jiesuan.undesignated.v1": "定点取消",
    "jiesuan.filed.v1": "异地备案",
    "jiesuan.unfiled.v1": "异地备案取消",
    "jiesuan.admitted.v1": "入院",
    "jiesuan.discharged.v1": "出院",
    "jiesuan.inpatient-reported.v1": "住院费用报告",
    "jiesuan.settled.v1": "结算",
    "jiesuan.claimed.v1": "手工报销",
    "jiesuan.refunded.v1": "退费",
    "jiesuan.gap-refunded.v1": "隔笔退费",
    "jiesuan.compensated.v1": "冲正",
}
"""Each type of fact in Chinese; a test holds it complete."""


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
@packs_option
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
        from jiesuan_services.audit.history.changes.difference import person_difference

        first, second = (past.at(point) for point in points)
        return await person_difference(past, (first, second), psn_no=psn_no)

    found = ask_past(data, asked)
    looked(data, "diff", psn_no=psn_no, detail=" ".join(points), why=reason)
    if as_json:
        print_json(found)
    else:
        _show(found, _reasons(data, points, psn_no=psn_no))


@diff.command(help="全部新增的账目，以及变动的合计。")
@reason_option
@data_option
@packs_option
@json_option
@click.pass_obj
def totals(
    points: tuple[str, str], *, reason: str | None, data: Path | None, as_json: bool
) -> None:
    """Show every new entry, and the sums that they moved."""

    async def asked(past: "PastLedger") -> dict[str, Any]:
        from jiesuan_services.audit.history.changes.difference import total_difference

        first, second = (past.at(point) for point in points)
        return await total_difference(past, (first, second))

    found = ask_past(data, asked)
    looked(data, "diff", detail=f"{' '.join(points)} totals", why=reason)
    if as_json:
        print_json(found)
    else:
        _show(found, _reasons(data, points, psn_no=None))


def _reasons(
    data: Path | None, points: tuple[str, str], *, psn_no: str | None
) -> list[dict[str, Any]]:
    from jiesuan_services.runtime.bootstrap import packs_of

    packs = packs_of(settings_from(data))

    async def asked(past: "PastLedger") -> list[dict[str, Any]]:
        from jiesuan_services.audit.history.changes.reasons import reasons_between

        first, second = (past.at(point) for point in points)
        return await reasons_between(past, (first, second), psn_no=psn_no, packs=packs)

    return ask_past(data, asked)


def _show(found: dict[str, Any], reasons: list[dict[str, Any]]) -> None:
    entries = [{**one, "type": FACTS[one["type"]]} for one in found["entries"]]
    print_table("账目", ENTRIES, rows=entries)
    print_table("变动（元；有效结算为笔）", MOVED, rows=[*map(_moved, found["moved"])])
    why = [{**one, "name": CHINESE[one["name"]]} for one in reasons]
    print_table("为什么（各条账目的计算步骤，元）", REASONS, rows=why)
    for name, title in (("from", "自"), ("to", "至")):
        places = "，".join(f"{one}:{offset}" for one, offset in found[name].items())
        click.echo(f"{title} 分区:偏移 {places}")


def _moved(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its accumulator in Chinese and its amounts in yuan."""
    name = row["name"]
    amounts = {one: row[one] for one in ("from", "to", "difference")}
    if name.endswith("_fen"):
        amounts = {one: yuan(fen) for one, fen in amounts.items()}
    return {**row, **amounts, "name": CHINESE[name]}
