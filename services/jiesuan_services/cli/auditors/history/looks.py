"""`jiesuan looks`: who looked at a person, or at anything, when and why."""

import asyncio
from pathlib import Path
from typing import Any, Final

import click

from jiesuan_services.cli.console import print_json, print_table, servers_of
from jiesuan_services.cli.options import data_option, json_option

LOOKS: Final = (
    ("at", "时间"),
    ("who", "何人"),
    ("what", "命令"),
    ("psn_no", "人员编号"),
    ("detail", "内容"),
    ("why", "事由"),
)


@click.command(help="谁在何时、为何查阅了个人或取走了账本。")
@click.option("--person", "psn_no", metavar="PSN_NO", help="只看对这个人的查阅。")
@data_option
@json_option
def looks(psn_no: str | None, *, data: Path | None, as_json: bool) -> None:
    """Show who looked at persons or took the ledger out, when and why."""
    strangers: list[int] = []
    found = asyncio.run(_looks(psn_no, data=data, strangers=strangers))
    if strangers:
        first = f"最早的在偏移 {strangers[0]}"
        click.echo(f"略过外来记录 {len(strangers)} 条，{first}", err=True)
    if as_json:
        print_json({"looks": found})
    else:
        print_table("查阅记录", LOOKS, rows=found)


async def _looks(
    psn_no: str | None, *, data: Path | None, strangers: list[int]
) -> list[dict[str, Any]]:
    from jiesuan_services.audit.looks import looks_at
    from jiesuan_services.audit.opened import opened_ledger

    async with opened_ledger(servers_of(data).kafka) as ledger:
        reading = looks_at(ledger.log, psn_no, stranger=strangers.append)
        return [look async for look in reading]
