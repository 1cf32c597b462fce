"""Builders of logs for the read models: small, checked against the contracts."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from jiesuan_cluster.roles import provision_database
from jiesuan_cluster.topics import provision
from jiesuan_events import facts as contract
from jiesuan_events.entries.chain import GENESIS
from jiesuan_events.entries.entry import GENESIS_TYPE, Entry, entry_headers
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import LEDGER
from jiesuan_projections import MODELS, Followed, digest, run_projector
from jiesuan_projections.engine.follower import Applied, Follower
from jiesuan_projections.engine.models import following
from jiesuan_projections.engine.reading.ledger import Ledger
from jiesuan_projections.engine.tables.database import connect, migrate

PARTITIONS = 8
APPLIED = 'SELECT sum("offset" + 1) FROM checkpoint'
LEDGER_ID = "0123456789abcdef0123456789abcdef"
MARCH = "2022-03-01T01:00:00+00:00"
APRIL = "2022-04-02T01:00:00+00:00"


@dataclass
class Rec:
    """A record as it would lie in a log."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


def money(total: int, pool: int) -> dict[str, int]:
    """Return amounts that add up: all in scope, the pool's part, the rest in cash."""
    amounts = {
        "medfee_sumamt_fen": total,
        "inscp_scp_amt_fen": total,
        "hifp_pay_fen": pool,
        "ratio_selfpay_fen": total - pool,
        "fund_pay_sumamt_fen": pool,
        "psn_part_amt_fen": total - pool,
        "psn_cash_pay_fen": total - pool,
    }
    return {name: amount for name, amount in amounts.items() if amount}


@dataclass
class Log:
    """A ledger in the making: facts of invented persons, chained as they come."""

    recorded_at: str = MARCH
    records: list[Rec] = field(default_factory=list)
    heads: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    sums: dict[tuple[str, str, str], dict[str, int]] = field(default_factory=dict)
    blocks: dict[str, dict[str, Any]] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        body = {
            "ledger_id": LEDGER_ID,
            "partitions": PARTITIONS,
            "created_at": MARCH,
        }
        for partition in range(PARTITIONS):
            self.put(
                partition,
                key=None,
                value=json.dumps(body).encode(),
                headers=[("ce_type", GENESIS_TYPE.encode())],
            )

    def put(
        self,
        partition: int,
        *,
        key: bytes | None,
        value: bytes | None,
        headers: list[tuple[str, bytes]],
    ) -> Rec:
        """Append any record."""
        offset = self.ends.get(partition, 0)
        self.ends[partition] = offset + 1
        at = int(datetime(2022, 3, 1, 1, tzinfo=UTC).timestamp() * 1000) + offset
        record = Rec(LEDGER, partition, offset, at, key, value, headers)
        self.records.append(record)
        return record

    def fact(self, person_id: str, kind: str, body: dict[str, Any]) -> Rec:
        """Append a fact as the person's next entry."""
        self.count += 1
        type_ = f"jiesuan.{kind}.v1"
        caused = {
            "psn_no": person_id,
            "request_source": "/medins/H42010090001",
            "request_id": f"R{self.count}",
            "request_time": self.recorded_at,
            "content": "0" * 64,
        }
        value = json.dumps({**caused, **body}).encode()
        contract.read_fact(type_, value)
        version, previous = self.heads.get(person_id, (0, GENESIS))
        entry = self.entry(person_id, type_, value, version=version + 1, prev=previous)
        self.heads[person_id] = (version + 1, entry.hash)
        return self.append(entry)

    def entry(
        self, person_id: str, type_: str, value: bytes, *, version: int, prev: bytes
    ) -> Entry:
        """Make an entry, whoever's next it claims to be."""
        return Entry(
            person_id, type_, version, prev, value, self.recorded_at, "c/0/1", "test"
        )

    def append(self, entry: Entry, *, partition: int | None = None) -> Rec:
        """Append an entry as it is."""
        place = partition_of(entry.person_id, PARTITIONS)
        return self.put(
            place if partition is None else partition,
            key=entry.person_id.encode(),
            value=entry.value,
            headers=entry_headers(entry, entry.hash),
        )

    def block(self, setl_id: str, *, total: int, pool: int, **other: Any) -> dict:
        """Make the block of a settlement."""
        block = {
            "setl_id": setl_id,
            "medins_setl_id": f"M{setl_id}",
            "mdtrt_id": "V1",
            "year": "2022",
            "insutype": "310",
            "psn_type": "11",
            "med_type": "11",
            "clr_type": "11",
            "pay_loc": "2",
            "dedc_hosp_lv": "3",
            "fixmedins_code": "H42010090001",
            "mdtrtarea_admvs": "420100",
            "insuplc_admdvs": "429900",
            "service_day": "2022-03-01",
            "policy": {"pack": "429900-310", "sha256": "a" * 64},
            "pool_prop_selfpay": "0.8000",
            "tier": "tertiary",
            "age": 40,
            "feedetail": [],
            "setl_proc_info": [
                ["outpatient-pool", total, pool],
                ["outpatient-person", total, total - pool],
            ],
            **money(total, pool),
            **other,
        }
        self.blocks[setl_id] = block
        return block

    def mirror(self, setl_id: str, *, own_id: str) -> dict[str, Any]:
        """Make the mirror of a settlement."""
        block = self.blocks[setl_id]
        mirror = {
            name: -value if name.endswith("_fen") else value
            for name, value in block.items()
        }
        mirror.update(
            setl_id=own_id,
            medins_setl_id=f"M{own_id}",
            init_setl_id=setl_id,
            init_medins_setl_id=block["medins_setl_id"],
            setl_proc_info=[
                [rule, -amount_in, -amount_out]
                for rule, amount_in, amount_out in block["setl_proc_info"]
            ],
        )
        mirror.pop("replaces_setl_id", None)
        return mirror

    def cum(self, person_id: str, *blocks: dict[str, Any], reported: int = 0) -> dict:
        """Add blocks to a person's 2022 and give the accumulators after them."""
        sums = self.sums.setdefault((person_id, "310", "2022"), {})
        for block in blocks:
            added = {
                "ordinary_inscp_fen": block.get("inscp_scp_amt_fen", 0),
                "inscp_fen": block.get("inscp_scp_amt_fen", 0),
                "hifp_fen": block.get("hifp_pay_fen", 0),
                "psn_part_fen": block.get("psn_part_amt_fen", 0),
                "setl_cnt": -1 if "init_setl_id" in block else 1,
            }
            for name, amount in added.items():
                sums[name] = sums.get(name, 0) + amount
        sums["inscp_fen"] = sums.get("inscp_fen", 0) + reported
        return {name: amount for name, amount in sums.items() if amount}

    def settle(self, person_id: str, setl_id: str, **block: Any) -> Rec:
        """Append a settlement of 1,000.00 yuan with 800.00 from the pool."""
        made = self.block(setl_id, **{"total": 100_000, "pool": 80_000, **block})
        return self.fact(
            person_id, "settled", {**made, "cum": self.cum(person_id, made)}
        )

    def refund(self, person_id: str, setl_id: str, *, own_id: str) -> Rec:
        """Append the refund of a settlement."""
        mirror = self.mirror(setl_id, own_id=own_id)
        cum = self.cum(person_id, mirror)
        return self.fact(person_id, "refunded", {**mirror, "cum": cum})


