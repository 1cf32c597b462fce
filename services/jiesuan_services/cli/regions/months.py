"""Months as the commands take them."""

import re
from typing import Final

import click

MONTH_WORD: Final = "YYYYMM"
_MONTH: Final = re.compile(r"[0-9]{4}(0[1-9]|1[0-2])")
_YEAR: Final = re.compile(r"[1-9][0-9]{3}")


def month_of(text: str) -> str:
    """Return a month as it was given; raise if it is none."""
    if not _MONTH.fullmatch(text):
        raise click.BadParameter("月份写作YYYYMM，如202203。")
    return text


def year_of(text: str) -> int:
    """Return a year; raise if it is none."""
    if not _YEAR.fullmatch(text):
        raise click.BadParameter("年度写作YYYY，如2023。")
    return int(text)
