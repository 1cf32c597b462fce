"""Options that several commands share."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from jiesuan_services.runtime.bootstrap import Settings, read_settings

F = TypeVar("F", bound=Callable[..., Any])


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


def reason_option(command: F) -> F:
    """Add --reason: why one looks, kept for ever beside who and when."""
    return click.option(
        "--reason", help="查阅事由；与何人、何事、何时一起保存（jiesuan looks）。"
    )(command)


def settings_from(data: Path | None) -> Settings:
    """Read the environment; an option counts more."""
    settings = read_settings()
    return settings if data is None else replace(settings, data=data.resolve())
