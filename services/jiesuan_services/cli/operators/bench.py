"""`jiesuan bench`: every figure against its baseline, on a cluster of its own."""

import json
import platform
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from jiesuan_services.cli.options import json_option, partitions_option

if TYPE_CHECKING:
    from jiesuan_embedded import Machine
    from jiesuan_services.bench.figure import Figure

LAW = ("law", "gap-refund", "long-life", "as-of")
DECIDE = "decide"
HOT_LIFE = "hot-life"
VERIFY = "verify"
LATENCY = "latency"
BILLS_VERIFIED: Final = 4
"""Bills of everybody in the ledger that is verified alone."""
COUNTER = "counter"
MONTH = "month"
Say = Callable[[dict[str, Any]], None]
"""Where a figure goes as soon as it is known."""
Measuring = Callable[..., Awaitable[list[dict[str, Any]]]]
"""Measures on a rig: at a scale, saying each figure."""


@click.command(
    help=(
        "测量每一项指标，并在同一次运行中测量其基线。"
        "\n\n"
        "需要较长时间：会生成一百多万条账目的账本，测完即删。"
    ),
)
@click.option(
    "--scale",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.001, 1.0),
    help="规模的比例；小于1只是看一眼，不是正式的数。",
)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice((*LAW, DECIDE, HOT_LIFE, VERIFY, LATENCY, COUNTER, MONTH)),
    help="只测这些指标，可重复；法规的指标不需要服务器。",
)
@click.option(
    "--among",
    default=0,
    type=click.IntRange(0, 100_000_000),
    help="as-of在多少条账目之中测量；一千万条约需14 GB磁盘。",
)
@click.option(
    "--rate",
    default=1_000,
    show_default=True,
    type=click.IntRange(10, 100_000),
    help="latency每秒送入多少条请求。",
)
@partitions_option
@json_option
def bench(
    scale: float,
    *,
    only: tuple[str, ...],
    among: int,
    rate: int,
    partitions: int | None,
    as_json: bool,
) -> None:
    """Measure every figure, each with its baseline in the same run.

    Takes a while: a ledger of more than a million entries is made and thrown away.
    """
    say = _json if as_json else _line
    if not as_json:
        click.echo(machine(scale))
    figures = law_alone(
        [one for one in LAW if not only or one in only], say=say, among=among
    )
    for measuring, alone in _measurings(only, rate):
        figures += measure(
            measuring, scale, say=say, alone=alone, partitions=partitions
        )
    if scale == 1.0 and not all(figure["holds"] for figure in figures):
        raise SystemExit(1)


def _measurings(only: Sequence[str], rate: int) -> Iterator[tuple["Measuring", bool]]:
    """Return what to measure on servers of its own, and whether it is alone there."""
    if not only or DECIDE in only:
        yield _deciding, bool(only)
    of: dict[str, Measuring] = {
        HOT_LIFE: _living,
        VERIFY: _verifying,
        LATENCY: partial(_waiting, rate=rate),
        COUNTER: _counter,
        MONTH: _month,
    }
    for name, measuring in of.items():
        if name in only or (not only and name in (COUNTER, MONTH)):
            yield measuring, False


def _json(figure: dict[str, Any]) -> None:
    """Print a figure for a program, as soon as it is known: one JSON object a line."""
    about = {"processor": processor(), "python": interpreter()}
    click.echo(json.dumps(figure | about, ensure_ascii=False))
    sys.stdout.flush()


def _line(figure: dict[str, Any]) -> None:
    click.echo(line(figure))
    sys.stdout.flush()


def machine(scale: float) -> str:
    """Return a line on the machine, the versions and the scale."""
    names = ("aiokafka", "asyncpg", "faststream", "lmdb", "msgspec", "pydantic")
    versions = "，".join(f"{name} {version(name)}" for name in names)
    return (
        f"{processor()}，Python {interpreter()}，"
        f"Kafka 4.4.0，{versions}；规模 {scale:g}"
    )


def interpreter() -> str:
    """Return version and home of Python: two builds of one version differ in speed."""
    return f"{platform.python_version()}（{sys.base_prefix}）"


def processor() -> str:
    """Return kind, model and number of the cores: figures of two kinds differ.

    Two with one name may differ as well: family and model tell them apart.
    """
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    said = [one.partition(":") for one in lines]
    names = {name.strip(): text.strip() for name, _, text in said}
    cores = sum(name.strip() == "processor" for name, _, _ in said)
    of = [f"{name} {names[name]}" for name in ("cpu family", "model") if name in names]
    kind = "，".join((names.get("model name", platform.machine()), *of))
    return f"{kind}，{cores}核"


def law_alone(
    names: Sequence[str], *, say: Say, among: int = 0
) -> list[dict[str, Any]]:
    """Measure figures that need no servers."""
    from jiesuan_services.bench.auditing.as_of import as_of
    from jiesuan_services.bench.law import FIGURES

    known: dict[str, Callable[[], Iterable[Figure]]] = {
        **FIGURES,
        "as-of": partial(as_of, among),
    }
    done: list[dict[str, Any]] = []
    for name in names:
        for figure in known[name]():
            done.append(figure.wire())
            say(done[-1])
    return done


