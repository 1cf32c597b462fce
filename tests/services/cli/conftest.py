"""A small town's year, decided by the law in memory as if Kafka had carried it."""

from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from jiesuan_domain.in_force import InForce
from jiesuan_domain.policy.model import Packs
from jiesuan_events.words.topics import ANSWERS, LEDGER, REFERENCE, REQUESTS
from jiesuan_ledger.genesis import Ledger, genesis_record
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.handled import NewEntry, Registered, Repeated
from jiesuan_services.clerk.trial import MemoryPersons
from jiesuan_services.client.sending import to_record
from jiesuan_services.demo.living import Lived
from jiesuan_services.demo.town.overlay import write_overlay
from jiesuan_services.demo.town.year import TownYear, make_year
from jiesuan_services.demo.trouble import Forged
from jiesuan_services.intake.record import DeadLetter
from jiesuan_services.runtime.packs import load_packs


@dataclass(frozen=True, slots=True)
class TownInMemory:
    """A year that was lived in one partition of memory, and the law it was under."""

    lived: Lived
    log: MemoryLog
    packs: Packs
    kinds: dict[int, str]


@pytest.fixture(scope="session")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Packs:
    """The packs with the town's overlay."""
    folder: Path = tmp_path_factory.mktemp("packs")
    return load_packs(write_overlay(folder))


@pytest.fixture(scope="session")
def town(packs: Packs) -> TownInMemory:
    """One year in memory: answers, ledger and reference."""
    year = make_year(1, requests=1_500)
    log = MemoryLog()
    ledger = log.partitions[LEDGER, 0]
    ledger.append(genesis_record(Ledger("0" * 32, 1), "2022-01-01T00:00:00Z"))
    reference = log.partitions[REFERENCE, 0]
    for id_ in packs.ids():
        pack = packs.find(*id_.split("-"))
        assert pack is not None
        key = f"pack:{pack.sha256}".encode()
        reference.append(Record(key, pack.canonical, []))
    answers, kinds = _decide(year, log, packs=packs)
    begin = {(LEDGER, 0): 1, (ANSWERS, 0): 0}
    end = {(LEDGER, 0): len(ledger), (ANSWERS, 0): len(answers)}
    lived = Lived(
        year=year,
        answers=answers,
        bulk=len(answers),
        seconds=1.0,
        waits=[0.01, 0.02],
        poison=[],
        forged=Forged(0, len(ledger), year.protagonists[1], 9),
        begin=begin,
        end=end,
    )
    return TownInMemory(lived, log, packs, kinds)


def _decide(
    year: TownYear, log: MemoryLog, *, packs: Packs
) -> tuple[list[Record], dict[int, str]]:
    ledger, reference = log.partitions[LEDGER, 0], log.partitions[REFERENCE, 0]
    clerk = Clerk(
        in_force=InForce(packs, {}), persons=MemoryPersons(), partitions=1, writer="w"
    )
    answers: list[Record] = []
    kinds: dict[int, str] = {}
    for offset, one in enumerate(year.posted):
        record = to_record(one.message)
        incoming = Incoming(
            REQUESTS, 0, offset, record.key, record.value, record.headers
        )
        now = "2026-01-05T00:00:00.000+00:00"
        done = clerk.handle(incoming, ledger_offset=len(ledger), recorded_at=now)
        if isinstance(done, Repeated):
            at = done.seen.offset
            answer = clerk.answer_again(ledger[at], at)
        else:
            assert not isinstance(done, DeadLetter), orjson.dumps(one.message)
            answer = done.answer
        if isinstance(done, NewEntry):
            kinds[len(ledger)] = one.kind
            ledger.append(done.record())
        if isinstance(done, Registered):
            reference.append(done.reference)
        answers.append(answer.record(incoming.cause))
    return answers, kinds
