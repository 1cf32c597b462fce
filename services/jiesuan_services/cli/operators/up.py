"""`jiesuan up`, `down`, `status`: the stack on this machine."""

import asyncio
import json
import os
import sys
from pathlib import Path

import click

from jiesuan_services.cli.options import data_option, json_option, settings_from
from jiesuan_services.runtime.bootstrap import environment_for


@click.command()
@click.option("--detach", is_flag=True, help="Return as soon as everything runs.")
@click.option(
    "--deciders", type=click.IntRange(1, 64), help="How many (default: cores)."
)
@click.option(
    "--restore-topics",
    is_flag=True,
    help="Set topics back that would let the ledger forget.",
)
@data_option
def up(
    detach: bool, *, deciders: int | None, restore_topics: bool, data: Path | None
) -> None:
    """Start Kafka, PostgreSQL and the processes; data survives."""
    from jiesuan_services.supervisor.stack import Stack, gateway_address

    stack = Stack(settings_from(data), deciders or os.cpu_count() or 1)
    if stack.supervisor.pid is not None:
        click.echo("already up; see jiesuan status", err=True)
        return
    servers = stack.start_servers(restore_topics=restore_topics)
    click.echo(f"Kafka {servers.kafka}  PostgreSQL {servers.pg}  ({servers.kind})")
    click.echo(f"gateway http://{gateway_address(stack.settings)}")
    if detach:
        stack.supervisor.start(
            [
                sys.executable,
                "-m",
                "jiesuan_services",
                "supervise",
                str(stack.deciders),
                f"jiesuan-data={stack.settings.data}",
            ],
            env=environment_for(JIESUAN_DATA=str(stack.settings.data)),
        )
        click.echo(
            f"{stack.deciders} deciders, projector, sealer and gateway run; "
            "jiesuan down stops"
        )
        return
    try:
        _supervise(stack.deciders, data=stack.settings.data)
    finally:
        stack.stop()


@click.command(hidden=True)
@click.argument("deciders", type=int)
@click.argument("mark")
def supervise(deciders: int, mark: str) -> None:
    """Keep the processes of a data directory running (the mark names it)."""
    _supervise(deciders, data=Path(mark.partition("=")[2]))


def _supervise(deciders: int, *, data: Path) -> None:
    from jiesuan_services.supervisor.stack import Stack
    from jiesuan_services.supervisor.stack import supervise as keep_running

    stack = Stack(settings_from(data), deciders)
    asyncio.run(keep_running(stack, stack.servers()))


@click.command()
@data_option
def down(data: Path | None) -> None:
    """Stop the processes and the servers; nothing is left running."""
    from jiesuan_services.supervisor.stack import Stack

    Stack(settings_from(data), 1).stop()
    click.echo("down", err=True)


@click.command()
@data_option
@json_option
def status(data: Path | None, as_json: bool) -> None:
    """Say what runs, how far it is, and what it waits for."""
    from jiesuan_services.supervisor.stack import Stack

    said = Stack(settings_from(data), 1).status()
    if as_json:
        click.echo(json.dumps(said))
        return
    click.echo(f"data        {said['data']}")
    for name, server in said.get("servers", {}).items():
        click.echo(f"{name:<12}{server}")
    click.echo(f"supervisor  {said['supervisor'] or 'not running'}")
    for name, beat in said["processes"].items():
        lags = [one["lag"] or 0 for one in beat.get("partitions", {}).values()]
        behind = f"  behind {sum(lags)} requests" if lags else ""
        error = f"\n{'':<12}{beat['error']}" if "error" in beat else ""
        click.echo(f"{name:<12}{beat['state']}{behind}{error}")
