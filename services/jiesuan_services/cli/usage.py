"""What click says around our words, and of words that it cannot take, in Chinese."""

import os
import re
from collections.abc import Sequence
from typing import IO, Any, Final

import click

from jiesuan_services.cli.faults import SENTENCES

_SAID: Final = tuple(
    (re.compile(pattern, re.DOTALL), zh)
    for pattern, zh in (
        (r"\w+ '(.*)' does not exist\.", "没有{0}，请核对路径"),
        (r"\w+ '(.*)' is a directory\.", "{0}是目录，不是文件，请核对路径"),
        (r"\w+ '(.*)' is a file\.", "{0}是文件，不是目录，请核对路径"),
        (r"\w+ '(.*)' is not (?:read|writ)able\.", "{0}：没有权限，请核对权限"),
        (r"'(.*)' does not match the format '%Y-%m-%d'\.", "{0}不是YYYY-MM-DD的日期"),
        (r"'(.*)' is not a valid \w+(?: range)?\.", "{0}不是数字"),
        (r"(.*) is not in the range (.*)\.", "{0}不在{1}之内"),
        (r"'(.*)' is not (?:one of )?(.*)\.", "{0}不是{1}"),
        (r"Option '(.*)' requires an argument\.", "{0}后面要有一个值"),
        (r"Option '(.*)' does not take a value\.", "{0}后面不带值"),
        (r"No such option '?([^']*?)'?\.(?: .*)?", "没有选项{0}，请用--help查看"),
        (r"No such command '(.*?)'\.(?: .*)?", "没有命令{0}，请用--help查看"),
        (r"Got unexpected extra arguments? \((.*)\)", "多出{0}，请去掉"),
        (r"Missing command\.", "缺少子命令，请用--help查看"),
        *(
            (f"'(.*)': {re.escape(os.strerror(number))}", f"{{0}}：{sentence}")
            for number, sentence in SENTENCES.items()
        ),
    )
)


_FRAME: Final = {
    "Usage: ": "用法：",
    "Options:\n": "选项：\n",
    "Commands:\n": "命令：\n",
    "[OPTIONS]": "[选项]",
    "COMMAND": "命令",
    "[ARGS]": "[参数]",
    "[required]": "[必填]",
    "[default:": "[默认：",
}


class HelpPage(click.HelpFormatter):
    """Help whose frame is Chinese."""

    def getvalue(self) -> str:
        """Return what was written."""
        text = super().getvalue()
        for said, zh in _FRAME.items():
            text = text.replace(said, zh)
        return text


class Speaking(click.Context):
    """A command under way, whose help has that frame."""

    formatter_class = HelpPage


def spoken(command: click.Command) -> click.Command:
    """Let a command, and those of a group, speak Chinese where click speaks English."""
    command.context_class = Speaking
    click.help_option("-h", "--help", help="显示本说明后退出。")(command)
    for one in getattr(command, "commands", {}).values():
        spoken(one)
    return command


class Mended(click.ClickException):
    """What a user can mend, said in one line."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Say it."""
        click.echo(f"错误：{self.message}", file, err=True)


class Misused(click.UsageError):
    """Words that a command cannot take, said below how it is called."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Say it."""
        if self.ctx is not None:
            hint = f"用{self.ctx.command_path} --help查看用法。"
            click.echo(f"{self.ctx.get_usage()}\n{hint}\n", file, err=True)
        click.echo(f"错误：{self.message}", file, err=True)


def in_chinese(wrong: click.UsageError) -> click.UsageError:
    """Return the same fault, told in Chinese where click told it in English."""
    if isinstance(wrong, click.exceptions.NoArgsIsHelpError):
        return wrong
    said = _translated(wrong.message or "")
    if isinstance(wrong, click.BadParameter):
        hint = _hint(wrong)
        missing = isinstance(wrong, click.MissingParameter)
        said = f"缺少{hint}，请补上" if missing else f"{hint}：{said}" if hint else said
    return Misused(said, ctx=wrong.ctx)


def _translated(message: str) -> str:
    for pattern, zh in _SAID:
        found = pattern.fullmatch(message)
        if found is not None:
            return zh.format(*found.groups())
    return message


def _hint(wrong: click.BadParameter) -> str:
    hint: str | Sequence[str] | None = wrong.param_hint
    if hint is None and wrong.param is not None and wrong.ctx is not None:
        hint = wrong.param.get_error_hint(wrong.ctx)
    return (hint if isinstance(hint, str) else " / ".join(hint or ())).replace("'", "")