def measure(
    figures: Measuring,
    scale: float,
    *,
    say: Say,
    alone: bool = False,
    partitions: int | None = None,
) -> list[dict[str, Any]]:
    """Measure on a machine of its own; it is stopped and thrown away in any case."""
    import uvloop

    from jiesuan_embedded import Machine

    with (
        tempfile.TemporaryDirectory(prefix="jiesuan-bench-") as folder,
        ExitStack() as after,
    ):
        own = Machine(Path(folder))
        after.callback(own.stop)
        own.start()
        # As the processes that are measured run.
        measuring = partial(figures, scale=scale, say=say, alone=alone)
        return uvloop.run(_measure(measuring, own, partitions=partitions))


async def _measure(
    figures: Measuring, own: "Machine", *, partitions: int | None
) -> list[dict[str, Any]]:
    from jiesuan_services.bench.rig import open_rig
    from jiesuan_services.supervisor.stack import prepare

    await prepare(own.servers, partitions=partitions)
    broker, database = own.kafka.process.pid, own.postgres.process.pid
    assert broker is not None, "the broker was started"
    assert database is not None, "the database was started"
    where = (own.servers.kafka, own.servers.pg)
    rig = await open_rig(*where, data=own.data_dir, broker=broker, database=database)
    try:
        return await figures(rig)
    finally:
        rig.stop()
        await rig.log.stop()


def _told(figures: Iterable["Figure"], say: Say) -> list[dict[str, Any]]:
    """Say each figure, and return them all."""
    done = [figure.wire() for figure in figures]
    for one in done:
        say(one)
    return done


async def _counter(
    rig: Any, scale: float, *, say: Say, alone: bool
) -> list[dict[str, Any]]:
    from jiesuan_services.bench.visiting.counter import CounterBench

    return _told(await CounterBench(rig, scale=scale).figures(), say)


async def _month(
    rig: Any, scale: float, *, say: Say, alone: bool
) -> list[dict[str, Any]]:
    from jiesuan_services.bench.months.month import MonthBench

    return _told(await MonthBench(rig, scale=scale).figures(), say)


async def _deciding(
    rig: Any, scale: float, *, say: Say, alone: bool
) -> list[dict[str, Any]]:
    from jiesuan_services.bench import following
    from jiesuan_services.bench.auditing.verifying import verify_rate
    from jiesuan_services.bench.deciding import Decider, growth
    from jiesuan_services.bench.figure import Figure

    done: list[dict[str, Any]] = []

    def note(figure: Figure) -> None:
        done.append(figure.wire())
        say(done[-1])

    decider = Decider(rig, scale=scale)
    await decider.open()
    if alone:
        await decider.enrol_all()
        note(await decider.decide())
        return done
    early = await decider.costs()
    await decider.enrol_all()
    decide = await decider.decide()
    note(decide)
    await decider.many()
    note(await decider.hot_person())
    for figure in await decider.hot_lives():
        note(figure)
    for figure in await following.latency(decider):
        note(figure)
    live, beside = await following.live_rate(decider)
    note(beside)
    note(await following.visible(decider, decide.value))
    note(await following.rebuild_rate(decider, live))
    note(await decider.memory())
    note(growth(early, await decider.costs()))
    note(await decider.restart())
    for figure in await verify_rate(decider):
        note(figure)
    return done


async def _living(
    rig: Any, scale: float, *, say: Say, alone: bool
) -> list[dict[str, Any]]:
    from jiesuan_services.bench.deciding import Decider

    decider = Decider(rig, scale=scale)
    await decider.open()
    return _told(await decider.hot_lives(), say)


async def _waiting(
    rig: Any, scale: float, *, say: Say, alone: bool, rate: int
) -> list[dict[str, Any]]:
    from jiesuan_services.bench import following
    from jiesuan_services.bench.deciding import Decider

    decider = Decider(rig, scale=scale)
    await decider.open()
    await decider.enrol_all()
    return _told(await following.latency(decider, rate), say)


async def _verifying(
    rig: Any, scale: float, *, say: Say, alone: bool
) -> list[dict[str, Any]]:
    from jiesuan_services.bench.auditing.verifying import verify_rate
    from jiesuan_services.bench.deciding import Decider

    decider = Decider(rig, scale=scale)
    await decider.open()
    await decider.enrol_all()
    await decider.fill(BILLS_VERIFIED - 1)
    await decider.many()
    return _told(await verify_rate(decider), say)


def line(figure: dict[str, Any]) -> str:
    """Render one figure for a person."""
    ratio = "" if figure["ratio"] is None else f"{figure['ratio']:.2f} 倍于"
    low, high = figure["range"]
    verdict = "达到" if figure["holds"] else "未达到"
    return (
        f"{figure['figure']:<12} {figure['value']:>10,.2f} {figure['unit']:<14}"
        f"[{low:,.2f} .. {high:,.2f}]  {ratio}基线：{figure['baseline']}"
        f"（{figure['baseline_value']:,.2f}），要求 {figure['must']}：{verdict}"
    )
