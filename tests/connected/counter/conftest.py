"""A counter on real parts: decider, projector and gateways as processes."""

import asyncio
import base64
import http.client
import itertools
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.connected.conftest import until
from tests.connected.counter.past import bill, entered, last_month

from jiesuan_embedded import Machine
from jiesuan_embedded.ports import answers, free_port
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.instants import BEIJING
from jiesuan_events.words.topics import LEDGER, LOOKS
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions, make_producer
from jiesuan_services.client.sending import Sender
from jiesuan_services.demo.counter.his import PATH, Till
from jiesuan_services.gateway.access.registry import Client, hash_secret, register
from jiesuan_services.gateway.store.database import open_pool
from jiesuan_services.gateway.vault.identities import Vault
from jiesuan_services.gateway.vault.keys import MasterKey
from jiesuan_services.gateway.vault.loading import load
from jiesuan_services.runtime.packs import load_packs
from jiesuan_services.supervisor.stack import prepare

HOSPITAL = "H42010000001"
OTHER = "H42010000002"
THIRD = "H42010000003"
"""Where one test alone settles: its day is counted."""
CLEARED = "H42010000004"
"""Where persons were treated last month: its months are cleared."""
SECURED = "H42010000005"
"""Which shows a certificate."""
PHARMACY = "P42010000001"
EVERYWHERE = (HOSPITAL, OTHER, THIRD, CLEARED, SECURED, PHARMACY)
REGION = "420100"
CLIENT = "0123456789abcdef"
AGENCY = "/agency/429900"
TREATED = ("P6001", "P6002", "P6003", "P6004")
"""Of whom the last has a chronic disease."""
SIGN_IN = {"signIn": {"opter_no": "1"}}
CHRONIC = {"med_type": "14", "dise_codg": "M01600"}
KEY = bytes(range(32))
ENROLLED = """
SELECT count(DISTINCT psn_no) FROM enrolment WHERE psn_no = ANY($1::text[])
"""
PLACES = "SELECT count(*) FROM place WHERE fixmedins_code = ANY($1::text[])"
FAULTS = ("Traceback", "message.failed")
"""What a gateway's log says where something went wrong of its own fault."""
HEAD = "psn_no,psn_cert_type,certno,card_no,psn_name,gend,naty,brdy,balc,emp_name"


def message(type_: str, id_: str, data: dict[str, Any], *, subject: str) -> dict:
    """Make an agency's request."""
    return {
        "specversion": "1.0",
        "type": f"jiesuan.{type_}.v1",
        "source": AGENCY,
        "id": id_,
        "time": "2022-01-01T09:00:00+08:00",
        "subject": subject,
        "data": data,
    }


def places() -> list[dict]:
    """Register two hospitals, a pharmacy and a small catalogue."""
    made = []
    for code in EVERYWHERE:
        data = {
            "fixmedins_code": code,
            "fixmedins_name": "示例机构",
            "admdvs": REGION,
            "fixmedins_type": "2" if code == PHARMACY else "1",
            "dedc_hosp_lv": "2",
            "ministry_affiliated": False,
            # The public lists what is opened; of these one is, the others are not.
            "outpatient_opened": code == HOSPITAL,
        }
        made.append(message("institution", f"I-{code}", data, subject=code))
    for code, level, more in (
        ("XA", "01", {}),
        ("XB", "02", {"pric_uplmt_amt": "10.00"}),
    ):
        data = {
            "admdvs": "420000",
            "med_list_codg": code,
            "chrgitm_lv": level,
            "med_chrgitm_type": "09",
            "begndate": "2022-01-01",
            **more,
        }
        made.append(message("catalogue", f"C-{code}", data, subject=code))
    return made