class Retold:
    """A database of read models, and the followers that fill it."""

    def __init__(self, dsn: str, connection: Any) -> None:
        self.dsn = dsn
        self.connection = connection

    async def ledger(self, records: list[Rec]) -> Applied:
        """Apply ledger records as one batch."""
        follower = Follower(LEDGER, following(LEDGER), Ledger(LEDGER_ID, PARTITIONS))
        return await follower.apply(self.connection, records)

    async def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask and give plain tuples."""
        return [tuple(row) for row in await self.connection.fetch(sql, *values)]


async def new_database(dsn: str) -> str:
    """Make a database of its own on a server, with roles and read models."""
    name = f"t{uuid4().hex}"
    admin = await asyncpg.connect(dsn)
    await admin.execute(f'CREATE DATABASE "{name}"')
    await admin.close()
    own = dsn.rsplit("/", 1)[0] + "/" + name
    await provision_database(own)
    await migrate(own)
    return own


@pytest.fixture
def log() -> Log:
    """A ledger that holds its genesis records."""
    return Log()


@pytest.fixture
async def dsn(servers: Any) -> str:
    """A database of this test alone."""
    return await new_database(servers.pg)


@pytest.fixture
async def retold(dsn: str) -> AsyncIterator[Retold]:
    """Read models of this test alone."""
    connection = await connect(dsn)
    yield Retold(dsn, connection)
    await connection.close()


class Town:
    """A machine of its own with a ledger in Kafka and read models in PostgreSQL."""

    def __init__(self, kafka: str, dsn: str) -> None:
        self.kafka = kafka
        self.dsn = dsn
        self.stop = asyncio.Event()
        self.running: asyncio.Task[None] | None = None
        self.followed = Followed()

    async def send(self, records: list[Rec]) -> None:
        """Write records to their logs, in their order."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self.kafka, enable_idempotence=True, linger_ms=5
        )
        await producer.start()
        futures = [
            await producer.send(
                record.topic,
                record.value,
                key=record.key,
                partition=record.partition,
                headers=record.headers,
            )
            for record in records
        ]
        await asyncio.gather(*futures)
        await producer.stop()

    def follow(self) -> None:
        """Start a projector."""
        self.stop, self.followed = asyncio.Event(), Followed()
        self.running = asyncio.create_task(
            run_projector(self.kafka, self.dsn, stop=self.stop, followed=self.followed)
        )

    async def rest(self) -> None:
        """Stop the projector."""
        self.stop.set()
        assert self.running is not None
        await self.running

    async def caught_up(self, records: int) -> None:
        """Wait, bounded, until so many records of all logs are applied."""
        async with asyncio.timeout(30):
            while True:
                assert self.running is not None
                if self.running.done():
                    self.running.result()
                if (
                    await self.ask('SELECT sum("offset" + 1) FROM checkpoint')
                    == records
                ):
                    return
                await asyncio.sleep(0.02)

    async def ask(self, sql: str) -> Any:
        """Ask for one value."""
        connection = await connect(self.dsn)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    async def digests(self) -> dict[str, str]:
        """Digest every read model."""
        connection = await connect(self.dsn)
        try:
            return {name: await digest(connection, name) for name in MODELS}
        finally:
            await connection.close()


@pytest.fixture
async def town(fresh_machine: Any) -> AsyncIterator[Town]:
    """A town with empty logs; its projector is stopped at the end."""
    servers = await asyncio.to_thread(fresh_machine.start)
    await provision(servers.kafka)
    town = Town(servers.kafka, await new_database(servers.pg))
    yield town
    town.stop.set()
    if town.running is not None:
        await asyncio.gather(town.running, return_exceptions=True)


@pytest.fixture(scope="session")
async def clerk(servers: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A clerk of the province of random months; who asks changes nothing of it."""
    from tests.projections.clerk import make_clerk

    return await make_clerk(servers, tmp_path_factory.mktemp("clerk"))
