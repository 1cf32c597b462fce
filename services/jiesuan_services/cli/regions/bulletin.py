"""`jiesuan bulletin YYYYMM|YYYYQn`: what an office sends round."""

import asyncio
import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jiesuan_services.cli.console import ask, print_json, servers_of, write_whole
from jiesuan_services.cli.options import (
    data_option,
    json_option,
    packs_option,
    settings_from,
)
from jiesuan_services.cli.regions.months import month_of

if TYPE_CHECKING:
    from jiesuan_domain.policy.model import Packs
    from jiesuan_services.exporting.bulletin import Section

FILE: Final = click.Path(path_type=Path, dir_okay=False)
_QUARTER: Final = re.compile(r"([0-9]{4})Q([1-4])")
FIGURES: Final = (
    ("direct", "直接结算笔数"),
    ("claims", "手工报销笔数"),
    ("medfee_sumamt_fen", "医疗费总额（元）"),
    ("fund_pay_sumamt_fen", "基金支付（元）"),
    ("average_fen", "次均费用（元）"),
    ("growth", "次均费用同比涨幅"),
    ("fund_share", "报销比例"),
    ("direct_share", "直接结算率"),
    ("refusals", "被拒绝的请求"),
    ("errors", "其中报文差错"),
)
MONTHS: Final = (("clr_ym", "月份"), *FIGURES)
PLACES: Final = (("fixmedins_code", "机构"), *FIGURES)
DISEASES: Final = (
    ("dise_codg", "病种"),
    ("med_type", "医疗类别"),
    *(one for one in FIGURES if one[0] not in ("claims", "direct_share")),
)
OWED: Final = (
    ("insuplc_admdvs", "付款方（参保地）"),
    ("mdtrtarea_admvs", "收款方（就医地）"),
    ("payable_fen", "应拨付（元）"),
    ("paid_fen", "已拨付（元）"),
    ("marked", "逾期的清算单"),
)
LIMITS: Final = (
    ("limit", "限额"),
    ("who", "地区"),
    ("insutype", "险种"),
    ("limit_fen", "额度（元）"),
    ("used_fen", "已使用（元）"),
    ("over_fen", "超支（元）"),
    ("used_ratio", "使用比例"),
)
BILLS: Final = {"view": "settlement"}
DIRECT: Final = {"view": "settlement", "not": {"pay_loc": "1"}}
PAID: Final = "fund_pay_sumamt_fen"


def months_of(period: str) -> list[str]:
    """Return the months of a month or quarter; raise if it is neither."""
    quarter = _QUARTER.fullmatch(period)
    if quarter is None:
        return [month_of(period)]
    first = 3 * int(quarter[2]) - 2
    return [f"{quarter[1]}{month:02d}" for month in range(first, first + 3)]


@click.command(
    help="生成某月或某季度的运行通报：HTML或XLSX，按文件名后缀；--json只打印数字。"
)
@click.argument("period", metavar="YYYYMM|YYYYQn")
@click.option("--out", type=FILE, help=".html或.xlsx文件。")
@data_option
@packs_option
@json_option
def bulletin(
    period: str, *, out: Path | None, data: Path | None, as_json: bool
) -> None:
    """Write the bulletin of a month or quarter."""
    from jiesuan_services.exporting.bulletin import as_html, as_json_rows, write_xlsx
    from jiesuan_services.runtime.bootstrap import packs_of

    months = months_of(period)
    if out is None and not as_json:
        raise click.UsageError("请用--out指明文件，或用--json打印数字。")
    if out is not None and out.suffix not in (".html", ".xlsx"):
        raise click.BadParameter("文件名应以.html或.xlsx结尾。")
    packs = packs_of(settings_from(data))
    sections = asyncio.run(
        ask(servers_of(data).pg, lambda on: _sections(on, months, packs=packs))
    )
    title = f"{period} 医保结算清算运行通报"
    if out is not None and out.suffix == ".html":
        write_whole(out, as_html(title, sections))
    elif out is not None:
        written = BytesIO()
        write_xlsx(written, title, sections=sections)
        write_whole(out, written.getvalue())
    if as_json:
        print_json({"period": period, "months": months, **as_json_rows(sections)})
    else:
        click.echo(f"{out}：{title}。")


async def _sections(
    connection: Any, months: list[str], *, packs: "Packs"
) -> "list[Section]":
    from jiesuan_projections.read_models.clearing import queries as clearing
    from jiesuan_projections.read_models.refusal.queries import of_months
    from jiesuan_projections.read_models.settlement import bulletin
    from jiesuan_services.exporting.figures import a_year_before, limits

    year, before = months[0][:4], [a_year_before(month) for month in months]
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        sums = await bulletin.sums(connection, months, before=before)
        refused = await of_months(connection, months)
        pairs = await clearing.owed(connection, months)
        prepaid = await clearing.limits(connection, year)
        spent = await bulletin.spent(connection, f"{year}01", last=months[-1])
    used = list(limits(prepaid, spent, year=year, packs=packs))
    return [*_costs(sums, refused, months=months), *_money(pairs, used, months=months)]


def _costs(
    sums: dict[str, list[dict[str, Any]]],
    refused: list[dict[str, Any]],
    *,
    months: list[str],
) -> "list[Section]":
    from jiesuan_services.exporting.bulletin import Section
    from jiesuan_services.exporting.figures import indicators

    source = "；".join(
        f"jiesuan export-view {view} --month {month}"
        for view in ("settlement", "indicator_refusal")
        for month in months
    )
    of = {"clr_ym": months}
    by_month = indicators(
        sums["months"], refused, by=("clr_ym",), made_of={**BILLS, **of}
    )
    places = indicators(
        sums["places"], refused, by=("fixmedins_code",), made_of={**BILLS, **of}
    )
    ill = [{**one, "med_type": ""} for one in refused if one["dise_codg"]]
    diseases = indicators(
        sums["diseases"], ill, by=("dise_codg", "med_type"), made_of={**DIRECT, **of}
    )
    return [
        Section("months", "各月", MONTHS, list(by_month), source, ("clr_ym", PAID)),
        Section(
            "places", "各机构", PLACES, list(places), source, ("fixmedins_code", PAID)
        ),
        Section(
            "diseases", "各病种", DISEASES, list(diseases), source, ("dise_codg", PAID)
        ),
    ]


def _money(
    pairs: list[dict[str, Any]], used: list[dict[str, Any]], *, months: list[str]
) -> "list[Section]":
    from jiesuan_services.exporting.bulletin import Section

    source = "；".join(
        f"jiesuan export-view clearing_statement --month {month}" for month in months
    )
    limits = "jiesuan export-view prepayment；政策包annual_fund_budget与settlement"
    return [
        Section(
            "owed", "地区间应付", OWED, pairs, source, ("insuplc_admdvs", "payable_fen")
        ),
        Section("limits", "限额与超支", LIMITS, used, limits, ("who", "over_fen")),
    ]
