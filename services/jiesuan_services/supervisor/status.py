"""What runs, how far it is as the broker says it, and where it stands and why."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import asyncpg
from aiokafka.errors import KafkaError

import jiesuan_projections
from jiesuan_embedded import Servers
from jiesuan_embedded.process import is_alive
from jiesuan_events.words.topics import CLEARING_REQUESTS, DEAD_LETTERS, REQUESTS
from jiesuan_ledger.log.kafka import KafkaLog
from jiesuan_ledger.log.port import LogError
from jiesuan_projections.read_models.progress.queries import progress
from jiesuan_services.runtime.heartbeat import beats
from jiesuan_services.supervisor.worker import HOUR, runs

ASK_SECONDS: Final = 10.0
STILL_SECONDS: Final = 30.0
"""How long what lies before a lane may wait without any of it being done."""
FOLLOWS: Final = {"decider": REQUESTS, "clearing": CLEARING_REQUESTS}
"""Whose lanes are partitions of which topic."""
STANDS: Final = {
    "silent": "没有动静",
    "refused": "已拒绝运行",
    "waiting for Kafka": "连不上Kafka",
    "waiting for PostgreSQL": "连不上PostgreSQL",
    "not sealing": "不能封存",
    "ended": "已退出",
    "starting": "还没有报告",
}
"""The states in which a process does nothing, in plain words."""
SILENT_SO_FAR: Final = {"state": "starting"}


def processes(data: Path) -> dict[str, dict[str, Any]]:
    """Say of every process what it says of itself, and what is known of its starts."""
    said, kept, now = beats(data / "beats"), runs(data / "processes"), time.time()
    found: dict[str, dict[str, Any]] = {}
    for name in sorted(said.keys() | kept.keys()):
        one = found[name] = dict(said.get(name, SILENT_SO_FAR))
        run = kept.get(name)
        if run is None:
            one.setdefault("restarts", None)
            continue
        recent = [at for at in run.restarts if at > now - HOUR]
        one |= {"since": run.since, "pid": run.pid, "restarts": len(recent)}
        if recent:
            one["last_error"] = run.error
        is_gone = run.pid is None or not is_alive(run.pid)
        if is_gone and one["state"] != "refused":
            one["state"] = "ended"
        elif run.pid != one.get("said_by", run.pid):
            # What it says was said by the one before it.
            one["state"] = "starting"
    return found


async def look(data: Path, servers: Servers | None) -> dict[str, Any]:
    """Say what runs, with lags as the broker says them, and what stands."""
    found = processes(data)
    said: dict[str, Any] = {"processes": found, "dead_letters": None}
    if servers is not None and found:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                said["dead_letters"] = await _measure(found, servers.kafka)
        except (KafkaError, OSError, LogError) as away:
            said["broker_error"] = f"{type(away).__name__}: {away}"
        await _measure_tables(found, servers.pg)
    said["standing"] = standing(said)
    return said


async def _measure(found: Mapping[str, dict[str, Any]], kafka: str) -> int:
    """Add each lane's lag; return how many dead letters there are."""
    requests = KafkaLog(kafka, producer=None, committed=True)
    try:
        await requests.start()
        for topic, partition, lane in _lanes(found):
            await _lag(requests, topic, partition, lane=lane)
        return await requests.end_offset(DEAD_LETTERS, 0)
    finally:
        await requests.stop()


def _lanes(
    found: Mapping[str, dict[str, Any]],
) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Return the lanes that answer requests: topic, partition, what is said of them."""
    for name, one in found.items():
        topic = FOLLOWS.get(name.partition("-")[0])
        lanes = one.get("partitions", {}) if topic is not None else {}
        for partition, lane in lanes.items():
            yield str(topic), int(partition), lane


async def _lag(
    requests: KafkaLog, topic: str, partition: int, *, lane: dict[str, Any]
) -> None:
    """Say how many requests lie before a lane, and how long the first has waited."""
    end = await requests.end_offset(topic, partition)
    begin = await requests.begin_offset(topic, partition)
    at = max(begin, int(lane["requests"]))
    lane["lag"], lane["lag_seconds"] = max(0, end - at), 0.0
    if not lane["lag"]:
        return
    async for batch in requests.read(topic, partition, start=at, stop=at + 1):
        waited = time.time() - batch[0].timestamp / 1000
        # Times are the senders': one that cannot be is not shown.
        is_likely = 0 <= waited < time.time() and batch[0].timestamp > 0
        lane["lag_seconds"] = round(waited, 1) if is_likely else None


async def _measure_tables(found: Mapping[str, dict[str, Any]], pg: str) -> None:
    """Add how far the tables are: by what is committed in them."""
    projector = found.get("projector")
    if projector is None:
        return
    try:
        connection = await jiesuan_projections.connect(pg)
    except (OSError, TimeoutError, asyncpg.PostgresError) as away:
        projector["error"] = f"{type(away).__name__}: {away}"
        return
    try:
        rows = await progress(connection)
    finally:
        await connection.close()
    projector["partitions"] = {
        f"{row['topic']}/{row['partition']}": {
            "offset": row["offset"],
            "lag": row["lag"],
            "lag_seconds": None
            if row["lag_seconds"] is None
            else float(row["lag_seconds"]),
        }
        for row in rows
    }


def standing(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what stands: which process or lane, where, since when and why."""
    found: list[dict[str, Any]] = []
    if not said["processes"]:
        found.append({"process": None, "why": "没有进程在运行"})
    if "broker_error" in said:
        found.append({"process": None, "why": f"问不到Kafka：{said['broker_error']}"})
    for name, one in said["processes"].items():
        if one["state"] in STANDS:
            error = one.get("error") or one.get("last_error")
            why = STANDS[one["state"]] + (f"：{error}" if error else "")
            found.append({"process": name, "why": why})
        for place, lane in one.get("partitions", {}).items():
            why_not = _still(lane)
            if why_not is not None:
                found.append({"process": name, "lane": str(place), **why_not})
    return found


def _still(lane: Mapping[str, Any]) -> dict[str, Any] | None:
    """Say where a lane stands still and why; None if it moves or has nothing to do."""
    where = lane.get("standing")
    if where is not None:
        return {
            "offset": where["offset"],
            "since": where["since"],
            "why": where["reason"],
        }
    moved = lane.get("moved_at")
    lag = lane.get("lag") or 0
    if moved is not None and lag and time.time() - moved > STILL_SECONDS:
        return {"offset": lane["requests"], "since": moved, "why": "有请求而没有办理"}
    waited = lane.get("lag_seconds") or 0
    if moved is None and lag and waited > STILL_SECONDS:
        return {"offset": lane.get("offset"), "why": f"落后{lag}条、{waited:.0f}秒"}
    return None
