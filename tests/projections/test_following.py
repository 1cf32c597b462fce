"""The projector on real Kafka and PostgreSQL: following, killing, rebuilding."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs
from tests.ledger.test_consumer import segment
from tests.projections.conftest import Rec

from jiesuan_events.words.topics import DEAD_LETTERS, LEDGER
from jiesuan_ledger.log.fetch import slow
from jiesuan_ledger.log.kafka import KafkaLog
from jiesuan_projections import (
    LedgerRefused,
    RebuildRefused,
    compare_with_log,
    connect,
    disagreements,
    rebuild,
)
from jiesuan_services.audit.chains import Chains
from jiesuan_services.audit.history.totals import state_root
from jiesuan_services.audit.tree.notes.keys import NOTE, SignerKey
from jiesuan_services.audit.tree.notes.note import opened, signed_note

pytestmark = pytest.mark.connected

CHECKPOINTS = 18
"""The partitions of all logs that are followed."""
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
END_WAITING = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE NOT granted"


def fill(log: Any, persons: int, *, visits: int, first: int = 0) -> None:
    """Let persons visit and take every third visit back."""
    for visit in range(first, first + visits):
        for person in range(persons):
            name = f"P{person:04}"
            log.settle(name, f"S{person}X{visit}", total=1_000 + visit, pool=800)
            if visit % 3 == 2:
                log.refund(name, f"S{person}X{visit}", own_id=f"R{person}X{visit}")


async def test_a_ledger_is_followed_rebuilt_and_swapped(town: Any, log: Any) -> None:
    """What is followed live equals a rebuild, which swaps while the live one serves."""
    fill(log, 40, visits=6)
    await town.send(log.records)
    town.follow()
    await town.caught_up(len(log.records))
    before = await town.digests()
    for name in ("settlement", "person_year", "clearing_line", "fork", "register"):
        result = await rebuild(town.kafka, town.dsn, name=name)
        assert result.agrees
        assert result.swapped
        assert result.records == len(log.records)
    assert await town.digests() == before
    sent = len(log.records)
    fill(log, 40, visits=3, first=6)
    await town.send(log.records[sent:])
    await town.caught_up(len(log.records))
    standing = "SELECT count(*) FROM settlement_effective"
    assert await town.ask(standing) == 40 * 6
    connection = await connect(town.dsn)
    assert await disagreements(connection) == []
    await connection.close()
    assert await town.ask("SELECT count(*) FROM rebuild_history") == 5


async def test_a_rebuild_leaves_a_certificate(town: Any, log: Any) -> None:
    """It names offsets, digests and the state roots of the log, is signed by whoever
    rebuilds, and is kept as it was given back.
    """
    fill(log, 7, visits=2)
    await town.send(log.records)
    town.follow()
    await town.caught_up(len(log.records))
    key = SignerKey("jiesuan.invalid/test", NOTE, bytes(32))
    done = await rebuild(
        town.kafka,
        town.dsn,
        name="person_year",
        sign=lambda text: signed_note(text, key),
    )
    head, line = opened(done.certificate, key.verifier).splitlines()
    said = json.loads(line)
    assert head == "jiesuan-rebuild/1"
    assert said["digest_before"] == said["digest_after"] == done.after
    assert (said["differences"], said["reason"]) == ([], None)
    assert await town.ask("SELECT certificate FROM rebuild_history") == done.certificate
    ends, roots = await ends_and_roots(town.kafka, len(said["offsets"]))
    assert [*said["offsets"].values()] == [end - 1 for end in ends]
    assert [*said["state_root"].values()] == roots


async def ends_and_roots(kafka: str, partitions: int) -> tuple[list[int], list[str]]:
    """Read where the log ends, and the state roots that it comes to."""
    log = KafkaLog(kafka, producer=None)
    await log.start()
    try:
        ends = await log.end_offsets(LEDGER, partitions)
        return ends, [await root_of(log, one, ends=ends) for one in range(partitions)]
    finally:
        await log.stop()


async def root_of(log: KafkaLog, partition: int, *, ends: list[int]) -> str:
    """Read the state root of a partition from its entries."""
    chains = Chains(partition, partitions=len(ends))
    reading = log.read(LEDGER, partition, start=1, stop=ends[partition])
    async for batch in reading:
        for stored in batch:
            chains.take(stored.record, stored.offset)
    return state_root(chains.heads.items())


async def test_what_is_swapped_in_survives_a_crash(town: Any, log: Any) -> None:
    """A table is retold without a log of its own, and has one when it is swapped in."""
    fill(log, 5, visits=2)
    await town.send(log.records)
    town.follow()
    await town.caught_up(len(log.records))
    await rebuild(town.kafka, town.dsn, name="person_year")
    forgetful = (
        "SELECT count(*) FROM pg_class WHERE relpersistence = 'u' "
        "AND relnamespace = 'jiesuan'::regnamespace"
    )
    assert await town.ask(forgetful) == 0


async def test_a_rebuild_that_differs_is_refused(town: Any, log: Any) -> None:
    """A live table that was tampered with stays until its difference is accepted."""
    fill(log, 5, visits=2)
    await town.send(log.records)
    town.follow()
    await town.caught_up(len(log.records))
    good = await town.digests()
    await town.ask("UPDATE person_year SET hifp_fen = hifp_fen + 1 RETURNING 1")
    rows = await town.ask("SELECT count(*) FROM person_year")
    found = await compare_with_log(town.kafka, town.dsn, name="person_year")
    assert not found.agrees
    with pytest.raises(RebuildRefused, match="在相同偏移处新旧不一致"):
        await rebuild(town.kafka, town.dsn, name="person_year")
    assert await town.digests() != good
    done = await rebuild(
        town.kafka, town.dsn, name="person_year", accept="tampered in a test"
    )
    (difference,) = json.loads(done.certificate.splitlines()[1])["differences"]
    assert (difference["only_before"], difference["only_after"]) == (rows, rows)
    assert len(difference["only_after_rows"]) == min(rows, 20)
    assert await town.digests() == good
    assert (
        await town.ask("SELECT accepted_reason FROM rebuild_history")
        == "tampered in a test"
    )
    left = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'jiesuan\\_%'"
    assert await town.ask(left) == 0


async def test_killed_servers_lose_nothing(
    town: Any, log: Any, fresh_machine: Any
) -> None:
    """PostgreSQL and Kafka die in the middle; the rows are those of the log."""
    fill(log, 100, visits=9)
    half = len(log.records) // 2
    await town.send(log.records[:half])
    town.follow()
    await asyncio.to_thread(fresh_machine.kill_postgres)
    await asyncio.to_thread(fresh_machine.start_postgres)
    await asyncio.to_thread(fresh_machine.kill_kafka)
    await asyncio.to_thread(fresh_machine.start_kafka)
    await town.send(log.records[half:])
    await town.caught_up(len(log.records))
    for name in ("settlement", "person_year", "clearing_line"):
        assert (await compare_with_log(town.kafka, town.dsn, name=name)).agrees


CRASHES = 2
"""A heartbeat may write what waits before PostgreSQL dies: seldom twice."""


async def let_commits_wait(dsn: str) -> None:
    """Let PostgreSQL write what commits do not wait for every ten seconds only."""
    admin = await asyncpg.connect(dsn)
    await admin.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
    await admin.execute("SELECT pg_reload_conf()")
    await admin.close()


async def test_what_a_crash_took_is_written_again_though_nothing_comes(
    town: Any, log: Any, fresh_machine: Any
) -> None:
    """What PostgreSQL had not written when it died comes again without new records."""
    await let_commits_wait(town.dsn)
    await town.send(log.records)
    town.follow()
    with capture_logs() as said:
        for crash in range(1, CRASHES + 1):
            already = len(log.records)
            fill(log, 8, visits=1, first=crash)
            await town.send(log.records[already:])
            await town.caught_up(len(log.records))
            await asyncio.to_thread(fresh_machine.kill_postgres)
            await asyncio.to_thread(fresh_machine.start_postgres)
            await town.caught_up(len(log.records))
    assert [one for one in said if one["event"] == "projections.lost-by-a-crash"]
    for name in ("settlement", "person_year", "clearing_line"):
        assert (await compare_with_log(town.kafka, town.dsn, name=name)).agrees


async def test_a_cancelled_projector_goes_on_where_it_was(town: Any, log: Any) -> None:
    """A projector cut off mid-way leaves whole batches, and the next goes on."""
    fill(log, 200, visits=6)
    await town.send(log.records)
    for _ in range(3):
        town.follow()
        while await town.ask("SELECT count(*) FROM checkpoint") in (None, 0):
            assert not town.running.done()
        town.running.cancel()
        await asyncio.gather(town.running, return_exceptions=True)
    town.follow()
    await town.caught_up(len(log.records))
    for name in ("settlement", "person_year", "clearing_line"):
        assert (await compare_with_log(town.kafka, town.dsn, name=name)).agrees


@asynccontextmanager
async def locked(town: Any, lock: str, *, waiting: int) -> AsyncIterator[None]:
    """Hold a lock from when all checkpoints are made, until so many wait for it."""
    holder = await connect(town.dsn)
    while await town.ask("SELECT count(*) FROM checkpoint") < CHECKPOINTS:
        assert not town.running.done()
    async with holder.transaction():
        await holder.execute(lock)
        while await town.ask(WAITING) < waiting:
            assert not town.running.done()
        yield
    await holder.close()


async def followed(town: Any, said: list[Any]) -> None:
    """Wait, bounded, until the projector says that its start is over."""
    async with asyncio.timeout(30):
        while "projections.following" not in [one["event"] for one in said]:
            assert not town.running.done(), town.running.result()
            await asyncio.sleep(0.02)


async def test_a_start_does_not_meet_the_first_batches(town: Any, log: Any) -> None:
    """Topics that are full at the start: while their first batches wait for a lock, the
    start reads where to begin and ends; nothing is set aside, all is told with no lag.
    """
    fill(log, 40, visits=3)
    letters = [Rec(DEAD_LETTERS, 0, at, 0, None, b"%d" % at, []) for at in range(3)]
    await town.send([*log.records, *letters])
    lock = "SELECT FROM checkpoint FOR UPDATE"
    with capture_logs() as said:
        town.follow()
        async with asyncio.timeout(30), locked(town, lock, waiting=2):
            await followed(town, said)
        await town.caught_up(len(log.records) + len(letters))
    assert town.followed.standing() == {}
    events = {one["event"] for one in said}
    assert not events & {"partition.failed", "projections.apart", "projections.waiting"}
    assert await town.ask("SELECT count(*) FROM settlement_effective") == 40 * 2
    async with asyncio.timeout(10):
        while await town.ask("SELECT sum(lag) FROM progress") != 0:
            assert not town.running.done()
    assert await town.ask("SELECT count(*) FROM progress") == CHECKPOINTS
    assert await town.ask("SELECT max(lag_seconds) FROM progress") == 0


async def test_a_start_that_postgresql_ends_is_tried_again(town: Any, log: Any) -> None:
    """What waits at the start loses its connection; it starts anew, and all is told."""
    fill(log, 40, visits=3)
    await town.send(log.records)
    lock = "LOCK TABLE checkpoint IN ACCESS EXCLUSIVE MODE"
    admin = await asyncpg.connect(town.dsn)
    with capture_logs() as said:
        town.follow()
        async with asyncio.timeout(30), locked(town, lock, waiting=1):
            while "projections.waiting" not in [one["event"] for one in said]:
                assert not town.running.done()
                await admin.execute(END_WAITING)
                await asyncio.sleep(0.05)
        await admin.close()
        await followed(town, said)
        await town.caught_up(len(log.records))
    assert town.followed.standing() == {}


async def stands(town: Any, places: set[str]) -> None:
    """Wait until exactly these partitions stand."""
    async with asyncio.timeout(30):
        while set(town.followed.standing()) != places:
            assert not town.running.done()
            await asyncio.sleep(0.05)


async def test_what_fails_and_what_is_broken_stands_alone(
    town: Any, log: Any, fresh_machine: Any
) -> None:
    """A partition is set aside at the record that a table refuses three times, one
    with a broken batch stands before it, both are named, and the others go on.
    """
    fill(log, 20, visits=1)
    letters = [Rec(DEAD_LETTERS, 0, at, 0, None, b"%d" % at, []) for at in range(3)]
    await town.send([*log.records, *letters[:1]])
    await town.send(letters[1:])
    file = segment(fresh_machine, DEAD_LETTERS, 0)
    sound = await asyncio.to_thread(file.read_bytes)
    broken = sound[:-1] + bytes([sound[-1] ^ 1])
    await asyncio.to_thread(file.write_bytes, broken)
    town.follow()
    await stands(town, {f"{DEAD_LETTERS}/0"})
    await town.ask("ALTER TABLE settlement ADD CHECK (setl_id <> 'S3X1')")
    sent = len(log.records)
    fill(log, 20, visits=3, first=1)
    refused = next(one for one in log.records[sent:] if b"S3X1" in one.value)
    place = f"{LEDGER}/{refused.partition}"
    await town.send(log.records[sent:])
    await stands(town, {place, f"{DEAD_LETTERS}/0"})
    standing = town.followed.standing()
    assert standing[place]["offset"] == refused.offset
    assert standing[place]["reason"].startswith("CheckViolationError: new row")
    assert standing[f"{DEAD_LETTERS}/0"]["reason"] == slow.BROKEN
    left = [
        one
        for one in log.records
        if (one.partition, one.offset >= refused.offset) == (refused.partition, True)
    ]
    there = standing[f"{DEAD_LETTERS}/0"]["offset"]
    await town.caught_up(len(log.records) - len(left) + there)
    assert not town.running.done()


async def test_a_ledger_without_genesis_is_refused(town: Any, log: Any) -> None:
    """A ledger that does not begin with its genesis records is not followed."""
    fill(log, 5, visits=1)
    for record in log.records:
        if record.offset == 0:
            record.headers = []
    await town.send(log.records)
    town.follow()
    with pytest.raises(LedgerRefused, match="首条记录"):
        async with asyncio.timeout(20):
            await town.running


async def test_a_lost_tail_is_refused(town: Any, log: Any) -> None:
    """A ledger shorter than what was read from it is refused by name."""
    await town.send(log.records)
    town.follow()
    await town.caught_up(len(log.records))
    await town.rest()
    await town.ask('UPDATE checkpoint SET "offset" = 99 RETURNING 1')
    town.follow()
    with pytest.raises(LedgerRefused, match="末尾的记录丢失"):
        async with asyncio.timeout(20):
            await town.running


async def test_readers_never_see_an_empty_table(town: Any, log: Any) -> None:
    """Whoever reads during swaps sees all rows, of table and view, every time."""
    fill(log, 20, visits=2)
    await town.send(log.records)
    town.follow()
    await town.caught_up(len(log.records))
    swapped = asyncio.Event()

    async def read(relation: str) -> set[int]:
        connection = await connect(town.dsn)
        seen = set()
        while not swapped.is_set():
            seen.add(await connection.fetchval(f"SELECT count(*) FROM {relation}"))
        await connection.close()
        return seen

    readers = [
        asyncio.create_task(read(relation))
        for relation in ("settlement", "settlement_effective", "person_year")
    ]
    for name in ("settlement", "person_year", "settlement"):
        await rebuild(town.kafka, town.dsn, name=name)
    swapped.set()
    assert await asyncio.gather(*readers) == [{40}, {40}, {20}]
