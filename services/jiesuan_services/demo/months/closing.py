"""The months on real parts: the past imported, what is open closed by requests."""

import asyncio
import json
import shutil
import sys
from dataclasses import asdict, replace
from typing import Any, Final

import orjson

from jiesuan_cluster.topics import provision
from jiesuan_domain.policy.model import Packs
from jiesuan_embedded import Machine, Servers
from jiesuan_events.words.instants import moment
from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_ledger.log.kafka import KafkaLog, make_producer
from jiesuan_projections import connect
from jiesuan_services.audit.export.check import check_export
from jiesuan_services.audit.export.of_trial import TrialLedger
from jiesuan_services.audit.export.read import SealedExport, open_export
from jiesuan_services.audit.export.restore import restore_export
from jiesuan_services.audit.sealing.process import imported_folder
from jiesuan_services.audit.tree.notes.keys import read_verifier_key
from jiesuan_services.cli.console import write_whole
from jiesuan_services.client.sending import Sender
from jiesuan_services.demo.claims import without_place
from jiesuan_services.demo.looking import catch_up
from jiesuan_services.demo.months.claims import Tables, claims_of
from jiesuan_services.demo.months.regions import write_packs
from jiesuan_services.demo.months.story import ThreeMonths, three_months
from jiesuan_services.runtime.bootstrap import Settings, environment_for, now, packs_of
from jiesuan_services.supervisor.stack import prepare
from jiesuan_services.supervisor.worker import Worker

PROCESSES: Final = "processes"
CLOSED: Final = "closed.json"
"""Lies beside months that were closed: a later demo shows them as they were."""
Json = dict[str, Any]


def close_months(settings: Settings) -> Json:
    """Import the months into a ledger of their own, close them, look, stop it all."""
    data = settings.data / "months"
    if (data / CLOSED).exists():
        shown: Json = json.loads((data / CLOSED).read_text("utf-8"))
        return {**shown, "claims": []}
    packs = write_packs(settings.data / "months-packs")
    own = replace(settings, data=data, packs=packs, kafka=None, pg=None)
    machine = Machine(data)
    machine.stop()
    shutil.rmtree(data, ignore_errors=True)
    (data / PROCESSES).mkdir(parents=True)
    try:
        shown = asyncio.run(_live(own, machine.start()))
    finally:
        machine.stop()
    claims = shown.pop("claims")
    write_whole(data / CLOSED, json.dumps(shown, ensure_ascii=False))
    return {**shown, "claims": claims}


async def _live(own: Settings, servers: Servers) -> Json:
    """Import what is past, close what is open, by the processes of `jiesuan up`."""
    packs = packs_of(own)
    kept = TrialLedger()
    story = three_months(moment(now()), packs, keep=kept.keep)
    export = await asyncio.to_thread(_exported, own, kept, packs=packs)
    log = KafkaLog(servers.kafka, producer=make_producer(servers.kafka))
    await log.start()
    stop = asyncio.Event()
    try:
        await provision(servers.kafka, partitions=export.manifest.partitions)
        await restore_export(log, export)
        await prepare(servers)
        keeping = [
            asyncio.create_task(one.keep(own.data / PROCESSES, stop))
            for one in _workers(own, servers)
        ]
        shown = await _close(story, servers, log=log)
        stop.set()
        await asyncio.gather(*keeping)
    finally:
        stop.set()
        await log.stop()
    return {**shown, "months": list(story.months), "data": str(own.data)}


def _exported(own: Settings, kept: TrialLedger, *, packs: Packs) -> SealedExport:
    """Write what is past as an export, and read it as `jiesuan import` does."""
    folder = imported_folder(own)
    key = kept.export(folder, packs)
    export = open_export(folder, read_verifier_key(key))
    check_export(export)
    return export


def _workers(own: Settings, servers: Servers) -> list[Worker]:
    env = environment_for(
        JIESUAN_KAFKA=servers.kafka,
        JIESUAN_PG=servers.pg,
        JIESUAN_DATA=str(own.data),
        JIESUAN_PACKS=str(own.packs),
    )
    base = [sys.executable, "-m", "jiesuan_services"]
    return [Worker(name, [*base, name], env=env) for name in ("clearer", "projector")]


async def _close(story: ThreeMonths, servers: Servers, *, log: KafkaLog) -> Json:
    sender = Sender(log, partitions=1, progress=lambda done, of: None)
    answers = await sender.send(story.live)
    ends = {(one, 0): await log.end_offset(one, 0) for one in (CLEARING, LEDGER)}
    said = [without_place(orjson.loads(one.value or b"")) for one in answers]
    wanted = [without_place(one) for one in story.answers]
    connection = await connect(servers.pg)
    try:
        await catch_up(connection, ends)
        tables = await _tables(connection, story)
    finally:
        await connection.close()
    unlike = sum(mine != theirs for mine, theirs in zip(said, wanted, strict=True))
    found = claims_of(story, tables, unlike=unlike)
    return {
        "owed": tables.owed,
        "balance": tables.balance,
        "statements": len(tables.statements),
        "closed": len(story.live),
        "claims": [asdict(one) for one in found],
    }


async def _tables(connection: Any, story: ThreeMonths) -> Tables:
    from jiesuan_projections.read_models.clearing import queries

    months = list(story.months)
    found = [await queries.of_month(connection, month) for month in months]
    return Tables(
        [one for of_month in found for one in of_month],
        await queries.owed(connection, months),
        await queries.balance(connection, months),
        await queries.unbalanced(connection),
    )
