"""`jiesuan up`, `down`, `status`: the stack on this machine."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Final

import click

from jiesuan_services.cli.options import data_option, json_option, settings_from
from jiesuan_services.runtime.bootstrap import environment_for

STATES: Final = {
    "deciding": "正在办理",
    "projecting": "正在投影",
    "not sealing": "不能封存",
    "clearing": "正在办理清算",
    "waiting for Kafka": "在等待Kafka",
    "refused": "已拒绝运行",
    "silent": "没有动静",
}
"""What a process says of itself, for a person."""


@click.command(help="启动Kafka、PostgreSQL和各进程；数据保留。")
@click.option("--detach", is_flag=True, help="全部启动后即返回。")
@click.option(
    "--deciders", type=click.IntRange(1, 64), help="办理进程的个数（默认：核数）。"
)
@click.option(
    "--restore-topics",
    is_flag=True,
    help="把会丢失账本数据的主题设置改回。",
)
@data_option
def up(
    detach: bool, *, deciders: int | None, restore_topics: bool, data: Path | None
) -> None:
    """Start Kafka, PostgreSQL and the processes; data survives."""
    from jiesuan_services.supervisor.stack import Stack, gateway_address

    stack = Stack(settings_from(data), deciders or os.cpu_count() or 1)
    if stack.supervisor.pid is not None:
        click.echo("已在运行，见jiesuan status。", err=True)
        return
    servers = stack.start_servers(restore_topics=restore_topics)
    click.echo(f"Kafka {servers.kafka}  PostgreSQL {servers.pg}  ({servers.kind})")
    click.echo(f"网关 http://{gateway_address(stack.settings)}")
    if detach:
        stack.supervisor.start(
            [
                sys.executable,
                "-m",
                "jiesuan_services",
                "supervise",
                str(stack.deciders),
                f"jiesuan-data={stack.settings.data}",
            ],
            env=environment_for(JIESUAN_DATA=str(stack.settings.data)),
        )
        click.echo(
            f"{stack.deciders}个办理进程、投影、封存和网关进程在运行，"
            "用jiesuan down停止。"
        )
        return
    try:
        _supervise(stack.deciders, data=stack.settings.data)
    finally:
        stack.stop()


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

    Stack(settings_from(data), 1).stop()
    click.echo("已停止。", err=True)


@click.command(help="查看在运行什么、进度如何、在等什么。")
@data_option
@json_option
def status(data: Path | None, as_json: bool) -> None:
    """Say what runs, how far it is, and what it waits for."""
    from jiesuan_services.supervisor.stack import Stack

    said = Stack(settings_from(data), 1).status()
    if as_json:
        click.echo(json.dumps(said))
        return
    for line in lines(said):
        click.echo(line)


def lines(said: dict[str, Any]) -> list[str]:
    """Render what runs for a person."""
    running = said["supervisor"]
    made = [f"数据目录    {said['data']}"]
    for name, server in said.get("servers", {}).items():
        made.append(f"{name:<12}{_server(server)}")
    made.append(f"看护进程    {f'进程号 {running}' if running else '未运行'}")
    for name, beat in said["processes"].items():
        state = _state(beat["state"])
        lags = [one["lag"] or 0 for one in beat.get("partitions", {}).values()]
        behind = f"，还有 {sum(lags)} 条请求待办理" if lags else ""
        made.append(f"{name:<12}{state}{behind}")
        if "error" in beat:
            made.append(f"{'':<12}{beat['error']}")
    return made


def _state(said: str) -> str:
    """Say in Chinese what a process says of itself."""
    if sealed := re.fullmatch(r"sealed (\d+) records", said):
        return f"已封存 {sealed.group(1)} 条记录"
    return STATES.get(said, said)


def _server(server: Any) -> str:
    """Say where a server is and whether it runs; one that is given is named alone."""
    if not isinstance(server, dict):
        return str(server)
    where = server.get("address") or f"端口 {server['port']}"
    runs = f"进程号 {server['pid']}" if server["pid"] else "未运行"
    return f"{where}，{runs}"
