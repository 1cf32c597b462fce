"""`jiesuan person PSN_NO`: a person's years, settlements and qualifications."""

import asyncio
from pathlib import Path
from typing import Any, Final

import click

from jiesuan_services.cli.console import ask, print_json, print_table, servers_of
from jiesuan_services.cli.looking import looked
from jiesuan_services.cli.options import data_option, json_option, reason_option

YEARS: Final = (
    ("insuplc_admdvs", "参保地"),
    ("insutype", "险种"),
    ("year", "年度"),
    ("dedc_fen", "起付线已付"),
    ("ordinary_inscp_fen", "普通门诊范围内"),
    ("inscp_fen", "24万累计"),
    ("hifp_fen", "统筹支付"),
    ("hifob_fen", "大额支付"),
    ("psn_part_fen", "个人负担"),
    ("setl_cnt", "笔数"),
)
SETTLEMENTS: Final = (
    ("service_day", "费用日"),
    ("setl_id", "结算ID"),
    ("init_setl_id", "退的是"),
    ("fixmedins_code", "机构"),
    ("med_type", "类别"),
    ("medfee_sumamt_fen", "总额"),
    ("act_pay_dedc_fen", "起付线"),
    ("fund_pay_sumamt_fen", "基金支付"),
    ("psn_part_amt_fen", "个人负担"),
    ("stands", "有效"),
)
QUALIFICATIONS: Final = (
    ("insutype", "险种"),
    ("opsp_dise_code", "病种"),
    ("qualified", "认定"),
    ("begndate", "自"),
    ("enddate", "至"),
)
ENROLMENTS: Final = (
    ("insutype", "险种"),
    ("psn_type", "人员类别"),
    ("insuplc_admdvs", "参保地"),
    ("begndate", "自"),
    ("enddate", "至"),
    ("psn_insu_stas", "状态"),
)


@click.command(help="查看一个人的参保、年度累计、结算与退费、门慢特资格。")
@click.argument("psn_no")
@reason_option
@data_option
@json_option
def person(
    psn_no: str, *, reason: str | None, data: Path | None, as_json: bool
) -> None:
    """Show a person's accumulators, settlements and qualifications."""
    looked(data, "person", psn_no=psn_no, why=reason)
    found = asyncio.run(ask(servers_of(data).pg, lambda on: _life(on, psn_no)))
    if as_json:
        print_json({"psn_no": psn_no, **found})
        return
    print_table("参保", ENROLMENTS, rows=found["enrolments"])
    print_table("年度累计（元）", YEARS, rows=found["years"])
    print_table("结算与退费（元）", SETTLEMENTS, rows=found["settlements"])
    print_table("门慢特资格", QUALIFICATIONS, rows=found["qualifications"])


async def _life(connection: Any, psn_no: str) -> dict[str, list[dict[str, Any]]]:
    from jiesuan_projections.read_models.person_year import queries as years
    from jiesuan_projections.read_models.register import queries as register
    from jiesuan_projections.read_models.settlement import queries as settlements

    # One snapshot: accumulators and settlements must not be of two moments.
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return {
            "enrolments": await register.enrolments(connection, psn_no),
            "years": await years.of_person(connection, psn_no),
            "settlements": await settlements.of_person(connection, psn_no),
            "qualifications": await register.qualifications(connection, psn_no),
            "filings": await register.filings(connection, psn_no),
            "designations": await register.designations(connection, psn_no),
        }
