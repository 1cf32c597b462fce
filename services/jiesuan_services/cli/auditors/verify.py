"""`jiesuan verify` and `jiesuan replay`: for auditors."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any, Final

import click
from msgspec import to_builtins

from jiesuan_services.cli.options import data_option, json_option, settings_from

EVERY_SECONDS: Final = 5.0


@click.command()
@data_option
@json_option
@click.option("--log-only", is_flag=True, help="Leave the tables alone.")
def verify(data: Path | None, as_json: bool, log_only: bool) -> None:
    """Check chains, forks, counts, sums and seals from the log, and the tables.

    Exits with 1 if anything is wrong.
    """
    from jiesuan_services.audit.sealing.process import key_place, tree_folder
    from jiesuan_services.audit.verifying.verify import Knowledge
    from jiesuan_services.audit.verifying.verify import verify as verify_ledger
    from jiesuan_services.cli.auditors.tables import compare
    from jiesuan_services.supervisor.stack import Stack

    settings = settings_from(data)
    servers = Stack(settings, 1).servers()
    key = key_place(settings).load()
    known = Knowledge(tree_folder(settings), None if key is None else key.verifier)
    report = asyncio.run(
        verify_ledger(servers.kafka, known=known, progress=Progress().tell)
    )
    tables = None if log_only else asyncio.run(compare(servers.pg, report))
    said = {**to_builtins(report), "tables": tables, "sound": report.is_sound}
    sound = report.is_sound and not (tables and tables["differences"])
    if as_json:
        click.echo(json.dumps(said))
    else:
        for line in lines(said):
            click.echo(line)
    if not sound:
        raise SystemExit(1)


class Progress:
    """Says on stderr how far a long verification is, and how long it will take."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._said = self._began

    def tell(self, done: int, of: int) -> None:
        """Say it, every few seconds."""
        now = time.monotonic()
        if done and now - self._said >= EVERY_SECONDS:
            self._said = now
            left = (now - self._began) * (of - done) / done
            click.echo(f"{done:,} of {of:,} records, {left:.0f} s left", err=True)


def lines(said: dict[str, Any]) -> list[str]:
    """Render a report for reading."""
    rate = said["entries"] / said["seconds"] if said["seconds"] else 0
    made = [
        f"ledger {said['ledger_id']}: {said['entries']} entries of "
        f"{said['persons']} persons, {rate:,.0f}/s",
    ]
    if said["seals"]:
        made.append(f"  {said['seals']} seals hold, over {said['sealed']} records")
    for name, year in sorted(said["years"].items()):
        made.append(
            f"  {name}: {year['count']} effective settlements, charged "
            f"{year['total_charge']} fen, funds paid {year['fund_pay']} fen"
        )
    made += [
        f"FORK partition {fork['partition']} offset {fork['offset']}: {fork['reason']}"
        for fork in said["forks"]
    ]
    made += [f"WRONG {wrong}" for wrong in said["wrong"]]
    made += [f"warning: {warning}" for warning in said["warnings"]]
    tables = said["tables"]
    if tables is not None:
        made += [f"WRONG table: {difference}" for difference in tables["differences"]]
        if not tables["differences"]:
            made.append(f"log and tables agree ({tables['rows']} settlement rows)")
    made.append("sound" if said["sound"] else "not sound: see above")
    return made


@click.command()
@click.option(
    "--out", required=True, type=click.File("wb"), help="File to write, - for stdout."
)
@data_option
def replay(out: Any, data: Path | None) -> None:
    """Write all facts in order, as JSON lines."""
    from jiesuan_ledger.log.kafka import KafkaLog, count_partitions
    from jiesuan_services.audit.replay import facts
    from jiesuan_services.supervisor.stack import Stack

    kafka = Stack(settings_from(data), 1).servers().kafka

    async def write() -> int:
        log = KafkaLog(kafka, producer=None)
        await log.start()
        count = 0
        try:
            async for line in facts(log, partitions=await count_partitions(kafka)):
                out.write(line + b"\n")
                count += 1
        finally:
            await log.stop()
        return count

    click.echo(f"{asyncio.run(write())} facts", err=True)
