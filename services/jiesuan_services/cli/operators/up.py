"""`jiesuan up`, `down`, `status`: the stack on this machine."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from jiesuan_services.cli.options import (
    data_option,
    json_option,
    partitions_option,
    settings_from,
)
from jiesuan_services.cli.pages.status import lines

if TYPE_CHECKING:
    from jiesuan_services.supervisor.stack import Stack

STILL_RUNNING: Final = (
    "看护进程在后台继续运行，数据不受影响："
    "请用jiesuan status查看，或用jiesuan down停止。"
)


@click.command(help="启动Kafka、PostgreSQL和各进程；数据保留。")
@click.option("--detach", is_flag=True, help="全部进程能服务时返回。")
@click.option(
    "--deciders", type=click.IntRange(1, 64), help="办理进程的个数（默认：核数）。"
)
@click.option(
    "--restore-topics",
    is_flag=True,
    help="把会丢失账本数据的主题设置改回。",
)
@partitions_option
@data_option
def up(
    detach: bool,
    *,
    deciders: int | None,
    restore_topics: bool,
    partitions: int | None,
    data: Path | None,
) -> None:
    """Start Kafka, PostgreSQL and the processes; data survives."""
    from jiesuan_services.supervisor.stack import Stack

    stack = Stack(settings_from(data), deciders or os.cpu_count() or 1)
    if stack.supervisor.pid is not None:
        _revive(stack)
        return
    try:
        _start(stack, restore_topics=restore_topics, partitions=partitions)
        if detach:
            stack.start_supervisor()
            _wait(stack)
            return
    except KeyboardInterrupt:
        stack.stop()
        raise
    try:
        _supervise(stack.deciders, data=stack.settings.data)
    finally:
        stack.stop()
    click.echo("已停止。", err=True)


def _start(stack: "Stack", *, restore_topics: bool, partitions: int | None) -> None:
    """Start the servers, and say where they are."""
    from jiesuan_cluster.brokers import transactions_too_long
    from jiesuan_services.supervisor.stack import gateway_url

    servers = stack.start_servers(restore_topics=restore_topics, partitions=partitions)
    click.echo(f"Kafka {servers.kafka}  PostgreSQL {servers.pg}  ({servers.kind})")
    too_long = asyncio.run(transactions_too_long(servers.kafka))
    if too_long is not None:
        click.echo(f"提醒：{too_long}", err=True)
    click.echo(f"网关 {gateway_url(stack.settings)}")


def _revive(stack: "Stack") -> None:
    """Start again a server that died under the processes: they wait for it."""
    dead = stack.dead_servers()
    if dead:
        stack.start_servers()
        click.echo(f"已重新启动{'、'.join(dead)}。", err=True)
    click.echo("已在运行，见jiesuan status。", err=True)


def _wait(stack: "Stack") -> None:
    """Return when every process serves; say which does not and why."""
    from jiesuan_services.supervisor.waiting import not_serving

    late = not_serving(stack)
    if not late:
        click.echo(
            f"{stack.deciders}个办理进程、投影、封存、清算和网关进程在服务，"
            "用jiesuan down停止。"
        )
        return
    for name, why in late.items():
        click.echo(f"{name}没有就绪：{why}", err=True)
    click.echo(STILL_RUNNING, err=True)
    sys.exit(1)


@click.command(hidden=True)
@click.argument("deciders", type=int)
@click.argument("mark")
def supervise(deciders: int, mark: str) -> None:
    """Keep the processes of a data directory running (the mark names it)."""
    _supervise(deciders, data=Path(mark.partition("=")[2]))


def _supervise(deciders: int, *, data: Path) -> None:
    from jiesuan_services.supervisor.stack import Stack
    from jiesuan_services.supervisor.stack import supervise as keep_running

    stack = Stack(settings_from(data), deciders)
    asyncio.run(keep_running(stack, stack.servers()))


@click.command(help="停止各进程和服务器，什么都不留在后台。")
@data_option
def down(data: Path | None) -> None:
    """Stop the processes and the servers; nothing is left running."""
    from jiesuan_services.supervisor.stack import Stack

    stack = Stack(settings_from(data), 1)
    if data is None and not stack.settings.data.exists():
        click.echo(f"{stack.settings.data} 中没有启动过，没有要停止的。", err=True)
        return
    stack.be_there()
    left = stack.stop()
    if left:
        numbers = "、".join(map(str, left))
        click.echo(f"没有全部停止，仍在运行的进程号：{numbers}，请手工结束。", err=True)
        sys.exit(1)
    click.echo("已停止。", err=True)


@click.command(help="查看在运行什么、进度如何、停在哪里；有停住的即退出码1。")
@click.option("--forget", metavar="名称", help="先不再列出一个已结束、无人看护的进程。")
@data_option
@json_option
def status(data: Path | None, *, as_json: bool, forget: str | None) -> None:
    """Say what runs, how far it is, and what stands; exit 1 if anything does."""
    from jiesuan_services.supervisor.stack import Stack
    from jiesuan_services.supervisor.status import forget as say_no_more

    stack = Stack(settings_from(data), 1)
    stack.be_there()
    if forget is not None:
        say_no_more(stack.settings.data, forget)
    said = stack.status()
    for line in [json.dumps(said, ensure_ascii=False)] if as_json else lines(said):
        click.echo(line)
    if said["standing"]:
        sys.exit(1)
