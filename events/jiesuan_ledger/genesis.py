"""The first record of every partition: the ledger's id and number of partitions."""

import uuid
from dataclasses import dataclass

import orjson
from pydantic import ValidationError

from jiesuan_events.entries.entry import GENESIS_TYPE
from jiesuan_events.entries.ledger import LedgerCreated
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
            f"{LEDGER}/{partition} does not begin with a ledger's first record: it is "
            "not a ledger of jiesuan; restore it, or begin one with `jiesuan up`"
        )
    try:
        created = LedgerCreated.model_validate_json(record.value or b"")
    except ValidationError as wrong:
        raise LedgerRefused(
            f"the first record of {LEDGER}/{partition} cannot be read: restore it "
            "from its replicas"
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
                f"{LEDGER} holds two ledgers, {ledger.id} and {found.id}: "
                "the partitions were mixed up; restore them from their replicas"
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
            f"{LEDGER}/{partition} has lost its beginning: history was deleted; "
            "restore it and set retention.ms=-1"
        )
    if await log.end_offset(LEDGER, partition) == 0:
        raise LedgerRefused(f"{LEDGER}/{partition} is empty: run jiesuan up first")
    found = ledger_of(await read_one(log, LEDGER, partition, offset=0), partition)
    if found.partitions != partitions:
        raise LedgerRefused(
            f"{LEDGER} was created with {found.partitions} partitions, not "
            f"{partitions}: the number is fixed for ever; set it back"
        )
    return found
