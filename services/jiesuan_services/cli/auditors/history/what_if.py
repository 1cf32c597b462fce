"""`jiesuan what-if --packs DIR`: the same settlements under other packs."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from jiesuan_services.cli.auditors.asking import ask_past
from jiesuan_services.cli.console import write_whole
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
    reason: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Decide what stands again under other packs, and say what moves.

    One JSON line for each person's pool and year that moves, last the total. Nothing
    is written to the ledger.
    """
    from jiesuan_services.audit.what_if.again import Scope
    from jiesuan_services.audit.what_if.report import WhatIfReport
    from jiesuan_services.runtime.packs import load_packs

    scope = Scope(
        begin.date() if begin else date.min, until.date() if until else date.max, region
    )
    loaded = load_packs(packs)
    report = WhatIfReport(str(packs), scope=scope)
    looked(data, "what-if", detail=str(packs), why=reason)
    with _lines_to(out) as file:
        total = _run(data, loaded, scope=scope, report=report, file=file)
    if html is not None:
        write_whole(html, report.html(total))


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
def _lines_to(out: Path | None) -> Iterator[IO[str]]:
    """Return where the lines go; a file appears whole or not at all."""
    if out is None:
        yield sys.stdout
        return
    new = out.with_name(f".{out.name}.new")
    with new.open("w", encoding="utf-8") as file:
        yield file
    new.replace(out)
