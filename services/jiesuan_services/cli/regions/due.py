"""`jiesuan clearing-due --on DAY`: statements past a deadline, or close to one."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click

from jiesuan_events.words.codes import CLEARING_STATES
from jiesuan_services.cli.console import ask, print_json, print_table, servers_of
from jiesuan_services.cli.options import (
    data_option,
    json_option,
    packs_option,
    settings_from,
)

CLOSE_DAYS: Final = 10
DEADLINES: Final = {
    "declare_by": "申报期限",
    "latest_on": "最迟申报日（之后须提前报备）",
    "redeclare_by": "驳回后最迟重新申报日（之后须提前报备）",
    "hard_stop": "清算截止日",
}
COLUMNS: Final = (
    ("statement_id", "清算单"),
    ("state", "状态"),
    ("what", "期限"),
    ("day", "日期"),
    ("left", "剩余"),
    ("payable_fen", "应拨付"),
)


def due_on(
    day: date,
    statements: Iterable[dict[str, Any]],
    *,
    redeclare_by: Callable[[date], date],
) -> Iterator[dict[str, Any]]:
    """Return each deadline that is past or within ten days, the earliest first.

    ``redeclare_by`` gives the last day for declaring again after a rejection.
    """
    found = []
    for one in statements:
        for name, last in _deadlines(day, one, redeclare_by=redeclare_by):
            left = (last - day).days
            if left <= CLOSE_DAYS:
                found.append(
                    {
                        "statement_id": one["statement_id"],
                        "clr_stas": one["clr_stas"],
                        "deadline": name,
                        "day": last,
                        "days_left": left,
                        "payable_fen": one["payable_fen"],
                    }
                )
    yield from sorted(found, key=lambda one: (one["day"], one["statement_id"]))


def _deadlines(
    day: date, one: dict[str, Any], *, redeclare_by: Callable[[date], date]
) -> Iterator[tuple[str, date]]:
    """Return the deadlines before a statement.

    Declaring has two days; past the second the first is no news. What was rejected has
    been declared: it has the days for declaring again, or the old one if that is later.
    """
    yield "hard_stop", one["hard_stop"]
    if not one["to_declare"]:
        return
    latest_on = one["latest_on"]
    if one["rejected_on"] is not None:
        again = redeclare_by(one["rejected_on"])
        yield ("redeclare_by", again) if again > latest_on else ("latest_on", latest_on)
        return
    if day <= latest_on:
        yield "declare_by", one["declare_by"]
    yield "latest_on", latest_on


@click.command("clearing-due", help="列出某日已过期限或10日内到期的清算单。")
@click.option(
    "--on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="日期，YYYY-MM-DD。"
)
@data_option
@packs_option
@json_option
def clearing_due(on: datetime, *, data: Path | None, as_json: bool) -> None:
    """List statements that are past a deadline or within ten days of one."""
    from jiesuan_domain.clearing.deadlines import Calendar
    from jiesuan_projections.read_models.clearing.queries import unfinished
    from jiesuan_services.runtime.bootstrap import packs_of

    day = on.date()
    calendar = Calendar(packs_of(settings_from(data)))
    open_ = asyncio.run(ask(servers_of(data).pg, unfinished))
    due = list(due_on(day, open_, redeclare_by=calendar.redeclare_by))
    if as_json:
        print_json({"on": day, "due": due})
        return
    rows = [
        {
            **one,
            "state": CLEARING_STATES[one["clr_stas"]],
            "what": DEADLINES[one["deadline"]],
            "left": _left(one["days_left"]),
        }
        for one in due
    ]
    print_table(f"{day} 清算期限（元）", COLUMNS, rows=rows)


def _left(days: int) -> str:
    if days < 0:
        return f"已过{-days}天"
    return "今天" if days == 0 else f"还有{days}天"
