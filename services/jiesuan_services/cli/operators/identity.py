"""`jiesuan identity`: the vault of persons: load, erase, change its master key."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jiesuan_services.cli.console import servers_of
from jiesuan_services.cli.options import data_option, settings_from

if TYPE_CHECKING:
    from jiesuan_services.gateway.vault.identities import Vault

T = TypeVar("T")
ROTATED_AT_ONCE = 500
file_option = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group(help="身份库：逐人加密保存，与账本分开。")
def identity() -> None:
    """Keep who persons are, encrypted one by one, apart from the ledger."""


@identity.command(
    help="载入一个人员文件（CSV，UTF-8，有表头），要么全部载入，要么都不载入。"
)
@click.argument("file", type=file_option)
@data_option
def load(file: Path, *, data: Path | None) -> None:
    """Load a file of persons (CSV in UTF-8, with a head), all of it or nothing."""
    from jiesuan_services.gateway.vault.loading import load as load_persons

    async def work(on: Any, vault: "Vault") -> Any:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return await load_persons(on, vault, lines=lines)

    try:
        loaded = _with(data, work)
    except UnicodeDecodeError as wrong:
        raise click.ClickException("文件不是UTF-8编码，请另存为UTF-8") from wrong
    click.echo(f"载入{loaded.persons}人，略过已注销的{loaded.erased}人")


@identity.command(help="销毁一个人的密钥：账本一个字节不变，但不再能指出是谁。")
@click.argument("psn_no")
@click.option("--reason", required=True, help="事由；只与人员编号一起保存。")
@data_option
def erase(psn_no: str, *, reason: str, data: Path | None) -> None:
    """Destroy a person's key: the ledger stays, byte for byte, and names nobody."""

    from jiesuan_services.gateway.kept import forget

    async def work(on: Any, vault: "Vault") -> bool:
        async with on.transaction():
            was = await vault.erase(on, psn_no, reason=reason)
            await forget(on, psn_no)
            return was

    was = _with(data, work)
    click.echo("身份信息已注销" if was else "没有该人员的身份信息，已登记不再载入")


@identity.command(
    help="把身份库换到JIESUAN_VAULT_KEY的主密钥下，可重复执行；"
    "先让网关带着新旧两个主密钥（JIESUAN_VAULT_OLD_KEY）重启。"
)
@click.option("--old-key", required=True, help="原主密钥的文件，或其Base64。")
@data_option
def rotate(old_key: str, *, data: Path | None) -> None:
    """Bring the vault under the master key of JIESUAN_VAULT_KEY; may be repeated."""
    from jiesuan_services.gateway.vault.keys import named_master
    from jiesuan_services.gateway.vault.rotation import reseal_clients

    old = named_master(old_key)

    async def work(on: Any, vault: "Vault") -> tuple[int, int]:
        async with on.transaction():
            clients = await reseal_clients(on, vault.master, old=old)
        persons = 0
        while True:
            async with on.transaction():
                done = await vault.rotate(on, old, at_once=ROTATED_AT_ONCE)
            persons += done
            if not done:
                return persons, clients

    persons, clients = _with(data, work)
    click.echo(f"已更换主密钥：{persons}人，{clients}个机构的密钥")


def _with(data: Path | None, work: Callable[[Any, "Vault"], Awaitable[T]]) -> T:
    """Do something with the vault on a connection of its own."""
    import asyncpg

    from jiesuan_services.gateway.store.database import SETTINGS, migrate
    from jiesuan_services.gateway.vault.masters import vault_of

    settings, pg = settings_from(data), servers_of(data).pg

    async def run() -> T:
        await migrate(pg)
        on = await asyncpg.connect(pg, ssl=False, server_settings=SETTINGS)
        try:
            return await work(on, await vault_of(on, settings))
        finally:
            await on.close()

    return asyncio.run(run())
