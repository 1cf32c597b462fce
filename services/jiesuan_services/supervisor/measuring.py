"""How far the processes are, asked of the broker and of the tables, not of them."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import asyncpg

import jiesuan_projections
from jiesuan_events.words.topics import CLEARING_REQUESTS, DEAD_LETTERS, REQUESTS
from jiesuan_ledger.log.kafka import KafkaLog
from jiesuan_ledger.log.port import LogError
from jiesuan_projections.read_models.progress.queries import behind, strangers

FOLLOWS: Final = {"decider": REQUESTS, "clearing": CLEARING_REQUESTS}
"""Whose partitions are of which topic."""
Processes = Mapping[str, dict[str, Any]]


async def measure_requests(found: Processes, kafka: str) -> int:
    """Add each partition's lag; return how many dead letters there are."""
    requests = KafkaLog(kafka, producer=None, committed=True)
    try:
        await requests.start()
        for topic, partition, reported in _partitions(found):
            at = int(reported["requests"])
            reported.update(await _lag(requests, topic, partition, at=at))
        return await requests.end_offset(DEAD_LETTERS, 0)
    finally:
        await requests.stop()


def _partitions(found: Processes) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Return what answers requests: topic, partition, what is said of them."""
    for name, one in found.items():
        topic = FOLLOWS.get(name.partition("-")[0])
        partitions = one.get("partitions", {}) if topic is not None else {}
        for partition, reported in partitions.items():
            yield str(topic), int(partition), reported


async def _lag(log: KafkaLog, topic: str, partition: int, *, at: int) -> dict[str, Any]:
    """Say how many records lie ahead, and how long the first of them has waited."""
    end = await log.end_offset(topic, partition)
    at = max(at, await log.begin_offset(topic, partition))
    if at >= end:
        return {"lag": 0, "lag_seconds": 0.0}
    waited = None
    try:
        async for batch in log.read(topic, partition, start=at, stop=at + 1):
            waited = _since(batch[0].timestamp / 1000)
    except LogError:
        pass  # a batch that nobody reads: who stands before it says why
    return {"lag": end - at, "lag_seconds": waited}


def _since(at: float) -> float | None:
    """Return how long ago something was; times are the senders': None for one that
    cannot be.
    """
    waited = time.time() - at
    return round(waited, 1) if at > 0 and waited >= 0 else None


async def measure_tables(found: Processes, kafka: str, *, pg: str) -> None:
    """Add how far the tables are: what is committed in them, where the logs end now."""
    projector = found.get("projector")
    if projector is None:
        return
    try:
        connection = await jiesuan_projections.connect(pg)
    except (OSError, TimeoutError, asyncpg.PostgresError) as away:
        if projector["state"] == "projecting":
            projector["state"] = "waiting for PostgreSQL"
        projector["error"] = f"{type(away).__name__}: {away}"
        return
    try:
        rows = await behind(connection)
        passed = await strangers(connection)
    finally:
        await connection.close()
    log = KafkaLog(kafka, producer=None)
    try:
        await log.start()
        projector["partitions"] = {
            f"{row['topic']}/{row['partition']}": {
                **await _table(log, row),
                "strangers": passed.get((row["topic"], row["partition"]), 0),
            }
            for row in rows
        }
    finally:
        await log.stop()


async def _table(log: KafkaLog, row: Mapping[str, Any]) -> dict[str, Any]:
    """Say of a partition how far it is retold.

    The first record that is not may have any time: it has waited no longer than since
    all before it was retold.
    """
    offset = row["offset"]
    said = await _lag(log, row["topic"], row["partition"], at=offset + 1)
    waited = [said["lag_seconds"], row["idle_seconds"]]
    likely = [round(float(one), 1) for one in waited if one is not None and one >= 0]
    return {"offset": offset, **said, "lag_seconds": min(likely, default=None)}
