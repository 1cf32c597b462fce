"""A database of another version: named, never altered, and told again from the log."""

from typing import Any

import pytest

from jiesuan_projections import (
    MODELS,
    RebuildRefused,
    Reshaped,
    connect,
    migrate,
    rebuild,
)

OLDER = {
    "a column that was not there yet": "ALTER TABLE person_year DROP COLUMN hifob_fen",
    "a column that is gone": "ALTER TABLE person_year ADD COLUMN gone bigint",
    "a column of another type": (
        "ALTER TABLE person_year ALTER COLUMN hifob_fen TYPE numeric"
    ),
    "a column that may be empty": (
        "ALTER TABLE person_year ALTER COLUMN hifob_fen DROP NOT NULL"
    ),
    "another key": "ALTER TABLE person_year DROP CONSTRAINT person_year_pkey",
}


@pytest.mark.parametrize("older", OLDER.values(), ids=OLDER)
async def test_tables_of_another_version_are_named(
    retold: Any, log: Any, older: str
) -> None:
    """An older table is refused with its remedy, and its rows stay as they are."""
    log.settle("P0001", "S1")
    await retold.ledger(log.records)
    await retold.connection.execute(older)
    before = await retold.rows("SELECT * FROM person_year")
    for _ in range(2):
        with pytest.raises(Reshaped, match=r"rebuild person_year$"):
            await migrate(retold.dsn)
    assert await retold.rows("SELECT * FROM person_year") == before
    assert len(before) == 1


async def test_a_read_model_that_comes_later_is_not_begun_in_the_middle(
    retold: Any, log: Any
) -> None:
    """Where the log was followed, a new read model waits for a rebuild."""
    log.settle("P0001", "S1")
    await retold.ledger(log.records)
    await retold.connection.execute("DROP TABLE clearing_line")
    with pytest.raises(Reshaped, match=r"rebuild clearing_line$"):
        await migrate(retold.dsn)
    there = "SELECT to_regclass('jiesuan.clearing_line') IS NULL"
    assert await retold.rows(there) == [(True,)]


async def test_tables_that_hold_the_place_are_made_anew(retold: Any) -> None:
    """Checkpoints of another version cannot be trusted: the schema is dropped."""
    await retold.connection.execute("ALTER TABLE checkpoint ADD COLUMN epoch bigint")
    with pytest.raises(Reshaped, match="DROP SCHEMA jiesuan CASCADE"):
        await migrate(retold.dsn)


async def test_a_look_leaves_nothing_behind(retold: Any) -> None:
    """Tables made to compare with are gone before anybody sees them."""
    await migrate(retold.dsn)
    left = "SELECT count(*) FROM pg_class WHERE relname = 'person_year'"
    assert await retold.rows(left) == [(1,)]


@pytest.mark.connected
async def test_an_old_database_is_brought_forward(town: Any, log: Any) -> None:
    """Rebuilding what is named brings every row into the shape of this version."""
    for person in range(20):
        log.settle(f"P{person:04}", f"S{person}")
        log.refund(f"P{person:04}", f"S{person}", own_id=f"R{person}")
    await town.send(log.records)
    town.follow()
    await town.caught_up(len(log.records))
    good = await town.digests()
    await town.rest()
    connection = await connect(town.dsn)
    await connection.execute("DROP VIEW indicator, settlement_effective")
    await connection.execute("DROP TABLE clearing_line")
    await connection.execute("ALTER TABLE settlement DROP COLUMN refd_setl_flag")
    await connection.close()
    town.follow()
    with pytest.raises(Reshaped, match="jiesuan rebuild settlement, jiesuan rebuild"):
        await town.running
    for name in ("settlement", "clearing_line"):
        done = await rebuild(town.kafka, town.dsn, name=name)
        assert (done.reshaped, done.swapped) == (True, True)
    assert await town.digests() == good
    assert set(good) == set(MODELS)
    town.follow()
    log.settle("P0001", "S99")
    await town.send(log.records[-1:])
    await town.caught_up(len(log.records))
    assert await town.ask("SELECT count(*) FROM settlement_effective") == 1


@pytest.mark.connected
async def test_what_follows_a_log_that_forgets_is_not_swapped_unasked(
    town: Any, log: Any
) -> None:
    """Refusals of another shape wait for a reason: the log may hold fewer of them."""
    await town.send(log.records)
    town.follow()
    await town.caught_up(len(log.records))
    await town.rest()
    await town.ask("ALTER TABLE refusal ADD COLUMN gone bigint")
    with pytest.raises(RebuildRefused, match="accept-difference"):
        await rebuild(town.kafka, town.dsn, name="refusal")
    done = await rebuild(town.kafka, town.dsn, name="refusal", accept="kept enough")
    assert done.swapped
    await migrate(town.dsn)
