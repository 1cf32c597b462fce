"""`jiesuan as-of POINT …`: what was known at any point of the ledger's life."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jiesuan_services.cli.analysts.clearing import LINES, MONTH
from jiesuan_services.cli.analysts.person import (
    ENROLMENTS,
    QUALIFICATIONS,
    SETTLEMENTS,
    YEARS,
)
from jiesuan_services.cli.auditors.asking import ask_past
from jiesuan_services.cli.console import print_json, print_table
from jiesuan_services.cli.looking import looked
from jiesuan_services.cli.options import data_option, json_option, reason_option
from jiesuan_services.cli.regions.months import MONTH_WORD, month_of
from jiesuan_services.cli.regions.statements import (
    postings,
    show_statement,
    show_statements,
)

if TYPE_CHECKING:
    from jiesuan_services.audit.history.ledger import PastLedger

RECORDED: Final = ("recorded_at", "入账时间")
TOTALS: Final = (
    ("insutype", "险种"),
    ("year", "年度"),
    ("persons", "人数"),
    *YEARS[3:],
)


@click.group(
    "as-of",
    short_help="查看某一时点所知的人、合计、清算。",
    help=(
        "查看POINT时点所知：带时区的时刻（2022-03-01T00:00:00+08:00）、月份（202203）、"
        "偏移（3:1200,4:88）或now。"
    ),
)
@click.argument("point")
@click.pass_context
def as_of(context: click.Context, point: str) -> None:
    """Show what was known at POINT: an instant with offset
    (2022-03-01T00:00:00+08:00), a month (202203), offsets (3:1200,4:88), or now.
    """
    context.obj = point


@as_of.command(help="该时点的一个人。")
@click.argument("psn_no")
@reason_option
@data_option
@json_option
@click.pass_obj
def person(
    point: str, *, psn_no: str, reason: str | None, data: Path | None, as_json: bool
) -> None:
    """Show a person as of the point."""

    async def asked(past: "PastLedger") -> dict[str, Any]:
        from jiesuan_services.audit.history.person import person_as_of

        return await person_as_of(past, past.at(point), psn_no=psn_no)

    found = ask_past(data, asked)
    looked(data, "as-of", psn_no=psn_no, detail=point, why=reason)
    if as_json:
        print_json(found)
        return
    print_table("参保", (*ENROLMENTS, RECORDED), rows=found["enrolments"])
    print_table("年度累计（元）", YEARS, rows=found["years"])
    settlements = found["settlements"]
    print_table("结算与退费（元）", (*SETTLEMENTS, RECORDED), rows=settlements)
    print_table("门慢特资格", (*QUALIFICATIONS, RECORDED), rows=found["qualifications"])
    print_place(found)


@as_of.command(help="该时点整个账本的条数、状态根和年度累计。")
@reason_option
@data_option
@json_option
@click.pass_obj
def totals(point: str, *, reason: str | None, data: Path | None, as_json: bool) -> None:
    """Show counts, state roots and accumulators of the whole ledger."""

    async def asked(past: "PastLedger") -> dict[str, Any]:
        from jiesuan_services.audit.history.totals import totals_at

        return (await totals_at(past, [past.at(point)]))[0].said()

    found = ask_past(data, asked)
    looked(data, "as-of", detail=f"{point} totals", why=reason)
    if as_json:
        print_json(found)
        return
    click.echo(f"{found['entries']} 条账目，{found['persons']} 人")
    print_table("年度累计（元）", TOTALS, rows=found["years"])
    for partition, root in found["state_root"].items():
        click.echo(f"状态根 分区{partition}: {root}")
    print_place(found)


@as_of.command(help="该时点某月的清算。")
@click.argument("clr_ym", metavar="YYYYMM")
@reason_option
@data_option
@json_option
@click.pass_obj
def clearing(
    point: str, *, clr_ym: str, reason: str | None, data: Path | None, as_json: bool
) -> None:
    """Show the clearing view of a month as of the point."""
    if not MONTH.fullmatch(clr_ym):
        raise click.BadParameter("月份写作YYYYMM，如202203。")

    async def asked(past: "PastLedger") -> dict[str, Any]:
        from jiesuan_services.audit.history.clearing import clearing_as_of

        return await clearing_as_of(past, past.at(point), clr_ym=clr_ym)

    found = ask_past(data, asked)
    looked(data, "as-of", detail=f"{point} clearing {clr_ym}", why=reason)
    if as_json:
        print_json(found)
        return
    print_table(f"{clr_ym} 清算（元，已扣除退费）", LINES, rows=found["lines"])
    print_place(found)


@as_of.command(help="该时点某月的清算单：谁付谁、多少、到哪一步。")
@click.argument("clr_ym", metavar=MONTH_WORD)
@reason_option
@data_option
@json_option
@click.pass_obj
def statements(
    point: str, *, clr_ym: str, reason: str | None, data: Path | None, as_json: bool
) -> None:
    """Show the statements of a month as of the point."""
    month = month_of(clr_ym)

    async def asked(past: "PastLedger") -> dict[str, Any]:
        from jiesuan_services.audit.history.months.statements import statements_as_of

        return await statements_as_of(past, point, clr_ym=month)

    found = ask_past(data, asked)
    looked(data, "as-of", detail=f"{point} statements {month}", why=reason)
    if as_json:
        print_json(found)
        return
    show_statements(month, found["statements"])
    print_place(found)


@as_of.command(
    help="该时点的一张清算单：金额、期限、每一笔、每一项扣款和处罚、借贷分录。"
)
@click.argument("statement_id", metavar="ID")
@reason_option
@data_option
@json_option
@click.pass_obj
def statement(
    point: str,
    *,
    statement_id: str,
    reason: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Show a statement with its rows, deductions and fines as of the point."""

    async def asked(past: "PastLedger") -> dict[str, Any] | None:
        from jiesuan_services.audit.history.months.statements import statement_as_of

        return await statement_as_of(past, point, statement_id=statement_id)

    found = ask_past(data, asked)
    looked(data, "as-of", detail=f"{point} statement {statement_id}", why=reason)
    if found is None:
        raise click.ClickException(
            f"{point}时还没有清算单{statement_id}："
            f"请用jiesuan as-of {point} statements YYYYMM查看该月的编号。"
        )
    # As `jiesuan statement` prints it, and only then the places.
    places = {name: found.pop(name) for name in ("as_of", "clearing_as_of")}
    shown = {**found, "postings": postings(found), **places}
    if as_json:
        print_json(shown)
        return
    show_statement(shown)
    print_place(shown)


def print_place(found: dict[str, Any]) -> None:
    """Say for people up to which entry of each partition all of it was read."""
    places = "，".join(f"{one}:{offset}" for one, offset in found["as_of"].items())
    click.echo(f"截至 分区:偏移 {places}")
    for offset in found.get("clearing_as_of", {}).values():
        click.echo(f"清算截至偏移 {offset}")
    last = found.get("last_entry")
    if last is not None:
        click.echo(
            f"最后一条账目 partition {last['partition']} offset {last['offset']}，"
            f"第 {last['version']} 条，入账于 {last['recorded_at']}"
        )
