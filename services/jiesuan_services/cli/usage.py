"""What click says of words that it cannot take, in Chinese."""

import os
import re
from collections.abc import Sequence
from typing import Final

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


def in_chinese(wrong: click.UsageError) -> click.UsageError:
    """Return the same fault, told in Chinese where click told it in English."""
    if isinstance(wrong, click.exceptions.NoArgsIsHelpError):
        return wrong
    said = _translated(wrong.message or "")
    if isinstance(wrong, click.BadParameter):
        hint = _hint(wrong)
        missing = isinstance(wrong, click.MissingParameter)
        said = f"缺少{hint}，请补上" if missing else f"{hint}：{said}" if hint else said
    return click.UsageError(said, ctx=wrong.ctx)


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
