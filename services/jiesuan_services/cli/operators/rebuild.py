"""`jiesuan rebuild NAME`: one read model again from its log, beside the live one."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jiesuan_services.cli.console import print_json, servers_of
from jiesuan_services.cli.options import data_option, json_option, settings_from

if TYPE_CHECKING:
    from jiesuan_projections import Rebuilt


@click.command(help="从账本重建一个读模型；新旧摘要一致才切换。")
@click.argument("name")
@click.option(
    "--accept-difference",
    metavar="REASON",
    help="新旧不一致也切换；理由会被记录。",
)
@data_option
@json_option
def rebuild(
    name: str, *, accept_difference: str | None, data: Path | None, as_json: bool
) -> None:
    """Rebuild a read model from the log; swap it in if its digests agree."""
    from jiesuan_projections import LedgerRefused, RebuildRefused
    from jiesuan_projections import rebuild as rebuild_model
    from jiesuan_services.runtime.bootstrap import packs_of
    from jiesuan_services.runtime.garbage import collected_by_the_clock
    from jiesuan_services.supervisor.checking import LawChecker

    servers = servers_of(data)
    checker = LawChecker(packs_of(settings_from(data)))

    async def work() -> "Rebuilt":
        async with collected_by_the_clock():
            return await rebuild_model(
                servers.kafka,
                servers.pg,
                name=name,
                accept=accept_difference,
                checker=checker,
            )

    try:
        done = asyncio.run(work())
    except (RebuildRefused, LedgerRefused, OSError) as refused:
        raise click.ClickException(str(refused)) from refused
    _say(done, as_json=as_json)


def _say(done: "Rebuilt", *, as_json: bool) -> None:
    if as_json:
        print_json(_plain(done))
        return
    verdict = "新旧一致" if done.agrees else "新旧不一致，差异已按所给理由接受"
    if done.reshaped:
        verdict = "表结构已换成本版本的"
    click.echo(f"{done.name}：重放 {done.records} 条，{verdict}，已切换。")


def _plain(done: "Rebuilt") -> dict[str, Any]:
    return {
        "name": done.name,
        "records": done.records,
        "agrees": done.agrees,
        "digest_before": done.before,
        "digest_after": done.after,
    }
