"""`jiesuan gateway`: serves the counter, registers its clients, announces downtime."""

import asyncio
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jiesuan_services.cli.console import servers_of
from jiesuan_services.cli.options import data_option, settings_from
from jiesuan_services.runtime.bootstrap import Settings

if TYPE_CHECKING:
    from jiesuan_services.gateway.access.registry import Client

TRANSPORTS = ("token", "hmac", "mtls")
NEEDS_SECRET = ("token", "hmac")
LEAST_KEPT_DAYS = 30
"""Clients send again within minutes, some after a day: these are answered the same."""
file_option = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group(
    invoke_without_command=True,
    help="按国家接口规范为医院和药店服务。",
)
@click.option("--port", help="端口，或 主机:端口（默认：JIESUAN_GATEWAY，否则任选）。")
@data_option
@click.pass_context
def gateway(context: click.Context, *, port: str | None, data: Path | None) -> None:
    """Serve hospitals and pharmacies in the words of the national interface."""
    if context.invoked_subcommand is not None:
        return
    from jiesuan_services.gateway.serving.process import main
    from jiesuan_services.runtime.logging import configure
    from jiesuan_services.supervisor.stack import gateway_address, gateway_url

    configure()
    settings = settings_from(data)
    servers = servers_of(data)
    address = port or gateway_address(settings)
    click.echo(f"网关 {gateway_url(settings, address)}")
    # In `jiesuan status` one beside the usual one goes by its port.
    is_usual = gateway_url(settings, address) == gateway_url(settings)
    name = "gateway" if is_usual else f"gateway-{address.rpartition(':')[2]}"
    main(settings, kafka=servers.kafka, pg=servers.pg, address=address, name=name)


@gateway.command(help="登记或更换一个机构怎样接入。")
@click.argument("code")
@click.option("--transport", type=click.Choice(TRANSPORTS), help="怎样证明身份。")
@click.option("--id", "id_", help="客户端编号、访问密钥或证书指纹。")
@click.option("--secret-file", type=file_option, help="存放密钥的文件。")
@click.option("--user", help="申请令牌用的用户名。")
@click.option("--password-file", type=file_option, help="存放该用户密码的文件。")
@click.option("--sm2-public-key", type=file_option, help="国密方式签名的公钥文件。")
@click.option("--output-as-string", is_flag=True, help="应答的output为字符串。")
@click.option("--unchecked-signature", is_flag=True, help="不核验签名。")
@click.option("--without-times", is_flag=True, help="应答不含时间。")
@click.option("--infcode-as-number", is_flag=True, help="应答的infcode为数字。")
@click.option("--bare-details", is_flag=True, help="5204的output为数组，不含节点名。")
@click.option("--remove", is_flag=True, help="停止该机构的接入。")
@data_option
def client(code: str, *, remove: bool, data: Path | None, **arguments: Any) -> None:
    """Register or replace how an institution authenticates."""
    from jiesuan_services.gateway.access import registry

    settings, pg = settings_from(data), servers_of(data).pg
    if remove:
        was = asyncio.run(_with(pg, lambda on: registry.remove(on, code)))
        click.echo(f"{code} {'已停止接入' if was else '没有登记过'}")
        return
    made = asyncio.run(
        _with(pg, lambda on: _register(on, code, arguments=arguments, by=settings))
    )
    click.echo(f"{code} 已登记，接入方式{made.transport}，编号{made.client_id}")


def _client(code: str, arguments: dict[str, Any], *, was: "Client | None") -> "Client":
    """Read how an institution comes in; the secret that it signs with comes later."""
    from jiesuan_services.gateway.access.registry import Client

    transport, id_ = arguments["transport"], arguments["id_"]
    if transport is None or not id_:
        raise click.UsageError("请给出--transport和--id")
    secret = secret_in(arguments["secret_file"])
    if transport in NEEDS_SECRET and not secret:
        raise click.UsageError(f"{transport}接入要给出--secret-file")
    password = secret_in(arguments["password_file"])
    is_hmac = transport == "hmac"
    return Client(
        fixmedins_code=code,
        transport=transport,
        client_id=id_.lower().replace(":", "") if transport == "mtls" else id_,
        secret_hash=None
        if is_hmac
        else _hashed(secret, was.secret_hash if was else None),
        username=arguments["user"],
        password_hash=_hashed(password, was.password_hash if was else None),
        sm2_public_key=_public_key(arguments["sm2_public_key"], client_id=id_),
        output_as_string=arguments["output_as_string"],
        unchecked_signature=arguments["unchecked_signature"],
        without_times=arguments["without_times"],
        infcode_as_number=arguments["infcode_as_number"],
        bare_details=arguments["bare_details"],
    )


