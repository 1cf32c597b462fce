"""A town on the log in memory: real clerk, real law, real store, one partition."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jiesuan_domain.in_force import InForce
from jiesuan_events.entries.entry import Entry, entry_headers
from jiesuan_events.words.topics import ANSWERS, DEAD_LETTERS, LEDGER, REQUESTS
from jiesuan_ledger.genesis import create_ledger
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.port import Log
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_services.audit.replay import facts
from jiesuan_services.client.sending import to_record
from jiesuan_services.decider.partition import PartitionDecider
from jiesuan_services.decider.store.cache import Store
from jiesuan_services.runtime.packs import load_packs
from jiesuan_services.runtime.reference import Reference

NOW = "2022-03-01T01:00:00.000+00:00"
HOSPITAL = "H42010090001"
MEDINS = f"/medins/{HOSPITAL}"
AGENCY = "/agency/429900"
PACKS = load_packs()


def message(type_: str, id_: str, data: dict[str, Any], **envelope: str) -> dict:
    """Make a request in structured mode."""
    return {
        "specversion": "1.0",
        "type": f"jiesuan.{type_}.v1",
        "source": AGENCY,
        "id": id_,
        "time": "2022-03-01T09:00:00+08:00",
        "subject": data.get("psn_no", data.get("fixmedins_code")),
        **envelope,
        "data": data,
    }


def institution(code: str = HOSPITAL) -> dict:
    """Register a hospital."""
    return message(
        "institution",
        f"I-{code}",
        {
            "fixmedins_code": code,
            "fixmedins_name": "测试机构",
            "admdvs": "420100",
            "fixmedins_type": "1",
            "dedc_hosp_lv": "1",
            "ministry_affiliated": False,
        },
    )


def enrol(person: str) -> dict:
    """Enrol a person for life."""
    data = {"psn_no": person, "insutype": "310", "psn_type": "11", "brdy": "1962-01-15"}
    return message(
        "enrol",
        f"E-{person}",
        {**data, "insuplc_admdvs": "429900", "begndate": "2020-01-01"},
    )


def settle(person: str, id_: str, *, fen: int = 100_000, at: str = HOSPITAL) -> dict:
    """Ask for an ordinary settlement of one line, all of it in scope."""
    line = {
        "feedetl_sn": "1",
        "fee_ocur_time": "2022-03-01T08:50:00+08:00",
        "med_list_codg": "X1",
        "pric": f"{fen // 100}.{fen % 100:02}",
        "cnt": "1",
        "det_item_fee_sumamt_fen": fen,
        "chrgitm_lv": "01",
    }
    data = {
        "psn_no": person,
        "fixmedins_code": at,
        "mdtrt_id": f"V-{id_}",
        "insutype": "310",
        "med_type": "11",
        "mdtrtarea_admvs": "420100",
        "insuplc_admdvs": "429900",
        "medfee_sumamt_fen": fen,
        "acct_used_flag": "0",
        "feedetail": [line],
    }
    return message("settle", id_, data, source=f"/medins/{at}")


def refund(person: str, id_: str, *, of: str) -> dict:
    """Ask to refund the settlement that the sender calls ``of``."""
    data = {"psn_no": person, "fixmedins_code": HOSPITAL, "medins_setl_id": of}
    return message("refund", id_, data, source=MEDINS)


@dataclass
class Town:
    """One partition of a ledger; deciders may come and go."""

    folder: Path
    log: MemoryLog = field(default_factory=MemoryLog)
    stores: list[Store] = field(default_factory=list)

    async def found(self) -> None:
        """Write the ledger's first record."""
        await create_ledger(self.log, partitions=1, created_at=NOW)

    def ask(self, *messages: dict) -> None:
        """Put requests into the log."""
        self.put(*(to_record(one) for one in messages))

    def put(self, *records: Record) -> None:
        """Put any records into the requests."""
        self.log.partitions[REQUESTS, 0].extend(records)

    async def decider(
        self, name: str = "a", *, log: Log | None = None, now: str = NOW
    ) -> PartitionDecider:
        """Start a decider of the partition on a store of its own name."""
        source = log or self.log
        store = Store(self.folder / name)
        self.stores.append(store)
        in_force = InForce(PACKS, {})
        reference = Reference(source, in_force, partitions=1)
        await reference.catch_up()
        decider = PartitionDecider(
            0,
            log_=source,
            requests=source,
            store=store,
            in_force=in_force,
            reference=reference,
            partitions=1,
            writer=name,
            now=lambda: now,
        )
        await decider.start()
        return decider

    async def decide(self, *, name: str = "a", at_once: int = 100) -> PartitionDecider:
        """Decide everything there is with a new decider, which then stops."""
        decider = await self.decider(name)
        await self.run(decider, at_once=at_once)
        self.close()
        return decider

    async def run(
        self, *deciders: PartitionDecider, at_once: int = 100, until: int | None = None
    ) -> None:
        """Let deciders decide what there is, or is to come, side by side."""
        end = len(self.log.partitions[REQUESTS, 0]) if until is None else until
        async with asyncio.timeout(60):
            await asyncio.gather(
                *(self._feed(decider, at_once, end) for decider in deciders)
            )

    async def _feed(self, decider: PartitionDecider, at_once: int, end: int) -> None:
        finishing = asyncio.create_task(decider.finish())
        feeding = asyncio.create_task(self._offer(decider, at_once, end))
        await asyncio.wait([finishing, feeding], return_when=asyncio.FIRST_COMPLETED)
        for task in (feeding, finishing):
            task.cancel()
        for task in (finishing, feeding):
            with suppress(asyncio.CancelledError):
                await task

    async def _offer(self, decider: PartitionDecider, at_once: int, end: int) -> None:
        """Offer what is next until all is finished, as the process does."""
        while True:
            if decider.must_rewind:
                decider.rewound()
            at = decider.position
            there = len(self.log.partitions[REQUESTS, 0])
            stop = max(at, min(end, there, at + at_once))
            await decider.take(self.incoming(at, stop))
            decider.passed(stop)
            await asyncio.sleep(0)
            if decider.position >= end and not decider.must_rewind and is_idle(decider):
                return

    def incoming(self, start: int, stop: int) -> list[Incoming]:
        """Read requests as a process would."""
        records = self.log.partitions[REQUESTS, 0]
        return [
            Incoming(
                REQUESTS,
                0,
                at,
                records[at].key,
                records[at].value,
                records[at].headers,
            )
            for at in range(start, stop)
        ]

    def close(self) -> None:
        """Close the stores, as the end of their processes does."""
        while self.stores:
            self.stores.pop().close()

    def entries(self) -> list[Record]:
        """List the ledger without its first record."""
        return self.log.partitions[LEDGER, 0][1:]

    def answers(self) -> list[Record]:
        """List the answers."""
        return self.log.partitions[ANSWERS, 0]

    def outcomes(self) -> list[str]:
        """Return each answer in a word: its outcome, or its first refusal."""
        return [said(answer) for answer in self.answers()]

    def causes(self) -> list[int]:
        """Return the offsets of the requests that were answered, in order."""
        return [cause_of(answer) for answer in self.answers()]

    def dead_letters(self) -> list[Record]:
        """List the dead letters."""
        return self.log.partitions[DEAD_LETTERS, 0]

    async def names(self) -> Counter[tuple[str, str]]:
        """Count how often each request name was entered, forks aside."""
        bodies = [
            json.loads(line)["data"] async for line in facts(self.log, partitions=1)
        ]
        return Counter((body["request_source"], body["request_id"]) for body in bodies)

    def forge(self, entry: Entry, **headers: bytes | None) -> None:
        """Append an entry as a rogue writer would, with headers changed at will."""
        made: dict[str, Any] = dict(entry_headers(entry, entry.hash))
        made.update(headers)
        self.log.partitions[LEDGER, 0].append(
            Record(entry.person_id.encode(), entry.value, list(made.items()))
        )


def is_idle(decider: PartitionDecider) -> bool:
    """Whether everything taken was answered."""
    return decider.in_flight == 0


def said(answer: Record) -> str:
    """Return an answer in a word."""
    data = json.loads(answer.value)
    if data["outcome"] == "refused":
        return str(data["refusals"][0]["code"])
    return str(data["outcome"])


def cause_of(record: Record) -> int:
    """Return the offset of the request that a record answers."""
    return int(dict(record.headers)["cause"].rsplit(b"/", 1)[-1])


def bytes_of(records: Sequence[Record]) -> list[tuple[bytes | None, bytes, list]]:
    """Return records as comparable values."""
    return [(one.key, one.value, one.headers) for one in records]


@pytest.fixture
async def town(tmp_path: Path) -> Any:
    """A town with a ledger and one hospital."""
    town = Town(tmp_path)
    await town.found()
    town.ask(institution())
    yield town
    town.close()


@pytest.fixture
def ask() -> SimpleNamespace:
    """Makers of requests, by name."""
    return SimpleNamespace(
        institution=institution, enrol=enrol, settle=settle, refund=refund
    )
