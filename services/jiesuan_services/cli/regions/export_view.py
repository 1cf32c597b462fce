"""`jiesuan export-view VIEW --out FILE`: a documented view as a file."""

import asyncio
from pathlib import Path
from typing import Any, Final

import click

from jiesuan_services.cli.console import ask, print_json, servers_of
from jiesuan_services.cli.looking import looked
from jiesuan_services.cli.options import data_option, json_option, reason_option
from jiesuan_services.cli.regions.months import MONTH_WORD, month_of

FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.command(
    "export-view",
    help="把一个视图导出为CSV、Parquet或XLSX（按文件名后缀）；金额为分。",
)
@click.argument("view", metavar="VIEW")
@click.option("--month", metavar=MONTH_WORD, help="只导出这个月的行。")
@click.option("--out", type=FILE, required=True, help=".csv、.parquet或.xlsx文件。")
@reason_option
@data_option
@json_option
def export_view(
    view: str,
    *,
    month: str | None,
    out: Path,
    reason: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Write a view to a file, with progress on stderr."""
    from jiesuan_projections.engine.reading.views import names
    from jiesuan_services.exporting.files import FORMS

    if view not in names():
        raise click.BadParameter(f"没有视图{view}；可以导出：{'、'.join(names())}。")
    if out.suffix not in FORMS:
        raise click.BadParameter(f"文件名应以{'、'.join(FORMS)}结尾。")
    only = None if month is None else month_of(month)
    looked(data, "export-view", detail=f"{view} {only or ''}".strip(), why=reason)
    count = asyncio.run(
        ask(servers_of(data).pg, lambda on: write_view(on, view, out=out, month=only))
    )
    if as_json:
        print_json({"view": view, "month": only, "out": str(out), "rows": count})
    else:
        click.echo(f"{out}：{view}，{count}行。")


async def write_view(
    connection: Any, view: str, *, out: Path, month: str | None
) -> int:
    """Write the rows of a view, and return how many they are."""
    from jiesuan_projections.engine.reading.views import batches, columns, month_column
    from jiesuan_services.exporting.batches import batch_of, schema_of
    from jiesuan_services.exporting.files import sink

    shown = await columns(connection, view)
    column = month_column(shown)
    if month is not None and column is None:
        raise click.BadParameter(f"{view}不分月，请不要用--month。")
    by_month = None if month is None or column is None else (column, month)
    count = 0
    with sink(out, schema_of(shown)) as file:
        async for rows in batches(connection, view, by_month=by_month):
            file.write_batch(batch_of(rows, shown))
            count += len(rows)
            click.echo(f"已导出{count}行", err=True)
    return count
