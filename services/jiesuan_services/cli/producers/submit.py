"""`jiesuan submit FILE`: requests to Kafka, answers to stdout."""

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import click
import orjson

from jiesuan_services.cli.options import data_option, settings_from


@click.command(help="发送请求（JSON行），等待应答，按文件顺序输出。")
@click.argument("file", type=click.File("rb"))
@data_option
@click.option("--json", "as_json", is_flag=True, help="应答本来就是JSON行。")
def submit(file: Any, data: Path | None, as_json: bool) -> None:
    """Send requests (JSON lines), wait for the answers, print them in file order."""
    from jiesuan_services.client.sending import NoAnswer
    from jiesuan_services.supervisor.stack import Stack

    kafka = Stack(settings_from(data), 1).servers().kafka
    try:
        answers = asyncio.run(_submit(file, kafka))
    except (NoAnswer, OSError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    sys.stdout.writelines(f"{answer}\n" for answer in answers)


async def _submit(file: IO[bytes], kafka: str) -> list[str]:
    from jiesuan_ledger.log.kafka import KafkaLog, count_partitions, make_producer
    from jiesuan_services.client.sending import Sender, answer_line
    from jiesuan_services.intake.lines import lines_of

    answers, messages = read_requests(lines_of(file))
    partitions = await count_partitions(kafka)
    log = KafkaLog(kafka, producer=make_producer(kafka))
    await log.start()
    try:
        sender = Sender(log, partitions=partitions, progress=_progress)
        records = await sender.send([message for _, message in messages])
    finally:
        await log.stop()
    for (number, _), record in zip(messages, records, strict=True):
        answers[number] = answer_line(record)
    return [answer for _, answer in sorted(answers.items())]


def read_requests(
    lines: Iterable[bytes],
) -> tuple[dict[int, str], list[tuple[int, dict[str, Any]]]]:
    """Part the lines: those that are no request are answered here."""
    from jiesuan_services.clearing.read import read_either_line
    from jiesuan_services.clerk.answers import to_malformed
    from jiesuan_services.intake.lines import WHITE_SPACE
    from jiesuan_services.intake.read import Malformed

    answered: dict[int, str] = {}
    messages: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip(WHITE_SPACE.encode()):
            continue
        asked = read_either_line(line)
        if isinstance(asked, Malformed):
            answer = to_malformed(asked, time=asked.time, line=number)
            answered[number] = answer.line()
        else:
            messages.append((number, orjson.loads(line)))
    return answered, messages


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done}/{total} 已应答")
        if done == total:
            sys.stderr.write("\n")
        sys.stderr.flush()
