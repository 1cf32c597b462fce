"""`jiesuan bench`: every figure against its baseline, on a cluster of its own."""

import asyncio
import json
import platform
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from jiesuan_services.cli.options import json_option

LAW = ("law", "gap-refund", "long-life", "as-of")
DECIDE = "decide"
Say = Callable[[str], None] | None


@click.command()
@click.option(
    "--scale",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.001, 1.0),
    help="Share of the full sizes; less than 1 is a quick look, not the figure.",
)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice((*LAW, DECIDE)),
    help="These figures alone, repeatable; those of the law need no servers.",
)
@json_option
def bench(scale: float, only: tuple[str, ...], as_json: bool) -> None:
    """Measure every figure, each with its baseline in the same run.

    Takes a while: a ledger of more than a million entries is made and thrown away.
    """
    say = None if as_json else click.echo
    if say is not None:
        say(machine(scale))
    figures = law_alone([one for one in LAW if not only or one in only], say=say)
    if not only or DECIDE in only:
        figures += asyncio.run(measure(scale, say=say, decide_alone=bool(only)))
    if as_json:
        click.echo(json.dumps(figures))
    if scale == 1.0 and not all(figure["holds"] for figure in figures):
        raise SystemExit(1)


def machine(scale: float) -> str:
    """Name the machine, the versions and the scale."""
    names = ("aiokafka", "asyncpg", "faststream", "lmdb", "msgspec", "pydantic")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    cores = Path("/proc/cpuinfo").read_text().count("processor\t")
    return (
        f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, "
        f"Kafka 4.4.0, {versions}; scale {scale:g}"
    )


def law_alone(names: Sequence[str], *, say: Say) -> list[dict[str, Any]]:
    """Measure figures that need no servers."""
    from jiesuan_services.bench.auditing.as_of import as_of
    from jiesuan_services.bench.law import FIGURES

    known = {**FIGURES, "as-of": as_of}
    done: list[dict[str, Any]] = []
    for name in names:
        for figure in known[name]():
            done.append(figure.wire())
            if say is not None:
                say(line(done[-1]))
    return done


async def measure(
    scale: float, *, say: Say, decide_alone: bool = False
) -> list[dict[str, Any]]:
    """Measure on a machine of its own and throw it away."""
    from jiesuan_embedded import Machine
    from jiesuan_services.bench.rig import open_rig
    from jiesuan_services.supervisor.stack import prepare

    with tempfile.TemporaryDirectory(prefix="jiesuan-bench-") as folder:
        own = Machine(Path(folder))
        servers = await asyncio.to_thread(own.start)
        try:
            await prepare(servers)
            rig = await open_rig(servers.kafka, servers.pg, data=Path(folder))
            try:
                return await _figures(rig, scale, say=say, decide_alone=decide_alone)
            finally:
                rig.stop()
                await rig.log.stop()
        finally:
            await asyncio.to_thread(own.stop)


async def _figures(
    rig: Any, scale: float, *, say: Say, decide_alone: bool
) -> list[dict[str, Any]]:
    from jiesuan_services.bench import following
    from jiesuan_services.bench.deciding import Decider, growth
    from jiesuan_services.bench.figure import Figure

    done: list[dict[str, Any]] = []

    def note(figure: Figure) -> None:
        done.append(figure.wire())
        if say is not None:
            say(line(done[-1]))

    decider = Decider(rig, scale=scale)
    await decider.open()
    if decide_alone:
        await decider.enrol_all()
        note(await decider.decide())
        return done
    early = await decider.costs()
    await decider.enrol_all()
    decide = await decider.decide()
    note(decide)
    await decider.many()
    note(await decider.hot_person())
    for figure in await following.latency(decider):
        note(figure)
    live = await following.live_rate(decider)
    note(await following.visible(decider, decide.value))
    note(await following.rebuild_rate(decider, live))
    note(await decider.memory())
    note(growth(early, await decider.costs()))
    note(await decider.restart())
    note(await following.verify_rate(decider))
    return done


def line(figure: dict[str, Any]) -> str:
    """Render one figure for reading."""
    ratio = "" if figure["ratio"] is None else f"{figure['ratio']:.2f} x "
    low, high = figure["range"]
    verdict = "holds" if figure["holds"] else "FAILS"
    return (
        f"{figure['figure']:<12} {figure['value']:>10,.2f} {figure['unit']:<14}"
        f"[{low:,.2f} .. {high:,.2f}]  {ratio}of {figure['baseline']}"
        f" ({figure['baseline_value']:,.2f})  must {figure['must']}: {verdict}"
    )
