"""The first record of every partition: the ledger's id and number of partitions."""

import uuid
from dataclasses import dataclass

import orjson
from pydantic import ValidationError

from jiesuan_events.entries.entry import GENESIS_TYPE
from jiesuan_events.facts import LedgerCreated
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.port import Log, read_one
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.reader import Readable


class LedgerRefused(RuntimeError):
    """A ledger that this process must not touch: why, and what to do."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Which ledger this is."""

    id: str
    partitions: int


def genesis_record(ledger: Ledger, created_at: str) -> Record:
    """Write the first record of a partition."""
    body = {
        "ledger_id": ledger.id,
        "partitions": ledger.partitions,
        "created_at": created_at,
    }
    LedgerCreated.model_validate(body)
    headers = [("ce_type", GENESIS_TYPE.encode()), ("ce_time", created_at.encode())]
    return Record(None, orjson.dumps(body), headers)


def ledger_of(record: Readable, partition: int) -> Ledger:
    """Read the first record of a partition, or refuse the ledger by name."""
    if dict(record.headers).get("ce_type") != GENESIS_TYPE.encode():
        raise LedgerRefused(
            f"{LEDGER}/{partition}的首条记录不是建账记录，不是结算账本："
            "请恢复它，或用jiesuan up新建账本"
        )
    try:
        created = LedgerCreated.model_validate_json(record.value or b"")
    except ValidationError as wrong:
        raise LedgerRefused(
            f"{LEDGER}/{partition}的首条记录（建账记录）无法识别：请从副本恢复"
        ) from wrong
    return Ledger(created.ledger_id, created.partitions)


async def create_ledger(log: Log, *, partitions: int, created_at: str) -> Ledger:
    """Write the first records where they are missing; return the ledger there is."""
    ledger: Ledger | None = None
    empty: list[int] = []
    for partition in range(partitions):
        if await log.end_offset(LEDGER, partition) == 0:
            empty.append(partition)
            continue
        found = await read_genesis(log, partition, partitions=partitions)
        if ledger is not None and found != ledger:
            raise LedgerRefused(
                f"{LEDGER}中有两个账本{ledger.id}和{found.id}，分区被混用：请从副本恢复"
            )
        ledger = found
    made = ledger or Ledger(uuid.uuid4().hex, partitions)
    for partition in empty:
        pending = await log.append(
            LEDGER, partition, [genesis_record(made, created_at)]
        )
        await pending.done()
    return made


async def read_genesis(log: Log, partition: int, *, partitions: int) -> Ledger:
    """Read the first record of a partition, or refuse the ledger by name."""
    if await log.begin_offset(LEDGER, partition) != 0:
        raise LedgerRefused(
            f"{LEDGER}/{partition}的开头已丢失，历史被删除："
            "请恢复它，并设置retention.ms=-1"
        )
    if await log.end_offset(LEDGER, partition) == 0:
        raise LedgerRefused(f"{LEDGER}/{partition}是空的：请先运行jiesuan up")
    found = ledger_of(await read_one(log, LEDGER, partition, offset=0), partition)
    if found.partitions != partitions:
        raise LedgerRefused(
            f"{LEDGER}建账时有{found.partitions}个分区，现为{partitions}个："
            "建账后不能更改，请改回"
        )
    return found
