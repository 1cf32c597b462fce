"""What agencies register comes to the counter, whatever they call themselves."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from tests.connected.conftest import until
from tests.projections.conftest import new_database

from jiesuan_events.entries.partition import partition_of
from jiesuan_events.requests import Institution
from jiesuan_events.words.topics import REFERENCE
from jiesuan_ledger.log.kafka import KafkaLog, make_producer
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.ours import reference_key, with_checksum
from jiesuan_services.gateway.serving.following import ReferenceFollower
from jiesuan_services.gateway.store.database import ConnectionPool, migrate, open_pool

PARTITIONS = 8
NAMED = "SELECT fixmedins_name FROM place WHERE fixmedins_code = $1"


def registration(code: str, name: str) -> Record:
    """Register an institution as a decider writes it down."""
    data = {
        "fixmedins_code": code,
        "fixmedins_name": name,
        "admdvs": "420100",
        "fixmedins_type": "1",
        "dedc_hosp_lv": "1",
        "ministry_affiliated": False,
    }
    said = Institution.model_validate(data)
    headers: Any = [("ce_type", b"jiesuan.institution.v1")]
    headers.append(("cause", b"jiesuan.requests/%d/0" % partition_of(code, PARTITIONS)))
    return with_checksum(
        Record(reference_key(said).encode(), orjson.dumps(data), headers)
    )


@pytest.fixture
async def pool(servers: Any) -> AsyncIterator[ConnectionPool]:
    """The tables of a counter of its own."""
    dsn = await new_database(servers.pg)
    await migrate(dsn)
    pool = await open_pool(dsn)
    yield pool
    await pool.close()


@pytest.fixture
async def follower(
    servers: Any, pool: ConnectionPool
) -> AsyncIterator[ReferenceFollower]:
    """A follower at work."""
    follower = ReferenceFollower(servers.kafka, pool)
    follower.begin()
    yield follower
    await follower.end()


async def register(kafka: str, *records: Record) -> None:
    """Write registrations down."""
    log = KafkaLog(kafka, producer=make_producer(kafka))
    await log.start()
    await (await log.append(REFERENCE, 0, records)).done()
    await log.stop()


async def test_a_name_that_no_table_holds_keeps_nobody_from_being_known(
    servers: Any, pool: ConnectionPool, follower: ReferenceFollower
) -> None:
    """A name with a NUL, which JSON may have, is kept without it, and those behind."""
    odd, plain = "H42019900001", "H42019900002"
    await register(
        servers.kafka, registration(odd, "甲\0乙"), registration(plain, "丙")
    )

    async def plain_is_known() -> bool:
        return bool(await pool.fetchval(NAMED, plain))

    await until(plain_is_known, seconds=10)
    assert await pool.fetchval(NAMED, odd) == "甲\ufffd乙"


async def test_what_the_database_refuses_is_tried_again_and_said(
    servers: Any, pool: ConnectionPool, follower: ReferenceFollower
) -> None:
    """While the tables do not take a registration it says where it stands, and why."""
    code = "H42019900003"
    await pool.execute(
        "ALTER TABLE gateway.place ADD CONSTRAINT odd CHECK (fixmedins_name <> '丁')"
    )
    await register(servers.kafka, registration(code, "丁"))

    async def stands() -> bool:
        return bool(follower.standing)

    async def is_known() -> bool:
        return not follower.standing and await pool.fetchval(NAMED, code) == "丁"

    await until(stands, seconds=10)
    assert "CheckViolationError" in follower.standing[f"{REFERENCE}/0"].reason
    await pool.execute("ALTER TABLE gateway.place DROP CONSTRAINT odd")
    await until(is_known, seconds=10)