def _hashed(secret: str, kept: str | None) -> str | None:
    from jiesuan_services.gateway.access.registry import hash_secret

    return hash_secret(secret, kept) if secret else None


def _public_key(path: Path | None, *, client_id: str) -> bytes | None:
    from jiesuan_services.gateway.wire.sm import KEY_BYTES, NO_LONG_KEY, read_public_key

    if path is None:
        return None
    if len(client_id.encode()) != KEY_BYTES:
        raise click.UsageError(NO_LONG_KEY)
    try:
        return read_public_key(secret_in(path))
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from wrong


def secret_in(path: Path | None) -> str:
    """Return the text of a file, without the space around it."""
    if path is None:
        return ""
    try:
        return path.read_text("utf-8").strip()
    except UnicodeDecodeError as wrong:
        raise click.UsageError(
            f"{path}不是UTF-8文本，请把密钥或密码写成文本"
        ) from wrong


async def _register(
    on: Any, code: str, *, arguments: dict[str, Any], by: Settings
) -> "Client":
    import asyncpg
    from msgspec.structs import replace

    from jiesuan_services.gateway.access.registry import register, registered

    made = _client(code, arguments, was=await registered(on, code))
    if made.transport == "hmac":
        secret = secret_in(arguments["secret_file"])
        made = replace(made, secret_sealed=await _sealed(on, secret, made=made, by=by))
    try:
        await register(on, made)
    except asyncpg.UniqueViolationError as taken:
        raise click.UsageError(
            f"编号{made.client_id}已登记给别的机构，请换一个"
        ) from taken
    return made


async def _sealed(on: Any, secret: str, *, made: "Client", by: Settings) -> bytes:
    """Return a secret that is signed with as the vault keeps it."""
    from jiesuan_services.gateway.vault.masters import be_ours, vault_of

    vault = await vault_of(on, by)
    await be_ours(on, vault)
    return vault.master.seal(secret.encode(), made.fixmedins_code)


@gateway.command(help="停机公告：到时刻为止，每个交易都应答这句话。")
@click.option("--until", required=True, help="带时区的时刻；已过去则恢复服务。")
@click.option("--message", required=True, help="对每个交易所说的一句话。")
@data_option
def pause(until: str, *, message: str, data: Path | None) -> None:
    """Announce downtime: every transaction is answered with it until then."""
    from jiesuan_events.words.instants import moment
    from jiesuan_services.gateway.counter import MOST_PAUSE
    from jiesuan_services.gateway.store.sql import query

    if len(message) > MOST_PAUSE:
        raise click.UsageError(f"--message最多{MOST_PAUSE}字，请缩短后重新公告")
    try:
        instant: datetime = moment(until)
    except ValueError as wrong:
        raise click.UsageError("--until应为带时区的时间") from wrong
    statement = query("store", "clients", name="pause")
    pg = servers_of(data).pg
    asyncio.run(_with(pg, lambda on: on.execute(statement, instant, message)))
    click.echo(f"停机公告已生效，至{instant.isoformat()}")


@gateway.command(help="删除某日以前的报文答复：只限没有交账本办理的。")
@click.option("--before", required=True, help="日期，如2026-01-31；至少30天以前。")
@data_option
def forget(before: str, *, data: Path | None) -> None:
    """Delete old replies of messages that asked nothing of the ledger.

    Such a message, sent again, is done anew; what the ledger was asked stays for ever.
    """
    from jiesuan_events.words.instants import BEIJING

    try:
        until = datetime.combine(date.fromisoformat(before), time(), BEIJING)
    except ValueError as wrong:
        raise click.UsageError("--before应为日期，如2026-01-31") from wrong
    if until > datetime.now(BEIJING) - timedelta(days=LEAST_KEPT_DAYS):
        raise click.UsageError(
            f"--before应在{LEAST_KEPT_DAYS}天以前：近期的报文可能重发，须原样应答"
        )
    count = asyncio.run(_with(servers_of(data).pg, lambda on: _forgotten(on, until)))
    click.echo(f"已删除{before}以前的报文答复{count}条")


async def _forgotten(on: Any, until: datetime) -> int:
    """Delete what was received before, hour by hour; return how many."""
    from jiesuan_services.gateway.store.sql import query

    home = ("store", "messages")
    begin, count = await on.fetchval(query(*home, name="first_received")), 0
    while begin is not None and begin < until:
        end = min(begin + timedelta(hours=1), until)
        said = await on.execute(query(*home, name="forget_between"), begin, end)
        begin, count = end, count + int(said.removeprefix("DELETE "))
    return count


async def _with(pg: str, work: Any) -> Any:
    """Do something with the counter's database."""
    from jiesuan_services.gateway.store.database import migrate, open_pool

    await migrate(pg)
    pool = await open_pool(pg)
    try:
        return await work(pool)
    finally:
        await pool.close()
