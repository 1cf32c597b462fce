"""`jiesuan seal`: the checkpoint of the ledger, and the key it verifies by."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jiesuan_services.cli.console import servers_of
from jiesuan_services.cli.options import data_option, json_option, settings_from

if TYPE_CHECKING:
    from jiesuan_services.audit.tree.files.seal import Seal


@click.command(
    help=(
        "封存新增的账目，输出签名的检查点。"
        "\n\n"
        "没有新增的：输出上一次的检查点，什么都不写。"
    ),
)
@click.option("--key", is_flag=True, help="改为输出验证公钥。")
@data_option
@json_option
def seal(key: bool, *, data: Path | None, as_json: bool) -> None:
    """Seal what is new and print the signed checkpoint.

    Nothing new: prints the last one and writes nothing.
    """
    if key:
        click.echo(asyncio.run(_verifier(data)))
        return
    sealed = asyncio.run(_sealed(data))
    if as_json:
        click.echo(sealed.line)
    else:
        click.echo(sealed.checkpoint, nl=False)


async def _sealed(data: Path | None) -> "Seal":
    from jiesuan_services.audit.opened import opened_ledger
    from jiesuan_services.audit.sealing.process import seal_now

    async with opened_ledger(servers_of(data).kafka, writes=True) as ledger:
        _, sealed = await seal_now(settings_from(data), ledger)
    return sealed.seal


async def _verifier(data: Path | None) -> str:
    """Return the public key; where nothing was sealed yet, the key is made."""
    from jiesuan_services.audit.opened import opened_ledger
    from jiesuan_services.audit.sealing.process import key_place
    from jiesuan_services.audit.sealing.signer import sealing_key

    place = key_place(settings_from(data))
    key = place.load()
    if key is None:
        async with opened_ledger(servers_of(data).kafka) as ledger:
            key = await sealing_key(
                ledger.log, place, ledger_id=ledger.id, partitions=ledger.partitions
            )
    return key.verifier.text
