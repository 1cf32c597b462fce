"""`jiesuan what-if --packs DIR`: the same settlements under other packs."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from jiesuan_services.cli.auditors.asking import ask_past
from jiesuan_services.cli.console import print_table, whole, write_whole
from jiesuan_services.cli.looking import looked
from jiesuan_services.cli.options import data_option, json_option, reason_option

if TYPE_CHECKING:
    from jiesuan_domain.policy.model import Packs
    from jiesuan_services.audit.history.ledger import PastLedger
    from jiesuan_services.audit.what_if.again import Scope
    from jiesuan_services.audit.what_if.report import WhatIfReport

FILE = click.Path(path_type=Path, dir_okay=False)
DAY = click.DateTime(["%Y-%m-%d"])
EVERY = 1_000
MOVED: Final = (
    ("name", "项目"),
    ("from_fen", "实际"),
    ("to_fen", "试算"),
    ("difference_fen", "变动"),
)
PERSONS: Final = (("psn_no", "人员编号"), ("difference_fen", "个人负担变动"))


@click.command(
    "what-if",
    help="按另一套政策包重算有效结算，列出谁多谁少；不写任何东西。",
)
@click.option(
    "--packs",
    required=True,
    type=click.Path(path_type=Path),
    help="覆盖目录，叠加在自带的政策包上，代替JIESUAN_PACKS。",
)
@click.option("--from", "begin", type=DAY, help="费用日起（含）。")
@click.option("--until", type=DAY, help="费用日止（含）。")
@click.option("--region", default="", help="参保地区划的前缀。")
@click.option("--out", type=FILE, help="结果行写到这个文件，不写标准输出。")
@click.option("--html", type=FILE, help="报告写到这个HTML文件。")
@click.option(
    "--pdf", type=FILE, help="报告写到这个PDF文件；需要WeasyPrint或Chromium。"
)
@reason_option
@data_option
@json_option
def what_if(
    packs: Path,
    *,
    begin: datetime | None,
    until: datetime | None,
    region: str,
    out: Path | None,
    html: Path | None,
    pdf: Path | None,
    reason: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Decide what stands again under other packs, and say what moves.

    With --json or --out one JSON line for each person's pool and year that moves, last
    the total. Nothing is written to the ledger.
    """
    from jiesuan_services.audit.what_if.again import Scope
    from jiesuan_services.audit.what_if.printed import printer
    from jiesuan_services.audit.what_if.report import WhatIfReport
    from jiesuan_services.runtime.packs import load_packs

    # Without a printer nothing is looked at in vain.
    printed = printer() if pdf is not None else None
    scope = Scope(
        begin.date() if begin else date.min, until.date() if until else date.max, region
    )
    loaded = load_packs(packs)
    report = WhatIfReport(str(packs), scope=scope)
    looked(data, "what-if", detail=str(packs), why=reason)
    with _lines_to(out, as_json=as_json) as file:
        total = _run(data, loaded, scope=scope, report=report, file=file)
    if html is not None:
        write_whole(html, report.html(total))
    if pdf is not None and printed is not None:
        write_whole(pdf, printed(report.html(total)))
    if not as_json:
        _show(total, report)


def _show(total: dict[str, Any], report: "WhatIfReport") -> None:
    """Say the sums for people; every line is in --out, and drawn in --html."""
    from jiesuan_services.audit.what_if.report import PAYERS, rule_name

    moved = total["moved"]
    click.echo(f"{total['persons']} 人有变动，涉及 {total['settlements']} 笔结算")
    rows = [_row(zh, moved[name]) for name, zh in PAYERS.items()]
    print_table("总的变动（元）", MOVED, rows=rows)
    rows = [_row(rule_name(one["rule"]), one) for one in total["by_rule"]]
    print_table("按计算步骤（元）", MOVED, rows=rows)
    rows = [
        _row(one["fixmedins_code"], one["moved"]["fund_pay_sumamt_fen"])
        for one in total["by_institution"]
    ]
    print_table("按定点医药机构的基金支付（元）", MOVED, rows=rows)
    for title, persons in zip(
        ("负担增加最多（元）", "负担减少最多（元）"), report.extremes(), strict=True
    ):
        rows = [{"psn_no": psn_no, "difference_fen": fen} for psn_no, fen in persons]
        print_table(title, PERSONS, rows=rows)


def _row(name: str, change: dict[str, Any]) -> dict[str, Any]:
    amounts = {f"{part}_fen": change[part] for part in ("from", "to", "difference")}
    return {"name": name, **amounts}


def _run(
    data: Path | None,
    packs: "Packs",
    *,
    scope: "Scope",
    report: "WhatIfReport",
    file: IO[str],
) -> dict[str, Any]:
    async def asked(past: "PastLedger") -> dict[str, Any]:
        from jiesuan_services.audit.what_if.run import what_if as lines

        total: dict[str, Any] = {}
        for line in lines(past, packs, scope=scope, progress=_progress):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            if "total" in line:
                total = line["total"]
            else:
                report.take(line)
        return total

    return ask_past(data, asked)


def _progress(persons: int) -> None:
    if persons % EVERY == 0:
        click.echo(f"已试算 {persons} 人", err=True)


@contextmanager
def _lines_to(out: Path | None, *, as_json: bool) -> Iterator[IO[str]]:
    """Return where the lines go; a file appears whole or not at all."""
    if out is None:
        with nullcontext(sys.stdout) if as_json else Path(os.devnull).open("w") as file:
            yield file
        return
    with whole(out) as written, TextIOWrapper(written, encoding="utf-8") as file:
        yield file
