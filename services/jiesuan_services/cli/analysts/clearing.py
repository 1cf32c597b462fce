"""`jiesuan clearing YYYYMM`: what was cleared in a month, net of refunds."""

import asyncio
import re
from pathlib import Path
from typing import Final

import click

from jiesuan_services.cli.console import ask, print_json, print_table, servers_of
from jiesuan_services.cli.options import data_option, json_option

LINES: Final = (
    ("mdtrtarea_admvs", "就医地"),
    ("insuplc_admdvs", "参保地"),
    ("insutype", "险种"),
    ("clr_type", "清算类别"),
    ("fixmedins_code", "机构"),
    ("setl_cnt", "结算"),
    ("refd_cnt", "退费"),
    ("medfee_sumamt_fen", "总额"),
    ("fund_pay_sumamt_fen", "基金支付"),
    ("hifp_pay_fen", "统筹"),
    ("hifob_pay_fen", "大额"),
    ("acct_pay_fen", "账户"),
    ("psn_cash_pay_fen", "现金"),
)
MONTH: Final = re.compile(r"[0-9]{4}(0[1-9]|1[0-2])")


@click.command(help="查看某月的清算：按入账的北京时间月份。")
@click.argument("clr_ym", metavar="YYYYMM")
@data_option
@json_option
def clearing(clr_ym: str, *, data: Path | None, as_json: bool) -> None:
    """Show the clearing view of a month: the Beijing month of recording."""
    if not MONTH.fullmatch(clr_ym):
        raise click.BadParameter("月份写作YYYYMM，如202203。")
    from jiesuan_projections.read_models.clearing_line.queries import of_month

    lines = asyncio.run(ask(servers_of(data).pg, lambda on: of_month(on, clr_ym)))
    if as_json:
        print_json({"clr_ym": clr_ym, "lines": lines})
    else:
        print_table(f"{clr_ym} 清算（元，已扣除退费）", LINES, rows=lines)
