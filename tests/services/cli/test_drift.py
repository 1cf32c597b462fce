"""`jiesuan drift`: a person's years decided again, from the log alone."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner
from tests.domain import asking
from tests.domain.asking import Message
from tests.domain.overlays import write_overlay

from jiesuan_cluster.topics import provision
from jiesuan_domain.in_force import InForce
from jiesuan_domain.policy.model import Packs
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import LEDGER, REQUESTS
from jiesuan_ledger.log.kafka import count_partitions
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.handled import NewEntry
from jiesuan_services.clerk.trial import MemoryPersons
from jiesuan_services.cli.auditors.drift import drift, drift_of
from jiesuan_services.client.sending import to_record
from jiesuan_services.runtime.packs import load_packs

NOW = "2022-03-01T01:00:00.000+00:00"
LIFE = (
    asking.enrol("E1", birth="1962-01-01"),
    asking.settle("S1", 200_000),
    asking.settle("S2", 100_000, at=asking.TERTIARY),
    asking.settle("S3", 550_000, at=asking.SECONDARY),
    asking.undo("gap-refund", "G1", "S1"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Overlays of a region in which gap refunds keep what is above."""
    write_overlay(tmp_path, {"gap_refund_keeps_later": True})
    return tmp_path


def entries(packs: Packs, *asked: Message) -> list[Record]:
    """Decide requests and give the entries that come of them."""
    clerk = Clerk(
        in_force=InForce(packs, {}), persons=MemoryPersons(), partitions=1, writer="w"
    )
    made: list[Record] = []
    for offset, one in enumerate((*asking.institutions(), *asked)):
        record = to_record(one)
        incoming = Incoming(
            REQUESTS, 0, offset, record.key, record.value, record.headers
        )
        done = clerk.handle(incoming, ledger_offset=1 + len(made), recorded_at=NOW)
        if isinstance(done, NewEntry):
            made.append(done.record())
    return made


def remembered(records: list[Record]) -> MemoryLog:
    """Put entries behind a first record, in a log of one partition."""
    log = MemoryLog()
    log.partitions[LEDGER, 0] += [Record(None, b"{}", []), *records]
    return log


async def asked_of(log: MemoryLog, packs: Packs) -> dict[str, Any]:
    """Decide the person of the log again."""
    return await drift_of(asking.PERSON, log, packs=packs, partitions=1)


async def test_drift_is_told_from_the_log(folder: Path) -> None:
    """What stood above the gap is named with what the pool paid and should have."""
    packs = load_packs(folder)
    said = await asked_of(remembered(entries(packs, *LIFE)), packs)
    assert [
        (
            one["medins_setl_id"],
            one["year"],
            one["as_settled"]["hifp_pay_fen"],
            one["should_be"]["hifp_pay_fen"],
            one["moved"]["hifp_pay_fen"],
        )
        for one in said["drift"]
    ] == [("S2", "2022", 36_000, 0, -36_000), ("S3", "2022", 350_000, 287_000, -63_000)]
    assert said["refused"] == []


async def test_a_fork_is_nobodys_history(folder: Path) -> None:
    """An entry that does not follow is left out, as every reader leaves it out."""
    packs = load_packs(folder)
    made = entries(packs, *LIFE)
    log = remembered([*made[:3], made[1], *made[3:]])
    assert await asked_of(log, packs) == await asked_of(remembered(made), packs)


async def test_a_year_that_cannot_be_decided_again_is_told_so(folder: Path) -> None:
    """Where a parameter has gone since, the year is named with the sentence why."""
    write_overlay(folder, {"large_sum_ratio": "0.9000"})
    packs = load_packs(folder)
    crossing = (LIFE[0], asking.inpatient("I1", "2022", 24_000_000), LIFE[3])
    log = remembered(entries(packs, *crossing))
    said = await asked_of(log, load_packs())
    [one] = said["refused"]
    assert (one["year"], one["code"]) == ("2022", "large-sum-ratio-not-configured")
    assert said["drift"] == []


async def test_nobody_has_no_drift() -> None:
    """A person without entries has no year to decide again."""
    said = await asked_of(remembered([]), load_packs())
    assert said == {"psn_no": asking.PERSON, "drift": [], "refused": []}


async def test_the_command_reads_the_ledger(folder: Path, fresh_machine: Any) -> None:
    """For people the difference is yuan, for programs fen; both from Kafka."""
    servers = await asyncio.to_thread(fresh_machine.start)
    await provision(servers.kafka)
    place = partition_of(asking.PERSON, await count_partitions(servers.kafka))
    async with AIOKafkaProducer(bootstrap_servers=servers.kafka) as kafka:
        first = Record(None, b"{}", [])
        for one in (first, *entries(load_packs(folder), *LIFE)):
            await kafka.send_and_wait(
                LEDGER, one.value, key=one.key, headers=one.headers, partition=place
            )
    env = {
        "JIESUAN_KAFKA": servers.kafka,
        "JIESUAN_PG": servers.pg,
        "JIESUAN_PACKS": str(folder),
        "COLUMNS": "200",
    }

    async def run(*words: str) -> str:
        done = await asyncio.to_thread(
            CliRunner().invoke, drift, [asking.PERSON, *words], env=env
        )
        assert done.exit_code == 0, done.output
        return done.output

    said = json.loads(await run("--json"))
    assert [one["moved"]["hifp_pay_fen"] for one in said["drift"]] == [-36_000, -63_000]
    assert "-630.00" in await run()
