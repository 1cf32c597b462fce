"""`jiesuan receipt SETL_ID`: one file that proves a settlement offline."""

import asyncio
from pathlib import Path

import click

from jiesuan_services.cli.console import servers_of
from jiesuan_services.cli.options import data_option, settings_from


@click.command(
    help=(
        "写出SETL_ID所在账目的回执，须先封存。"
        "\n\n"
        "用tools/jiesuan_verify.py和jiesuan seal --key所示的公钥离线核验。"
    ),
)
@click.argument("setl_id")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="写到哪个文件。",
)
@data_option
def receipt(setl_id: str, *, out: Path, data: Path | None) -> None:
    """Write the receipt of the entry that made SETL_ID; it needs a seal.

    Verify it with tools/jiesuan_verify.py and the key that `jiesuan seal --key` prints.
    """
    text = asyncio.run(_receipt(setl_id, data=data))
    if text is None:
        raise click.ClickException(f"账本中没有结算 {setl_id}，请核对结算ID")
    out.write_text(text, "utf-8")
    click.echo(f"回执已写到 {out}", err=True)


async def _receipt(setl_id: str, *, data: Path | None) -> str | None:
    from jiesuan_services.audit.history.ledger import past_ledger
    from jiesuan_services.audit.history.settlement import place_of
    from jiesuan_services.audit.opened import opened_ledger
    from jiesuan_services.audit.sealing.process import key_place, tree_folder
    from jiesuan_services.audit.sealing.receipts import make_receipt
    from jiesuan_services.audit.sealing.sealed import SealedTree

    settings = settings_from(data)
    async with opened_ledger(servers_of(data).kafka) as ledger:
        async with past_ledger(
            ledger.log,
            settings.data,
            ledger_id=ledger.id,
            partitions=ledger.partitions,
        ) as past:
            place = await place_of(past, setl_id)
        if place is None:
            return None
        partition, offset = place
        key = key_place(settings).load()
        verifier = None if key is None else key.verifier
        folder = tree_folder(settings)
        async with SealedTree(ledger.log, folder, key=verifier) as sealed:
            made = await make_receipt(
                ledger.log, sealed.folder, partition=partition, offset=offset
            )
    return made.text
