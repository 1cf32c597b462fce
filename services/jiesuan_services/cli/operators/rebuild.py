"""`jiesuan rebuild NAME`: one read model again from its log, beside the live one."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jiesuan_services.cli.console import print_json, servers_of
from jiesuan_services.cli.options import (
    data_option,
    json_option,
    packs_option,
    settings_from,
)

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
@packs_option
@json_option
def rebuild(
    name: str, *, accept_difference: str | None, data: Path | None, as_json: bool
) -> None:
    """Rebuild a read model from the log; swap it in if its digests agree."""
    from jiesuan_projections import rebuild as rebuild_model
    from jiesuan_services.audit.sealing.process import key_place
    from jiesuan_services.audit.tree.notes.note import signed_note
    from jiesuan_services.runtime.bootstrap import packs_of
    from jiesuan_services.runtime.garbage import collected_by_the_clock
    from jiesuan_services.supervisor.checking import LawChecker

    servers = servers_of(data)
    settings = settings_from(data)
    checker = LawChecker(packs_of(settings))
    key = key_place(settings).load()

    async def work() -> "Rebuilt":
        async with collected_by_the_clock():
            return await rebuild_model(
                servers.kafka,
                servers.pg,
                name=name,
                accept=accept_difference,
                checker=checker,
                sign=lambda text: text if key is None else signed_note(text, key),
            )

    done = asyncio.run(work())
    _say(done, is_signed=key is not None, as_json=as_json)


def _say(done: "Rebuilt", *, is_signed: bool, as_json: bool) -> None:
    if as_json:
        print_json(_plain(done))
        return
    verdict = "新旧一致" if done.agrees else "新旧不一致，差异已按所给理由接受"
    if done.reshaped:
        verdict = "表结构已换成本版本的"
    click.echo(f"{done.name}：重放 {done.records} 条，{verdict}，已切换。")
    signed = "已用封存密钥签名" if is_signed else "未签名：本机没有封存密钥"
    click.echo(f"证书已存入jiesuan.rebuild_history（{signed}）。")


def _plain(done: "Rebuilt") -> dict[str, Any]:
    return {
        "name": done.name,
        "records": done.records,
        "agrees": done.agrees,
        "digest_before": done.before,
        "digest_after": done.after,
        "certificate": done.certificate,
    }
