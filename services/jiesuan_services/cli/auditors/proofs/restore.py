"""`jiesuan import DIR`: an export that verifies becomes a ledger that lives on."""

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jiesuan_services.cli.options import data_option, settings_from

if TYPE_CHECKING:
    from jiesuan_services.audit.export.read import SealedExport
    from jiesuan_services.supervisor.importing import Importing


@click.command(
    "import",
    help=(
        "先核验整个导出，再写入还没有账本的数据目录或集群。"
        "\n\n"
        "全部核验无误之前什么都不写；之后可运行jiesuan up继续。"
    ),
)
@click.argument(
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)
@click.option("--key", required=True, metavar="VKEY", help="账本的验证公钥。")
@data_option
def import_(folder: Path, *, key: str, data: Path | None) -> None:
    """Verify an export, then write it where there is no ledger yet.

    Nothing is written before all of it verifies. `jiesuan up` goes on from there.
    """
    from jiesuan_services.audit.export.check import check_export
    from jiesuan_services.audit.export.read import open_export
    from jiesuan_services.audit.sealing.process import imported_folder
    from jiesuan_services.audit.tree.notes.keys import read_verifier_key
    from jiesuan_services.audit.tree.text import FormatError
    from jiesuan_services.cli.auditors.verify import Countdown
    from jiesuan_services.supervisor.importing import Importing

    try:
        verifier = read_verifier_key(key)
    except FormatError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--key") from wrong
    export = open_export(folder, verifier)
    check_export(export, progress=Countdown("已核验").tell)
    click.echo(f"{folder}：{export.seals[-1].size} 条记录全部核验无误", err=True)
    settings = settings_from(data)
    with Importing(settings) as importing:
        asyncio.run(_restore(importing, export))
        kept = imported_folder(settings)
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(folder, kept)
    click.echo(
        f"账本 {export.manifest.ledger_id} 已导入 {settings.data}，"
        "可运行 jiesuan up；继续封存需用 JIESUAN_SEAL_KEY 指明原来的封存密钥",
        err=True,
    )


async def _restore(importing: "Importing", export: "SealedExport") -> None:
    from jiesuan_cluster.topics import provision
    from jiesuan_ledger.log.kafka import KafkaLog, make_producer
    from jiesuan_services.audit.export.restore import refuse_a_ledger, restore_export
    from jiesuan_services.cli.auditors.verify import Countdown
    from jiesuan_services.supervisor.stack import prepare

    servers, partitions = importing.servers, export.manifest.partitions
    log = KafkaLog(servers.kafka, producer=make_producer(servers.kafka))
    await log.start()
    try:
        await provision(servers.kafka, partitions=partitions)
        await refuse_a_ledger(log, partitions)
        importing.begin()
        tell = Countdown("已导入").tell
        await restore_export(log, export, progress=tell)
    finally:
        await log.stop()
    await prepare(servers)
