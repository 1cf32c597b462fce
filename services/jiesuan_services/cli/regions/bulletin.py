"""`jiesuan bulletin YYYYMM|YYYYQn --out FILE`: what an office sends round."""

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jiesuan_services.cli.console import ask, servers_of, write_whole
from jiesuan_services.cli.options import data_option
from jiesuan_services.cli.regions.months import month_of

if TYPE_CHECKING:
    from jiesuan_services.exporting.bulletin import Section

FILE: Final = click.Path(path_type=Path, dir_okay=False)
_QUARTER: Final = re.compile(r"([0-9]{4})Q([1-4])")
PLACES: Final = (
    ("fixmedins_code", "机构"),
    ("direct", "直接结算笔数"),
    ("claims", "手工报销笔数"),
    ("medfee_sumamt_fen", "医疗费总额（元）"),
    ("fund_pay_sumamt_fen", "基金支付（元）"),
    ("average_fen", "次均费用（元）"),
    ("fund_share", "报销比例"),
    ("direct_share", "直接结算率"),
)
DISEASES: Final = (
    ("dise_codg", "病种"),
    ("med_type", "医疗类别"),
    ("setl_cnt", "笔数"),
    ("medfee_sumamt_fen", "医疗费总额（元）"),
    ("fund_pay_sumamt_fen", "基金支付（元）"),
)
OWED: Final = (
    ("insuplc_admdvs", "付款方（参保地）"),
    ("mdtrtarea_admvs", "收款方（就医地）"),
    ("payable_fen", "应拨付（元）"),
    ("paid_fen", "已拨付（元）"),
    ("marked", "逾期的清算单"),
)


def months_of(period: str) -> list[str]:
    """Return the months of a month or quarter; raise if it is neither."""
    quarter = _QUARTER.fullmatch(period)
    if quarter is None:
        return [month_of(period)]
    first = 3 * int(quarter[2]) - 2
    return [f"{quarter[1]}{month:02d}" for month in range(first, first + 3)]


@click.command(help="生成某月或某季度的运行通报：HTML或XLSX，按文件名后缀。")
@click.argument("period", metavar="YYYYMM|YYYYQn")
@click.option("--out", type=FILE, required=True, help=".html或.xlsx文件。")
@data_option
def bulletin(period: str, *, out: Path, data: Path | None) -> None:
    """Write the bulletin of a month or quarter."""
    from jiesuan_services.exporting.bulletin import as_html, write_xlsx

    months = months_of(period)
    if out.suffix not in (".html", ".xlsx"):
        raise click.BadParameter("文件名应以.html或.xlsx结尾。")
    sections = asyncio.run(ask(servers_of(data).pg, lambda on: _sections(on, months)))
    title = f"{period} 医保结算清算运行通报"
    if out.suffix == ".html":
        write_whole(out, as_html(title, sections))
    else:
        write_xlsx(out, title, sections=sections)
    click.echo(f"{out}：{title}。")


async def _sections(connection: Any, months: list[str]) -> "list[Section]":
    from jiesuan_projections.read_models.clearing.queries import owed
    from jiesuan_projections.read_models.settlement.reconciled import bulletin
    from jiesuan_services.exporting.bulletin import Section

    async with connection.transaction(isolation="repeatable_read", readonly=True):
        found = await bulletin(connection, months)
        pairs = await owed(connection, months)
    source = "；".join(
        f"jiesuan export-view settlement --month {month}" for month in months
    )
    places = [_with_shares(row) for row in found["bulletin_places"]]
    size = "fund_pay_sumamt_fen"
    return [
        Section("各机构", PLACES, places, source, ("fixmedins_code", size)),
        Section(
            "各病种", DISEASES, found["bulletin_diseases"], source, ("dise_codg", size)
        ),
        Section(
            "地区间应付",
            OWED,
            pairs,
            source.replace("settlement", "clearing_statement"),
            ("insuplc_admdvs", "payable_fen"),
        ),
    ]


def _with_shares(row: dict[str, Any]) -> dict[str, Any]:
    from jiesuan_events.words.money import half_up

    count = row["direct"] + row["claims"]
    total, paid = row["medfee_sumamt_fen"], row["fund_pay_sumamt_fen"]
    return {
        **row,
        "average_fen": half_up(total, count) if count > 0 else None,
        "fund_share": _percent(paid, total),
        "direct_share": _percent(row["direct"], count),
    }


def _percent(part: int, whole: int) -> str | None:
    from jiesuan_events.words.money import half_up

    if whole <= 0:
        return None
    hundredths = half_up(part * 10_000, whole)
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}%"