def person(psn_no: str) -> list[dict]:
    """Enrol a person, and file his stay in the city."""
    shared = {"psn_no": psn_no, "insutype": "310", "begndate": "2020-01-01"}
    enrol = {"psn_type": "11", "insuplc_admdvs": "429900", "brdy": "1980-01-01"}
    filed = {"filing_type": "long-term-resident", "rloc_admdvs": REGION}
    return [
        message("enrol", f"E-{psn_no}", {**shared, **enrol}, subject=psn_no),
        message("file", f"F-{psn_no}", {**shared, **filed}, subject=psn_no),
    ]


def qualified(psn_no: str, on: date) -> dict:
    """File a person's chronic disease."""
    data = {"psn_no": psn_no, "insutype": "310", "begndate": on.isoformat()}
    data["opsp_dise_code"] = CHRONIC["dise_codg"]
    return message("qualify", f"Q-{psn_no}", data, subject=psn_no)


def past() -> list[dict]:
    """Treat some persons last month."""
    begin = last_month(datetime.now(BEIJING).date())
    place = next(one for one in places() if one["subject"] == CLEARED)
    asked = [place, *(one for psn_no in TREATED for one in person(psn_no))]
    asked.append(qualified(TREATED[-1], begin))
    for day, psn_no in enumerate(TREATED, 1):
        on, fen = begin.replace(day=day), 10_000 * day
        kind = CHRONIC if psn_no == TREATED[-1] else {}
        asked.append(bill(psn_no, place=place["data"], fen=fen, on=on, **kind))
    return asked


def certno(psn_no: str) -> str:
    """Return the invented number of a person's certificate."""
    return f"99000019800101{psn_no[-4:]}"


def secret_name(psn_no: str) -> str:
    """Return the invented name of a person."""
    return f"隐名{psn_no[-4:]}"


class CountingTill(Till):
    """A till that never gives a name twice, as four digits by chance may do."""

    numbers = itertools.count()

    def name(self) -> str:
        """Return the next name."""
        return f"{self.fixmedins_code}{next(self.numbers):018}"


@dataclass
class Site:
    """What runs, and how to come in."""

    machine: Machine
    folder: Path
    processes: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    async def start(self, name: str, **settings: str) -> None:
        """Start a process and, if it is a gateway, wait until it serves."""
        kind = name.partition("-")[0]
        env = {
            **os.environ,
            "JIESUAN_KAFKA": self.machine.servers.kafka,
            "JIESUAN_PG": self.machine.servers.pg,
            "JIESUAN_DATA": str(self.folder / "data"),
            "JIESUAN_VAULT_KEY": base64.b64encode(KEY).decode(),
            # One institution sends in a minute here what others send in days.
            "JIESUAN_GATEWAY_BURST": "1000000",
            **settings,
        }
        if kind == "gateway":
            port = self.ports.setdefault(name, free_port(set(self.ports.values())))
            env["JIESUAN_GATEWAY"] = f"127.0.0.1:{port}"
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "jiesuan_services", kind),
                env=env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if kind == "gateway":
            await self.serving(name)

    async def serving(self, name: str) -> None:
        """Wait until a gateway answers."""
        process = self.processes[name]
        async with asyncio.timeout(180):
            # Another process: there is no event to wait for.
            while not answers(self.ports[name]):
                said = (self.folder / f"{name}.log").read_text()[-2_000:]
                assert process.returncode is None, said
                await asyncio.sleep(0.1)

    async def kill(self, name: str) -> None:
        """kill -9."""
        self.processes[name].kill()
        await self.processes[name].wait()

    def till(self, name: str = "gateway-a", *, code: str = HOSPITAL) -> Till:
        """Open a till of an institution at a gateway."""
        id_ = CLIENT if code == HOSPITAL else code
        address = f"127.0.0.1:{self.ports[name]}"
        return CountingTill(address, code, REGION, id_, "s3cret", "u1", "pw")

    async def submit(self, messages: list[dict]) -> list[Any]:
        """Send agencies' requests and wait for their answers."""
        kafka = self.machine.servers.kafka
        log = KafkaLog(kafka, producer=make_producer(kafka))
        await log.start()
        try:
            sender = Sender(
                log,
                partitions=await count_partitions(kafka),
                progress=lambda done, total: None,
            )
            return await sender.send(messages)
        finally:
            await log.stop()

    async def enter(self, messages: list[dict]) -> None:
        """Put entries into the ledger as they were made at the time of each."""
        kafka = self.machine.servers.kafka
        log = KafkaLog(kafka, producer=make_producer(kafka))
        await log.start()
        try:
            partitions = await count_partitions(kafka)
            packs = load_packs()
            for psn_no, record in entered(messages, packs=packs, partitions=partitions):
                place = partition_of(psn_no, partitions)
                await (await log.append(LEDGER, place, [record])).done()
        finally:
            await log.stop()

    async def admit(self, persons: list[str], *, balance: str = "500.00") -> None:
        """Enrol persons and load who they are."""
        await self.submit([one for psn_no in persons for one in person(psn_no)])
        lines = [HEAD]
        for psn_no in persons:
            number, name = certno(psn_no), secret_name(psn_no)
            lines.append(
                f"{psn_no},01,{number},K{number},{name},1,01,1980-01-01,{balance},示例单位"
            )
        pool = await open_pool(self.machine.servers.pg)
        async with pool.acquire() as on:
            await load(on, Vault(MasterKey(KEY)), lines=lines)
        await pool.close()
        await self.known(ENROLLED, persons)

    async def known(self, counted: str, names: list[str]) -> None:
        """Wait until a table has what was announced."""
        pool = await open_pool(self.machine.servers.pg)

        async def all_there() -> bool:
            return await pool.fetchval(counted, names) == len(names)  # type: ignore[no-any-return]

        await until(all_there, seconds=120)
        await pool.close()

    async def register(self, client: Client) -> None:
        """Register how an institution comes in."""
        pool = await open_pool(self.machine.servers.pg)
        await register(pool, client)
        await pool.close()

    async def looks(self) -> list[bytes]:
        """Read who looked at whom."""
        log = KafkaLog(self.machine.servers.kafka, producer=None)
        await log.start()
        try:
            end = await log.end_offset(LOOKS, 0)
            read = log.read(LOOKS, 0, start=0, stop=end)
            return [one.record.value async for batch in read for one in batch]
        finally:
            await log.stop()


