"""`jiesuan receipt SETL_ID`: one file that proves a settlement offline."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jiesuan_services.cli.console import servers_of, write_whole
from jiesuan_services.cli.looking import looked
from jiesuan_services.cli.options import data_option, reason_option, settings_from

if TYPE_CHECKING:
    from jiesuan_services.audit.tree.files.receipt import Receipt


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
@reason_option
@data_option
def receipt(setl_id: str, *, out: Path, reason: str | None, data: Path | None) -> None:
    """Write the receipt of the entry that made SETL_ID; it needs a seal.

    Verify it with tools/jiesuan_verify.py and the key that `jiesuan seal --key` prints.
    """
    made = asyncio.run(_receipt(setl_id, data=data))
    if made is None:
        raise click.ClickException(f"账本中没有结算 {setl_id}，请核对结算ID")
    psn_no = (made.record.key or b"").decode()
    looked(data, "receipt", psn_no=psn_no, detail=setl_id, why=reason)
    write_whole(out, made.text)
    click.echo(f"回执已写到 {out}", err=True)


async def _receipt(setl_id: str, *, data: Path | None) -> "Receipt | None":
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
            return await make_receipt(
                ledger.log, sealed.folder, partition=partition, offset=offset
            )
