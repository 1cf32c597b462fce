"""`jiesuan export`: a sealed ledger as files, to verify or to live on elsewhere."""

import asyncio
import shutil
from pathlib import Path

import click

from jiesuan_services.cli.console import servers_of
from jiesuan_services.cli.looking import looked
from jiesuan_services.cli.options import data_option, reason_option, settings_from


@click.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory to write; it must be empty or absent.",
)
@reason_option
@data_option
def export(out: Path, *, reason: str | None, data: Path | None) -> None:
    """Seal the ledger, then write exactly what the checkpoint covers."""
    looked(data, "export", detail=str(out), why=reason)
    click.echo(asyncio.run(_export(out.resolve(), data=data)), err=True)


async def _export(out: Path, *, data: Path | None) -> str:
    from jiesuan_services.audit.export.write import export_ledger, put_in_place
    from jiesuan_services.audit.opened import opened_ledger
    from jiesuan_services.audit.sealing.process import (
        imported_folder,
        key_place,
        tree_folder,
    )
    from jiesuan_services.audit.sealing.sealed import SealedTree
    from jiesuan_services.audit.sealing.sealer import seal_ledger
    from jiesuan_services.audit.sealing.signer import sealing_key

    settings = settings_from(data)
    folder = tree_folder(settings)
    kept = imported_folder(settings)
    if kept.exists() and key_place(settings).load() is None:
        with put_in_place(out) as making:
            shutil.copytree(kept, making, dirs_exist_ok=True)
        return f"{out}: 本机没有封存密钥，原样写出导入时的账本与签名"
    async with opened_ledger(servers_of(data).kafka, writes=True) as ledger:
        place = key_place(settings)
        key = await sealing_key(ledger.log, place, ledger_id=ledger.id)
        await seal_ledger(ledger.log, folder, key=key, partitions=ledger.partitions)
        async with SealedTree(ledger.log, folder, key=key.verifier) as sealed:
            assert sealed.last is not None, "the ledger was sealed just now"
            manifest = await export_ledger(
                ledger.log,
                out,
                folder=sealed.folder,
                seal=sealed.last,
                key=key,
                ledger_id=ledger.id,
            )
    return f"{out}: {len(manifest.files)} files of ledger {ledger.id}"
