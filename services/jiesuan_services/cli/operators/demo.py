"""`jiesuan demo`: one year of a small town on real parts, shown and held to account."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jiesuan_services.cli.options import json_option, settings_from

if TYPE_CHECKING:
    from jiesuan_services.supervisor.stack import Stack

REQUESTS: Final = 22_000
Advance = Callable[[int, int], None]


@click.command(
    help=(
        "在真实的Kafka和PostgreSQL上过小镇的一年，并展示出来。"
        "\n\n"
        "应当成立的有任何一项不成立，退出码为1。"
    ),
)
@click.option(
    "--requests",
    type=click.IntRange(1_000, 2_000_000),
    default=REQUESTS,
    show_default=True,
    help="这一年至少有多少条请求。",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".jiesuan/demo"),
    show_default=True,
    help="演示的数据目录；会保留，下次接着过。",
)
@json_option
def demo(requests: int, data: Path, as_json: bool) -> None:
    """Live one year of a small town on real Kafka and PostgreSQL, and show it.

    Exits with 1 if anything that must hold does not.
    """
    from jiesuan_embedded.faults import MachineError
    from jiesuan_ledger.log.port import LogError
    from jiesuan_services.cli.console import print_json
    from jiesuan_services.cli.pages.explanation import NotExplained
    from jiesuan_services.client.sending import NoAnswer
    from jiesuan_services.demo.counter.his import NoReply, SaidNo
    from jiesuan_services.demo.looking import NotShown
    from jiesuan_services.demo.page import show
    from jiesuan_services.demo.trouble import NothingToForge

    try:
        shown = run(requests, data, quiet=as_json)
    except (
        MachineError,
        NoAnswer,
        NoReply,
        SaidNo,
        LogError,
        NotShown,
        NotExplained,
        NothingToForge,
        OSError,
    ) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    if as_json:
        print_json(shown)
    else:
        show(shown)
    broken = [claim["zh"] for claim in shown["claims"] if not claim["holds"]]
    if broken:
        raise click.ClickException(f"不成立：{'；'.join(broken)}")


def run(requests: int, data: Path, *, quiet: bool) -> dict[str, Any]:
    """Start everything, live a year, look at it, stop everything."""
    from jiesuan_services.demo.counter.morning import morning
    from jiesuan_services.demo.living import live
    from jiesuan_services.demo.looking import look
    from jiesuan_services.demo.months.closing import close_months
    from jiesuan_services.demo.town.overlay import write_overlay
    from jiesuan_services.supervisor.stack import Stack, gateway_address

    began = time.monotonic()
    settings = settings_from(data)
    settings = replace(settings, packs=write_overlay(settings.data / "packs"))
    stack = Stack(settings, os.cpu_count() or 1)
    stack.stop()
    try:
        servers = _start(stack, quiet=quiet)
        with _bar(quiet) as advance:
            lived = asyncio.run(
                live(servers.kafka, requests=requests, progress=advance)
            )
        _say("等投影跟上，再用内存中的法规重算一遍，然后核对账本 ……", quiet=quiet)
        shown = asyncio.run(look(lived, servers, settings=settings))
        _say("一家诊所在窗口办理一个上午 ……", quiet=quiet)
        claim = asyncio.run(
            morning(
                settings,
                kafka=servers.kafka,
                pg=servers.pg,
                address=gateway_address(settings),
            )
        )
        shown["claims"].append(asdict(claim))
    finally:
        stack.stop()
    _say("三个地区结清三个月：导入过去的账本，办完剩下的步骤 ……", quiet=quiet)
    shown["months"] = close_months(settings)
    shown["claims"] += shown["months"].pop("claims")
    shown["seconds"] = round(time.monotonic() - began, 1)
    shown["data"] = str(data)
    return shown


def _start(stack: "Stack", *, quiet: bool) -> Any:
    began = time.monotonic()
    servers = stack.start_servers()
    stack.start_supervisor()
    _say(
        f"Kafka {servers.kafka} 与 PostgreSQL（{servers.kind}）已启动，"
        f"{stack.deciders} 个 decider 与投影进程在运行"
        f"（{time.monotonic() - began:.1f} 秒）",
        quiet=quiet,
    )
    return servers


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        click.echo(text)


@contextmanager
def _bar(quiet: bool) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("小镇的一年"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("条请求已得到应答"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("year", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
