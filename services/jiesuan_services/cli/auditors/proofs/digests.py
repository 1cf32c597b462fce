"""`jiesuan digests`: every table that retells the ledger, in two digests."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jiesuan_services.cli.console import print_json, servers_of
from jiesuan_services.cli.options import data_option, json_option

if TYPE_CHECKING:
    from jiesuan_projections import TableDigests


@click.command(
    help=(
        "列出由账本（含清算）投影出的每张表的摘要：不论行序的，和按行序的。"
        "\n\n"
        "两处账本相同，则每一行都相同。"
    )
)
@data_option
@json_option
def digests(data: Path | None, as_json: bool) -> None:
    """List the digests of every table that retells the ledger, a line a table.

    Two ledgers that are the same print the same.
    """
    pg = servers_of(data).pg

    async def asked() -> list["TableDigests"]:
        from jiesuan_projections import connect
        from jiesuan_projections import digests as of_tables

        connection = await connect(pg)
        try:
            return await of_tables(connection)
        finally:
            await connection.close()

    for one in asyncio.run(asked()):
        if as_json:
            print_json(asdict(one))
        else:
            click.echo(f"{one.model} {one.table} {one.unordered} {one.ordered}")