def by_token(code: str) -> Client:
    """Return an institution as it is registered for every test."""
    return Client(
        fixmedins_code=code,
        transport="token",
        client_id=CLIENT if code == HOSPITAL else code,
        secret_hash=hash_secret("s3cret"),
        username="u1",
        password_hash=hash_secret("pw"),
    )


@pytest.fixture(scope="session")
def site_folder() -> Iterator[Path]:
    """A folder for servers and processes."""
    with tempfile.TemporaryDirectory(prefix="jsn-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
async def site(site_folder: Path) -> AsyncIterator[Site]:
    """A counter with two gateways, open."""
    machine = Machine(site_folder / "machine")
    await asyncio.to_thread(machine.start)
    site = Site(machine, site_folder)
    try:
        await asyncio.to_thread(asyncio.run, prepare(machine.servers))
        await site.enter(past())
        for name in ("decider", "projector", "clearer", "gateway-a", "gateway-b"):
            await site.start(name)
        await site.submit(places())
        for code in EVERYWHERE:
            await site.register(by_token(code))
        await site.known(PLACES, list(EVERYWHERE))
        yield site
    finally:
        for process in site.processes.values():
            if process.returncode is None:
                process.kill()
            await process.wait()
        await asyncio.to_thread(machine.stop)


def post(
    site: Site, body: bytes, *, path: str = PATH, **headers: str
) -> tuple[int, dict[str, Any]]:
    """Send any bytes, and read status and reply."""
    link = http.client.HTTPConnection("127.0.0.1", site.ports["gateway-a"], timeout=30)
    try:
        link.request("POST", path, body, headers)
        reply = link.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        link.close()


@pytest.fixture
def bearer(site: Site) -> str:
    """A token of the hospital's."""
    return f"Bearer {site.till().log_in()}"
