"""Runs: what is decided side by side comes out as if it were one after the other."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.person import settled
from jiesuan_events.words.topics import DEAD_LETTERS, LEDGER
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_services.clerk.runs import ReadRecord, is_of_person, runs
from jiesuan_services.client.sending import to_record
from jiesuan_services.demo.town.year import make_year
from jiesuan_services.intake.read import read_line
from jiesuan_services.intake.record import DeadLetter, Read

REQUESTS = 1_200
PEOPLE = ("P1", "P2", "P3")


def day() -> list[Record]:
    """Make a town's requests in order, with repeats, conflicts and poison between."""
    chance = random.Random(16)
    asked = [one.message for one in make_year(16, requests=REQUESTS).posted]
    records: list[Record] = []
    for at, message in enumerate(asked):
        records.append(to_record(message))
        former = asked[chance.randrange(max(0, at - 40), at + 1)]
        kind = chance.random()
        if kind < 0.1:
            records.append(to_record(former))
        elif kind < 0.15:
            other = {**former["data"], "mdtrt_id": "another"}
            records.append(to_record({**former, "data": other}))
        elif kind < 0.2:
            spoiled = to_record(former)
            spoiled.value = (spoiled.value or b"")[: chance.randrange(40)]
            records.append(spoiled)
        elif kind < 0.25:
            records += [
                to_record({**former, "id": f"{former['id']}-{n}"}) for n in range(3)
            ]
    return records


async def written(
    town: Any, folder: Path, records: list[Record], *, at_once: int
) -> dict[str, Any]:
    """Return all that is written when so many requests are taken at once."""
    other = type(town)(folder / f"{at_once}")
    await other.found()
    genesis = len(other.log.partitions[LEDGER, 0])
    other.put(*records)
    await other.decide(at_once=at_once)
    found = {
        topic: list(written) for (topic, _), written in other.log.partitions.items()
    }
    found[LEDGER] = found[LEDGER][genesis:]  # of an id of its own
    return {
        topic: [(one.key, one.value, one.headers) for one in written]
        for topic, written in found.items()
    }


async def test_a_batch_comes_out_as_its_requests_one_by_one(
    town: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day's entries, answers, dead letters and registrations are the same bytes."""
    records = day()
    monkeypatch.setattr(settled, "CHUNK", 3)  # so that chunks are written and read
    one_by_one = await written(town, tmp_path, records, at_once=1)
    for at_once in (7, 400):
        assert one_by_one == await written(town, tmp_path, records, at_once=at_once)
    assert len(one_by_one[LEDGER]) > REQUESTS / 2
    assert len(one_by_one[DEAD_LETTERS]) > REQUESTS / 50


def asked(message: dict[str, Any]) -> Asked:
    """Read a request."""
    read = read_line(json.dumps(message))
    assert isinstance(read, Asked)
    return read


NOTHING = Incoming("jiesuan.requests", 0, 0, None, None, [])
KINDS = st.sampled_from((*PEOPLE, "hospital", "nothing"))


@given(kinds=st.lists(KINDS, max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_run_has_nobody_twice_and_registers_alone(ask: Any, kinds: list[str]) -> None:
    """All records stand in the runs in order, and none changes what another asks."""
    made: dict[str, Read] = {one: asked(ask.enrol(one)) for one in PEOPLE}
    made["hospital"] = asked(ask.institution())
    made["nothing"] = DeadLetter("bad-headers")
    records = [ReadRecord(NOTHING, made[kind]) for kind in kinds]
    cut = list(runs(records))
    assert [one for run in cut for one in run] == records
    for run in cut:
        people = [one.read.person_id for one in run if is_of_person(one.read)]
        assert len(people) == len(set(people))
        registered = [one for one in run if isinstance(one.read, Asked)]
        assert len(run) == 1 or len(registered) == len(people)
