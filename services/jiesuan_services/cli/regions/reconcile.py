"""`jiesuan reconcile totals|detail|regions`: others' figures and rows against ours."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Final

import click

from jiesuan_services.cli.console import ask, print_json, servers_of, whole
from jiesuan_services.cli.looking import looked
from jiesuan_services.cli.options import data_option, json_option, reason_option

DAY: Final = click.DateTime(["%Y-%m-%d"])
FILE: Final = click.Path(path_type=Path, dir_okay=False, exists=True)
_YUAN: Final = re.compile(r"-?(0|[1-9][0-9]{0,13})(\.[0-9]{1,2})?")
OUT: Final = click.Path(path_type=Path, dir_okay=False)
CLASSES: Final = {
    "000000": "一致",
    "000101": "仅对方有",
    "000102": "仅平台有",
    "000103": "金额或人员不一致",
    "000104": "退费标志或正负不一致",
}


def in_fen(text: str) -> int:
    """Return an amount in yuan as fen; raise if it is none."""
    if not _YUAN.fullmatch(text):
        raise click.BadParameter("金额写作元，至多两位小数，如1234.50。")
    from jiesuan_events.words.money import scaled

    size = scaled(text.lstrip("-"), 2)
    return -size if text.startswith("-") else size


@click.group(help="对账：总账（3201）、明细账（3202）、地区间。")
def reconcile() -> None:
    """Hold others' figures and rows against ours."""


@reconcile.command(help="对总账：机构自己的笔数和金额与平台比较；不平也以0退出。")
@click.option("--institution", required=True, help="定点医药机构编号。")
@click.option("--from", "begin", type=DAY, required=True, help="入账日起（含）。")
@click.option("--until", type=DAY, required=True, help="入账日止（含）。")
@click.option("--clr-type", required=True, help="清算类别，如11。")
@click.option("--insutype", required=True, help="险种，如310。")
@click.option("--setl-cnt", type=int, required=True, help="结算笔数，两种数法都可。")
@click.option(
    "--medfee", type=in_fen, metavar="YUAN", required=True, help="医疗费总额，元。"
)
@click.option(
    "--fund-pay", type=in_fen, metavar="YUAN", required=True, help="基金支付总额，元。"
)
@click.option(
    "--acct-pay", type=in_fen, metavar="YUAN", required=True, help="个人账户支付，元。"
)
@data_option
@json_option
def totals(
    institution: str,
    *,
    begin: datetime,
    until: datetime,
    clr_type: str,
    insutype: str,
    data: Path | None,
    as_json: bool,
    **figures: int,
) -> None:
    """Compare an institution's figures of some days with ours."""
    from jiesuan_projections.read_models.settlement import reconciled
    from jiesuan_services.reconciling.totals import EVEN, in_words
    from jiesuan_services.reconciling.totals import reconciled as compared

    days = _days(begin, until)
    ours = asyncio.run(
        ask(
            servers_of(data).pg,
            lambda on: reconciled.totals(
                on, institution, kind=(insutype, clr_type), days=days
            ),
        )
    )
    names = {"medfee": "medfee_sumamt_fen", "fund_pay": "fund_pay_sumamt_fen"}
    names["acct_pay"] = "acct_pay_fen"
    found = compared({names.get(name, name): figures[name] for name in figures}, ours)
    if as_json:
        print_json(found)
    elif found["stmt_rslt"] == EVEN:
        click.echo("平：笔数和金额与平台一致。")
    else:
        click.echo("不平：")
        for line in in_words(found):
            click.echo(f"  {line}")


@reconcile.command(help="对明细账：FILE为标准的TXT（或只含它的ZIP）；结果写到--out。")
@click.argument("file", type=FILE)
@click.option("--institution", required=True, help="定点医药机构编号。")
@click.option("--from", "begin", type=DAY, required=True, help="入账日起（含）。")
@click.option("--until", type=DAY, required=True, help="入账日止（含）。")
@click.option("--out", type=OUT, required=True, help="结果文件。")
@reason_option
@data_option
@json_option
def detail(
    file: Path,
    *,
    institution: str,
    begin: datetime,
    until: datetime,
    out: Path,
    reason: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Compare an institution's rows of some days with ours, line by line."""
    from jiesuan_services.reconciling.opened import opened

    days = _days(begin, until)
    what = f"{institution} {days[0]} {days[1]}"
    looked(data, "reconcile", detail=what, why=reason)
    with _faults(), opened(file) as text:
        reconciler = asyncio.run(
            ask(
                servers_of(data).pg,
                lambda on: _reconciler(on, text, institution=institution, days=days),
            )
        )
        with whole(out) as results:
            results.writelines(reconciler.results(text))
    _say(reconciler.counts, out, as_json=as_json)


async def _reconciler(
    connection: Any, text: IO[bytes], *, institution: str, days: tuple[date, date]
) -> Any:
    from jiesuan_projections.read_models.settlement import reconciled
    from jiesuan_services.reconciling.detail import Reconciler, elsewhere, strangers
    from jiesuan_services.reconciling.ours import OurRows, our_row

    # One snapshot: a row must not be entered between two questions.
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        ours = OurRows(
            await reconciled.of_days(
                connection, institution, begin=days[0], until=days[1]
            )
        )
        ids = list(strangers(text, ours))
        others = reconciled.elsewhere(connection, institution, ids=ids)
        other_days = elsewhere([our_row(line) async for line in others])
    return Reconciler(ours, other_days)


@reconcile.command(
    help="地区间对账：FILE为对方账本该月的export-view settlement（CSV或Parquet）。"
)
@click.argument("file", type=FILE)
@click.option("--out", type=OUT, help="结果文件；不给则写标准输出。")
@click.option("--region", help="只对涉及这个区划（就医地或参保地）的平台行。")
@reason_option
@data_option
@json_option
def regions(
    file: Path,
    *,
    out: Path | None,
    region: str | None,
    reason: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Compare a month of another region's ledger with ours, row by row."""
    from jiesuan_projections.read_models.settlement.reconciled import of_clearing_month
    from jiesuan_services.reconciling.regions import (
        held_against,
        month_of,
        our_month,
        read_export,
    )

    with _faults():
        month, theirs = month_of(read_export(file))
    looked(data, "reconcile", detail=f"{month} {region or ''}".strip(), why=reason)
    rows = asyncio.run(
        ask(
            servers_of(data).pg,
            lambda on: of_clearing_month(on, month, region=region),
        )
    )
    found = list(held_against(theirs, our_month(rows)))
    if out is None:
        for _, line in found:
            click.echo(line, nl=False)
        return
    with whole(out) as results:
        results.writelines(line for _, line in found)
    _say(Counter(class_.decode() for class_, _ in found), out, as_json=as_json)


def _days(begin: datetime, until: datetime) -> tuple[date, date]:
    if until < begin:
        raise click.ClickException("对账结束日期早于开始日期，请更正。")
    return begin.date(), until.date()


@contextmanager
def _faults() -> Iterator[None]:
    from jiesuan_services.reconciling.lines import FileFault

    try:
        yield
    except FileFault as fault:
        raise click.ClickException(f"{fault}；未写入任何结果。") from fault


def _say(counts: Counter[str], out: Path, *, as_json: bool) -> None:
    found = {class_: counts[class_] for class_ in CLASSES}
    if as_json:
        print_json({"out": str(out), "rows": counts.total(), "classes": found})
        return
    said = "，".join(f"{CLASSES[class_]}{count}行" for class_, count in found.items())
    click.echo(f"{out}：共{counts.total()}行，{said}。")
