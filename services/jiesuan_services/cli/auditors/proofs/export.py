"""`jiesuan export`: a sealed ledger as files, to verify or to live on elsewhere."""

import asyncio
import shutil
from pathlib import Path

import click

from jiesuan_services.cli.console import servers_of
from jiesuan_services.cli.looking import looked
from jiesuan_services.cli.options import data_option, reason_option, settings_from


@click.command(help="封存账本，再把检查点所覆盖的内容原样写成文件。")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="写到哪个目录；应为空目录或尚不存在。",
)
@reason_option
@data_option
def export(out: Path, *, reason: str | None, data: Path | None) -> None:
    """Seal the ledger, then write exactly what the checkpoint covers."""
    looked(data, "export", detail=str(out), why=reason)
    click.echo(asyncio.run(_export(out.resolve(), data=data)), err=True)


async def _export(out: Path, *, data: Path | None) -> str:
    from jiesuan_services.audit.export.write import export_ledger
    from jiesuan_services.audit.opened import opened_ledger
    from jiesuan_services.audit.sealing.process import (
        imported_folder,
        key_place,
        seal_now,
        tree_folder,
    )
    from jiesuan_services.audit.sealing.sealed import SealedTree

    settings = settings_from(data)
    if imported_folder(settings).exists() and key_place(settings).load() is None:
        return _as_it_came(imported_folder(settings), out)
    async with opened_ledger(servers_of(data).kafka, writes=True) as ledger:
        key, _ = await seal_now(settings, ledger)
        folder = tree_folder(settings)
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
    return f"{out}：账本 {ledger.id} 的 {len(manifest.files)} 个文件"


def _as_it_came(kept: Path, out: Path) -> str:
    """Return an imported ledger on with the notes that it came with."""
    from jiesuan_services.audit.export.write import put_in_place

    with put_in_place(out) as making:
        shutil.copytree(kept, making, dirs_exist_ok=True)
    return f"{out}：本机没有封存密钥，原样写出导入时的账本与签名"
