"""What a town does not want: records nobody can read, and an entry nobody decided."""

from dataclasses import dataclass
from hashlib import sha256

import orjson
from msgspec.structs import replace

from jiesuan_events.entries.entry import Entry, entry_headers, read_entry
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import LEDGER, REQUESTS
from jiesuan_ledger.log.port import Log, Stored
from jiesuan_ledger.log.record import Record
from jiesuan_services.client.sending import to_record
from jiesuan_services.demo.town.messages import Message

FORGED_FEN = 100_000_00


class NothingToForge(RuntimeError):
    """No settlement of the person is in the ledger yet."""


@dataclass(frozen=True, slots=True)
class PoisonRecord:
    """A record that cannot be understood: where it stands and why it should fail."""

    partition: int
    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class Forged:
    """An entry that a rogue writer put into the ledger."""

    partition: int
    offset: int
    person_id: str
    version: int


async def poison(log: Log, message: Message, *, partitions: int) -> list[PoisonRecord]:
    """Write five records that no request can be read of, each in its own way."""
    good = to_record(message)
    home = partition_of(message["subject"], partitions)
    bad = (
        ("bad-bytes", home, replace(good, value=b"\xff\xfe\x00 not text")),
        ("bad-json", home, replace(good, value=(good.value or b"")[:-2])),
        ("wrong-key", home, replace(good, key=b"somebody-else")),
        ("wrong-partition", (home + 1) % partitions, good),
        ("bad-headers", home, replace(good, headers=good.headers[:1])),
    )
    written = []
    for reason, partition, record in bad:
        offset = await _append(log, REQUESTS, partition, record=record)
        written.append(PoisonRecord(partition, offset, reason))
    return written


async def forge(log: Log, person_id: str, *, partitions: int, start: int) -> Forged:
    """Return a person ten times their money: all is right but the hash before.

    ``start`` is the offset from which the person's entries are looked for.
    """
    partition = partition_of(person_id, partitions)
    last = await _last_settled(log, person_id, partition=partition, start=start)
    body = orjson.loads(last.value)
    body["request_id"] = "ROGUE-1"
    for name in ("hifp_pay_fen", "fund_pay_sumamt_fen"):
        body[name] = body.get(name, 0) + FORGED_FEN
    entry = last._replace(
        version=last.version + 1,
        prev_hash=sha256(b"a guess").digest(),
        value=orjson.dumps(body),
        writer="rogue",
        claimed_id="",
    )
    record = Record(person_id.encode(), entry.value, entry_headers(entry, entry.hash))
    offset = await _append(log, LEDGER, partition, record=record)
    return Forged(partition, offset, person_id, entry.version)


async def _last_settled(
    log: Log, person_id: str, *, partition: int, start: int
) -> Entry:
    end = await log.end_offset(LEDGER, partition)
    found: Stored | None = None
    async for batch in log.read(LEDGER, partition, start=start, stop=end):
        for stored in batch:
            type_ = dict(stored.record.headers).get("ce_type")
            if (
                stored.record.key == person_id.encode()
                and type_ == b"jiesuan.settled.v1"
            ):
                found = stored
    if found is None:
        raise NothingToForge(f"{LEDGER}/{partition}中没有这个人的结算")
    record = found.record
    return read_entry(record.key, record.value, headers=record.headers)


async def _append(log: Log, topic: str, partition: int, *, record: Record) -> int:
    pending = await log.append(topic, partition, [record])
    offset, _ = (await pending.done()).batches[0]
    return offset
