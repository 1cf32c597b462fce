"""`jiesuan findings`: what is found after the fact of the settlements that stand."""

import asyncio
from pathlib import Path
from typing import Final

import click

from jiesuan_domain.checks.rules import CHECK_RULES
from jiesuan_events.words.codes import SEVERITIES
from jiesuan_services.cli.console import ask, print_json, print_table, servers_of
from jiesuan_services.cli.names import institution_names, with_names
from jiesuan_services.cli.options import data_option, json_option

COLUMNS: Final = (
    ("severity_zh", "程度"),
    ("rule_zh", "规则"),
    ("psn_no", "人员"),
    ("setl_id", "结算"),
    ("other_setl_id", "相关结算"),
    ("zh", "说明"),
)


@click.command(help="列出事后核查的结果：都没有被拒绝，只供审核参考。")
@click.option("--person", metavar="PSN_NO", help="只看这个人的。")
@click.option("--rule", type=click.Choice(list(CHECK_RULES)), help="只看一条规则的。")
@click.option(
    "--severity", type=click.Choice(list(SEVERITIES)), help="只看这一程度的。"
)
@data_option
@json_option
def findings(
    person: str | None,
    *,
    rule: str | None,
    severity: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """List what the checks found: nothing of it was refused (docs/guides/checks.md)."""
    from jiesuan_projections.read_models.finding.queries import listed

    servers = servers_of(data)
    rows = asyncio.run(
        ask(
            servers.pg,
            lambda on: listed(on, psn_no=person, rule=rule, severity=severity),
        )
    )
    if as_json:
        print_json({"findings": rows})
        return
    names = _names(servers.kafka) if rows else {}
    for row in rows:
        row["zh"] = with_names(row["zh"], names)
        row["severity_zh"] = SEVERITIES[row["severity"]]
        row["rule_zh"] = CHECK_RULES[row["rule"]].zh
    print_table("事后核查", COLUMNS, rows=rows)


def _names(kafka: str) -> dict[str, str]:
    """Return the names of institutions, or say in one line why they cannot be read."""
    from jiesuan_ledger.log.port import LogError

    try:
        return asyncio.run(institution_names(kafka))
    except (LogError, OSError) as wrong:
        raise click.ClickException(f"读不到机构的名称：{wrong}") from wrong
