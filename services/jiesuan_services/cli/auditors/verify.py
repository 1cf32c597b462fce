"""`jiesuan verify` and `jiesuan replay`: for auditors."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click
from msgspec import to_builtins

from jiesuan_ledger.reader import ForkReason
from jiesuan_services.cli.auditors.asking import ask_past
from jiesuan_services.cli.console import whole, yuan
from jiesuan_services.cli.options import (
    data_option,
    json_option,
    packs_option,
    settings_from,
)

if TYPE_CHECKING:
    from jiesuan_services.audit.history.ledger import PastLedger
    from jiesuan_services.audit.points import AsOf
    from jiesuan_services.audit.verifying.verify import Knowledge
    from jiesuan_services.runtime.bootstrap import Settings

VERIFIED_FOLDER: Final = "verified"
EVERY_SECONDS: Final = 5.0
FORKS: Final = {
    ForkReason.NOT_AN_ENTRY.value: "不是账目的记录",
    ForkReason.WRONG_PARTITION.value: "不属于这个分区的人",
    ForkReason.DOES_NOT_FOLLOW.value: "不接在该人上一条账目之后",
    ForkReason.NOT_A_FACT.value: "内容不是合法的事实",
}
"""Why a record is ignored, by the reason that all readers give."""


@click.command(
    help=(
        "从账本核对链、分叉、笔数与合计，再拿各表与账本核对。"
        "\n\n"
        "有任何不符，退出码为1。"
    ),
)
@data_option
@packs_option
@json_option
@click.option("--log-only", is_flag=True, help="只看账本，不看各表。")
@click.option(
    "--from",
    "point",
    metavar="POINT",
    help=(
        "从本机上次核对过、已封存、且不晚于POINT处接着核对（now为尽量靠后；中断后也用它"
        "继续）；此前的记录不再读取，只用留存的叶子核对各次封存。"
    ),
)
def verify(
    data: Path | None, *, as_json: bool, log_only: bool, point: str | None
) -> None:
    """Check chains, forks, counts, sums and seals from the log, and the tables.

    Exits with 1 if anything is wrong.
    """
    from jiesuan_services.audit.history.ledger import STATES_FOLDER
    from jiesuan_services.audit.verifying.verify import Going
    from jiesuan_services.audit.verifying.verify import verify as verify_ledger
    from jiesuan_services.cli.auditors.tables import compare
    from jiesuan_services.supervisor.stack import Stack

    settings = settings_from(data)
    servers = Stack(settings, 1).servers()
    going = Going(
        settings.data / VERIFIED_FOLDER,
        settings.data / STATES_FOLDER,
        None if point is None else ask_past(data, _place(point)),
    )
    report = asyncio.run(
        verify_ledger(
            servers.kafka,
            known=_known(settings),
            progress=Countdown().tell,
            going=going,
        )
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


def _known(settings: "Settings") -> "Knowledge":
    """Return what this machine knows besides the log."""
    from jiesuan_services.audit.sealing.process import key_place, tree_folder
    from jiesuan_services.audit.verifying.verify import Knowledge
    from jiesuan_services.runtime.bootstrap import packs_of

    key = key_place(settings).load()
    signer = None if key is None else key.verifier
    return Knowledge(tree_folder(settings), signer, packs_of(settings))


def _place(point: str) -> "Callable[[PastLedger], Awaitable[AsOf]]":
    async def asked(past: "PastLedger") -> "AsOf":
        return past.at(point)

    return asked


class Countdown:
    """Says on stderr how far a long piece of work is, and how long it will take.

    What was done before it began is no measure of its pace.
    """

    def __init__(self, verb: str = "已核对") -> None:
        self._verb = verb
        self._began = time.monotonic()
        self._said = self._began
        self._before: int | None = None

    def tell(self, done: int, of: int) -> None:
        """Say it, every few seconds."""
        if self._before is None:
            self._before = done
        now, own = time.monotonic(), done - self._before
        if own and now - self._said >= EVERY_SECONDS:
            self._said = now
            left = (now - self._began) * (of - done) / own
            click.echo(
                f"{self._verb} {done:,}/{of:,} 条记录，约剩 {left:.0f} 秒", err=True
            )


def lines(said: dict[str, Any]) -> list[str]:
    """Render a report for a person: in Chinese, amounts in yuan."""
    rate = said["entries"] / said["seconds"] if said["seconds"] else 0
    made = [
        f"账本 {said['ledger_id']}：{said['entries']} 条账目，"
        f"{said['persons']} 人，每秒 {rate:,.0f} 条",
    ]
    begun = {one: at for one, at in said["read_from"].items() if at}
    if begun:
        places = "，".join(f"{one}:{at}" for one, at in begun.items())
        made.append(f"  接着上次核对，分区:偏移自 {places} 读起，此前的只核对封存")
    made += [
        f"  {count} 条由 {writer or '未署名者'} 写入"
        for writer, count in sorted(said["writers"].items())
    ]
    if said["seals"]:
        made.append(f"  {said['seals']} 次封存成立，覆盖 {said['sealed']} 条记录")
    if said["clearing_entries"]:
        made.append(f"  清算 {said['clearing_entries']} 条，逐条重算")
    for name, year in sorted(said["years"].items()):
        made.append(
            f"  {name}年：有效结算 {year['count']} 笔，费用总额 "
            f"{yuan(year['total_charge'])} 元，基金支付 {yuan(year['fund_pay'])} 元"
        )
    made += [
        f"分叉：分区 {fork['partition']} 偏移 {fork['offset']}，"
        f"{FORKS[fork['reason']]}（{fork['reason']}）"
        for fork in said["forks"]
    ]
    made += [f"不符：{wrong}" for wrong in said["wrong"]]
    made += [f"注意：{warning}" for warning in said["warnings"]]
    tables = said["tables"]
    if tables is not None:
        made += [f"表与账本不符：{difference}" for difference in tables["differences"]]
        if not tables["differences"]:
            made.append(f"各表与账本一致（{tables['rows']} 行结算）")
    made.append("账本完好。" if said["sound"] else "账本有问题，见上。")
    return made


@click.command(help="把账本和清算的全部事实按顺序写成JSON行，账本在前。")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="写到哪个文件，-为标准输出。",
)
@data_option
def replay(out: Path, data: Path | None) -> None:
    """Write all facts in order, as JSON lines: the ledger's, then the months'."""
    from jiesuan_ledger.log.kafka import KafkaLog, count_partitions
    from jiesuan_services.audit.replay import facts
    from jiesuan_services.supervisor.stack import Stack

    kafka = Stack(settings_from(data), 1).servers().kafka

    async def write(file: IO[bytes]) -> int:
        log = KafkaLog(kafka, producer=None)
        await log.start()
        count = 0
        try:
            async for line in facts(log, partitions=await count_partitions(kafka)):
                file.write(line + b"\n")
                count += 1
        finally:
            await log.stop()
        return count

    opened = nullcontext(sys.stdout.buffer) if str(out) == "-" else whole(out)
    with opened as file:
        count = asyncio.run(write(file))
    click.echo(f"已写出 {count} 条事实。", err=True)
