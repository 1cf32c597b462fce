"""Options that several commands share."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from jiesuan_services.runtime.bootstrap import Settings, read_settings

F = TypeVar("F", bound=Callable[..., Any])
_PACKS: Final = f"{__name__}.packs"
"""Where click keeps the folder that the command under way was given."""


def data_option(command: F) -> F:
    """Add --data: the directory of the servers and the caches."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        help="数据目录（默认：JIESUAN_DATA，否则为当前目录下的.jiesuan）。",
    )(command)


def json_option(command: F) -> F:
    """Add --json: print for a program, not for a person."""
    return click.option(
        "--json", "as_json", is_flag=True, help="输出JSON，供程序使用；金额为分。"
    )(command)


def partitions_option(command: F) -> F:
    """Add --partitions: how many a ledger is begun with, for ever."""
    return click.option(
        "--partitions",
        type=click.IntRange(1, 256),
        help="建账时的分区数（默认8），建账后不能更改；一个分区由一个办理进程处理。",
    )(command)


def reason_option(command: F) -> F:
    """Add --reason: why one looks, kept for ever beside who and when."""
    return click.option(
        "--reason", help="查阅事由；与何人、何事、何时一起保存（jiesuan looks）。"
    )(command)


def packs_option(command: F) -> F:
    """Add --packs: the overlays of a command that asks the law about a ledger."""
    return click.option(
        "--packs",
        type=click.Path(path_type=Path, file_okay=False),
        expose_value=False,
        callback=lambda context, _, folder: context.meta.update({_PACKS: folder}),
        help="政策包的覆盖目录（*.yaml），代替JIESUAN_PACKS。",
    )(command)


def settings_from(data: Path | None) -> Settings:
    """Read the environment; an option counts more."""
    settings = read_settings()
    context = click.get_current_context(silent=True)
    packs = None if context is None else context.meta.get(_PACKS)
    if packs is not None:
        settings = replace(settings, packs=packs)
    return settings if data is None else replace(settings, data=data.resolve())
