"""`jiesuan try`: requests on stdin, answers on stdout."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jiesuan_services.cli.console import write_in_utf8

if TYPE_CHECKING:
    from jiesuan_services.audit.export.of_trial import TrialLedger


@click.command(
    name="try",
    help=(
        "在内存中按文件顺序办理请求：不连集群，不看时钟。"
        "\n\n"
        "从标准输入读JSON行（CloudEvents），每个请求输出一行应答；"
        "个人的请求和清算月的请求可以写在同一个文件里。"
    ),
)
@click.option(
    "--packs",
    type=click.Path(path_type=Path, file_okay=False),
    help="政策包的覆盖目录（*.yaml），叠加在自带的政策包上。",
)
@click.option("--state", is_flag=True, help="最后每人加一行：年度累计。")
@click.option(
    "--clearing-state", is_flag=True, help="最后加上结算和清算各视图，每行一条。"
)
@click.option(
    "--ledger",
    type=click.Path(path_type=Path, file_okay=False),
    help="把入账的内容写成导出（目录旁另存密钥），可用jiesuan import导入；"
    "验证公钥输出到标准错误。",
)
@click.option("--explain", is_flag=True, help="给人看：用中文逐分说明，金额为元。")
@click.option("--json", "as_json", is_flag=True, help="应答本来就是JSON行。")
def try_command(
    packs: Path | None,
    *,
    state: bool,
    clearing_state: bool,
    ledger: Path | None,
    explain: bool,
    as_json: bool,
) -> None:
    """Decide requests in memory, in file order: no broker, no clock.

    Requests about persons and about clearing months may stand in one file.

    Reads JSON lines (CloudEvents) from stdin and writes one answer a line.
    """
    from jiesuan_services.clerk.trial import Trial
    from jiesuan_services.cli.pages.answer import answer_lines
    from jiesuan_services.intake.lines import lines_of
    from jiesuan_services.runtime.packs import load_packs

    if explain and (state or clearing_state or as_json):
        raise click.UsageError(
            "--explain给人看，--state、--clearing-state和--json给程序看，请只用一种。"
        )
    if not explain:
        write_in_utf8(sys.stdout)
    loaded = load_packs(packs)
    kept = _kept(ledger)
    trial = Trial(loaded, keep=None if kept is None else kept.keep)
    read = lines_of(sys.stdin.buffer)
    lines = (raw.decode("utf-8", "surrogateescape") for raw in read)
    for number, answer in enumerate(trial.answers(lines), 1):
        said = answer_lines(number, json.loads(answer)) if explain else (answer,)
        sys.stdout.writelines(f"{line}\n" for line in said)
    if state:
        sys.stdout.writelines(f"{line}\n" for line in trial.states())
    if clearing_state:
        sys.stdout.writelines(f"{line}\n" for line in trial.clearing_views())
    if kept is not None and ledger is not None:
        click.echo(kept.export(ledger.resolve(), loaded), err=True)


def _kept(ledger: Path | None) -> "TrialLedger | None":
    """Keep what is entered, if it is to become a ledger."""
    if ledger is None:
        return None
    from jiesuan_services.audit.export.of_trial import TrialLedger

    return TrialLedger()
