"""What runs, how far it is as the broker says it, and where it stands and why."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from aiokafka.errors import KafkaConnectionError, KafkaError

from jiesuan_cluster.brokers import transactions_too_long
from jiesuan_embedded import Servers
from jiesuan_embedded.process import is_alive
from jiesuan_ledger.log.port import LogError
from jiesuan_services.runtime.heartbeat import beats, forget_beat
from jiesuan_services.supervisor.measuring import measure_requests, measure_tables
from jiesuan_services.supervisor.worker import HOUR, runs

ASK_SECONDS: Final = 10.0
STILL_SECONDS: Final = 30.0
"""How long what lies before a partition may wait without any of it being done."""
STANDS: Final = {
    "silent": "没有动静",
    "refused": "已拒绝运行",
    "waiting for Kafka": "连不上Kafka",
    "waiting for a topic": "主题读不了",
    "waiting for PostgreSQL": "连不上PostgreSQL",
    "not sealing": "不能封存",
    "ended": "已退出",
    "starting": "还没有报告",
}
"""The states in which a process does nothing, in plain words."""
SILENT_SO_FAR: Final = {"state": "starting"}


UNKEPT: Final = (
    "；不由jiesuan up看护：请重新启动它，或用jiesuan status --forget {}不再列出"
)
FORGETTABLE: Final = ("silent", "ended", "refused")


class NotForgotten(RuntimeError):
    """A process that is to be forgotten is there, or never was."""


def forget(data: Path, name: str) -> None:
    """Say no more of a process that is gone and that nobody keeps."""
    one = processes(data).get(name)
    if one is None:
        raise NotForgotten(f"没有名为{name}的进程，请用jiesuan status查看名称。")
    if one["restarts"] is not None:
        raise NotForgotten(f"{name}由看护进程看护，不能不列出：请用jiesuan down停止。")
    if one["state"] not in FORGETTABLE:
        raise NotForgotten(f"{name}仍在运行，请先结束它。")
    forget_beat(data / "beats", name)


def processes(data: Path) -> dict[str, dict[str, Any]]:
    """Say of every process what it says of itself, and what is known of its starts."""
    said, kept, now = beats(data / "beats"), runs(data / "processes"), time.time()
    found: dict[str, dict[str, Any]] = {}
    for name in sorted(said.keys() | kept.keys()):
        one = found[name] = dict(said.get(name, SILENT_SO_FAR))
        run = kept.get(name)
        if run is None:
            one.setdefault("restarts", None)
            if one["state"] == "silent" and not is_alive(one.get("said_by", 0)):
                one["state"] = "ended"
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
    said: dict[str, Any] = {"processes": found, "dead_letters": None, "warnings": []}
    if servers is not None and found:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                said["dead_letters"] = await measure_requests(found, servers.kafka)
                await measure_tables(found, servers.kafka, pg=servers.pg)
                too_long = await transactions_too_long(servers.kafka)
                said["warnings"] = [] if too_long is None else [too_long]
        except KafkaConnectionError:
            said["broker_error"] = f"{servers.kafka}没有应答"
        except (KafkaError, OSError, LogError) as away:
            said["broker_error"] = f"{type(away).__name__}: {away}"
    said["standing"] = standing(said)
    return said


def standing(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what stands: which process or partition, where, since when and why."""
    found: list[dict[str, Any]] = []
    if not said["processes"]:
        found.append({"process": None, "why": "没有进程在运行"})
    if "broker_error" in said:
        found.append({"process": None, "why": f"问不到Kafka：{said['broker_error']}"})
    for name, one in said["processes"].items():
        if one["state"] in STANDS:
            found.append({"process": name, **_stopped(name, one)})
        for place, reported in one.get("partitions", {}).items():
            why_not = _still(reported)
            if why_not is not None:
                found.append({"process": name, "partition": str(place), **why_not})
        for place, where in one.get("standing", {}).items():
            found.append({"process": name, "partition": place, **_halt(where)})
    return found


def _stopped(name: str, one: Mapping[str, Any]) -> dict[str, Any]:
    """Say why a process does nothing, and of one that nobody keeps what to do."""
    error = one.get("error") or one.get("last_error")
    why = STANDS[one["state"]] + (f"：{error}" if error else "")
    is_kept = one.get("restarts") is not None
    if not is_kept and one["state"] in FORGETTABLE:
        why += UNKEPT.format(name)
    quiet = one.get("silent_for")
    if quiet is None or (is_kept and one["state"] != "silent"):
        return {"why": why}
    return {"since": time.time() - quiet, "why": why}


def _halt(where: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "offset": where["offset"],
        "since": where["since"],
        "why": where["reason"],
    }


def _still(reported: Mapping[str, Any]) -> dict[str, Any] | None:
    """Say where it stands still and why; None if it moves or has nothing to do."""
    where = reported.get("standing")
    if where is not None:
        return _halt(where)
    moved = reported.get("moved_at")
    lag = reported.get("lag") or 0
    if moved is not None and lag and time.time() - moved > STILL_SECONDS:
        return {
            "offset": reported["requests"],
            "since": moved,
            "why": "有请求而没有办理",
        }
    waited = reported.get("lag_seconds") or 0
    if moved is None and lag and waited > STILL_SECONDS:
        return {"offset": reported.get("offset"), "why": f"落后{lag}条、{waited:.0f}秒"}
    return None
