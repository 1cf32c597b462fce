"""Redelivery, holes, forks: every record counts once, in its order, or not at all."""

import random
from typing import Any

import pytest
from tests.projections.conftest import LEDGER_ID, PARTITIONS

from jiesuan_events.entries.chain import GENESIS
from jiesuan_events.words.topics import LEDGER
from jiesuan_projections import MODELS, digest
from jiesuan_projections import digests as of_tables
from jiesuan_projections.engine.follower import Follower
from jiesuan_projections.engine.model import ReadModel
from jiesuan_projections.engine.models import following
from jiesuan_projections.engine.reading.ledger import Ledger, LedgerRefused

FORKS = 'SELECT reason, psn_no FROM fork ORDER BY "partition", "offset"'


async def digests(retold: Any) -> dict[str, str]:
    return {name: await digest(retold.connection, name) for name in MODELS}


def busy(log: Any) -> None:
    for visit in range(4):
        for person in range(1, 9):
            log.settle(f"P{person:04}", f"S{person}X{visit}", total=900 + visit)
        log.refund("P0003", f"S3X{visit}", own_id=f"R3X{visit}")


async def test_the_same_batch_twice_counts_once(log: Any, retold: Any) -> None:
    """A redelivered batch changes nothing."""
    busy(log)
    await retold.ledger(log.records)
    once = await digests(retold)
    applied = await retold.ledger(log.records)
    assert applied.records == 0
    assert await digests(retold) == once


@pytest.mark.parametrize("seed", range(5))
async def test_batches_may_fall_anyhow(log: Any, retold: Any, seed: int) -> None:
    """However the records are cut into batches, some twice, the rows are the same."""
    busy(log)
    chance = random.Random(seed)
    at = 0
    while at < len(log.records):
        size = chance.randint(1, 9)
        back = chance.randint(0, min(at, 5))
        await retold.ledger(log.records[at - back : at + size])
        at += size
    found = await digests(retold)
    await retold.connection.execute(
        "TRUNCATE settlement, person_year, clearing_line, prepayment_use, checkpoint,"
        " chain_head"
    )
    await retold.ledger(log.records)
    assert await digests(retold) == found


async def test_a_hole_is_read_again_and_never_jumped(log: Any, retold: Any) -> None:
    """Records after a hole wait; the answer says where to read again."""
    first, second, third = (log.settle("P0001", f"S{n}") for n in (1, 2, 3))
    genesis = [record for record in log.records if record.offset == 0]
    await retold.ledger([*genesis, first])
    applied = await retold.ledger([third])
    assert applied.gaps == {third.partition: second.offset}
    assert await retold.rows("SELECT setl_id FROM settlement") == [("S1",)]
    await retold.ledger([second, third])
    assert await retold.rows("SELECT count(*) FROM settlement") == [(3,)]


async def test_forged_entries_are_shown_and_ignored(log: Any, retold: Any) -> None:
    """A second version 2, a jump and a foreign partition are forks; the rest stands."""
    log.settle("P0001", "S1")
    second = log.settle("P0001", "S2")
    forged = log.entry(
        "P0001", "jiesuan.settled.v1", second.value, version=2, prev=GENESIS
    )
    log.append(forged)
    jump = log.entry(
        "P0002", "jiesuan.settled.v1", second.value, version=7, prev=GENESIS
    )
    log.append(jump)
    elsewhere = log.entry(
        "P0004", "jiesuan.settled.v1", second.value, version=1, prev=GENESIS
    )
    log.append(elsewhere, partition=(second.partition + 1) % 8)
    log.settle("P0001", "S3")
    await retold.ledger(log.records)
    assert sorted(await retold.rows(FORKS)) == [
        ("does-not-follow", "P0001"),
        ("does-not-follow", "P0002"),
        ("wrong-partition", "P0004"),
    ]
    assert await retold.rows("SELECT setl_id FROM settlement ORDER BY 1") == [
        ("S1",),
        ("S2",),
        ("S3",),
    ]


async def test_unreadable_records_are_forks(log: Any, retold: Any) -> None:
    """Bad headers, altered bytes, NUL in a key and no fact stop nobody."""
    good = log.settle("P0001", "S1")
    place = good.partition
    log.put(place, key=b"P0001", value=b"\xff\x00", headers=[("ce_type", b"\xff")])
    log.put(place, key=b"P0001", value=good.value + b" ", headers=good.headers)
    log.put(place, key=b"a\x00b", value=None, headers=[])
    version, prev = log.heads["P0001"]
    huge = b'{"psn_no":"P0001","medfee_sumamt_fen":99999999999999999999}'
    log.append(
        log.entry("P0001", "jiesuan.settled.v1", huge, version=version + 1, prev=prev)
    )
    log.settle("P0001", "S2")
    await retold.ledger(log.records)
    assert await retold.rows(FORKS) == [
        ("not-an-entry", "P0001"),
        ("not-an-entry", "P0001"),
        ("not-an-entry", None),
        ("not-a-fact", "P0001"),
    ]
    assert await retold.rows("SELECT count(*) FROM settlement") == [(2,)]


async def test_a_damaged_time_does_not_move_the_chain(log: Any, retold: Any) -> None:
    """Without a readable time of recording the log's own time counts."""
    record = log.settle("P0001", "S1")
    record.headers = [
        (name, b"never" if name == "ce_time" else value)
        for name, value in record.headers
    ]
    await retold.ledger(log.records)
    assert await retold.rows("SELECT clr_ym FROM settlement") == [("202203",)]


async def test_another_ledger_is_refused(log: Any, retold: Any) -> None:
    """Genesis records of another ledger are refused before any row is written."""
    other = Follower(LEDGER, following(LEDGER), Ledger("another", 8))
    with pytest.raises(LedgerRefused, match="另一个账本"):
        await other.apply(retold.connection, log.records)


async def test_a_failing_batch_leaves_nothing(log: Any, retold: Any) -> None:
    """If a row cannot be written, neither rows nor checkpoint of its batch are."""
    log.settle("P0001", "S1")
    await retold.connection.execute("ALTER TABLE clearing_line RENAME TO gone")
    with pytest.raises(Exception, match="clearing_line"):
        await retold.ledger(log.records)
    await retold.connection.execute("ALTER TABLE gone RENAME TO clearing_line")
    assert await retold.rows("SELECT * FROM checkpoint") == []
    assert await retold.rows("SELECT * FROM settlement") == []
    await retold.ledger(log.records)
    assert await retold.rows("SELECT setl_id FROM settlement") == [("S1",)]


async def test_a_table_has_one_digest_in_order_and_one_in_any(
    log: Any, retold: Any
) -> None:
    """Rows stored in another order give both digests again; one fen more gives others.

    What retells no ledger is not among them.
    """
    log.settle("P0001", "S1")
    log.settle("P0001", "S2", total=500, pool=400)
    await retold.ledger(log.records)
    await retold.connection.execute("SET search_path = jiesuan")
    once = await of_tables(retold.connection)
    assert {one.model for one in once} == set(MODELS) - {"refusal", "dead_letter"}
    await retold.connection.execute(
        "CREATE TEMP TABLE turned AS SELECT * FROM settlement;"
        "DELETE FROM settlement;"
        'INSERT INTO settlement SELECT * FROM turned ORDER BY "offset" DESC'
    )
    assert await of_tables(retold.connection) == once
    await retold.connection.execute(
        "UPDATE settlement SET medfee_sumamt_fen = medfee_sumamt_fen + 1"
        " WHERE setl_id = 'S1'"
    )
    changed = await of_tables(retold.connection)
    found = [
        (one, other) for one, other in zip(once, changed, strict=True) if one != other
    ]
    [(one, other)] = found
    assert one.table == "settlement"
    assert one.unordered != other.unordered
    assert one.ordered != other.ordered


class FailsNow(Exception):
    """A model that does not take a batch."""


@pytest.mark.parametrize("seed", range(2))
async def test_what_is_remembered_of_heads_is_never_old(
    log: Any, retold: Any, seed: int
) -> None:
    """Followers that take turns, and fail at times, accept what one alone accepts."""
    busy(log)
    chance = random.Random(seed)

    async def fails_at_times(connection: Any, batch: Any) -> None:
        if chance.random() < 0.3:
            raise FailsNow

    models = (*following(LEDGER), ReadModel("moody", LEDGER, (), fails_at_times))
    ledger = Ledger(LEDGER_ID, PARTITIONS)
    followers = [Follower(LEDGER, models, ledger) for _ in range(2)]
    at = 0
    while at < len(log.records):
        size = chance.randint(1, 5)
        try:
            taking = chance.choice(followers)
            await taking.apply(retold.connection, log.records[at : at + size])
        except FailsNow:
            continue
        at += size
    assert await retold.rows(FORKS) == []
    found = await digests(retold)
    await retold.connection.execute(
        "TRUNCATE settlement, person_year, clearing_line, prepayment_use, checkpoint,"
        " chain_head"
    )
    await retold.ledger(log.records)
    assert await digests(retold) == found
