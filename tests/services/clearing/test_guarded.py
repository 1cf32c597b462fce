"""What fails in clearing is set aside, what does not read is waited for."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.connected.life import message
from tests.services.clearing.conftest import FaultyLog, Served

from jiesuan_events.words.topics import ANSWERS, CLEARING, CLEARING_REQUESTS, LEDGER
from jiesuan_ledger.log import failures
from jiesuan_ledger.log.memory import MemoryPending
from jiesuan_ledger.log.port import LogError, Parcel, Stored
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_services.clearing.serving import guarded
from jiesuan_services.clearing.serving.guarded import GuardedClearing


class Broken(FaultyLog):
    """A log that gives nothing of a partition, and takes no answer to one request."""

    def __init__(self) -> None:
        super().__init__()
        self.unreadable: set[tuple[str, int]] = set()
        self.unanswerable = b"nothing"
        self.tries = 0

    async def read(
        self, topic: str, partition: int, **span: Any
    ) -> AsyncIterator[Sequence[Stored]]:
        """Read, unless what is there cannot be."""
        if (topic, partition) in self.unreadable and span["start"] < span["stop"]:
            self.tries += 1
            raise LogError(f"{topic}/{partition}停在偏移{span['start']}：broken")
        async for batch in super().read(topic, partition, **span):
            yield batch

    async def append(
        self, topic: str, partition: int, records: Sequence[Record] | Parcel
    ) -> MemoryPending:
        """Write, unless it is the answer that cannot be written."""
        assert isinstance(records, Sequence)
        if topic == ANSWERS and ("cause", self.unanswerable) in records[0].headers:
            self.tries += 1
            raise ValueError("no such answer")
        return await super().append(topic, partition, records)


def quota(number: int) -> dict[str, Any]:
    """Ask for a quota."""
    data = {
        "mdtrtarea_admvs": "990100",
        "insuplc_admdvs": "990200",
        "insutype": "310",
        "year": "2022",
        "quota_fen": number,
        "basis": "annual",
    }
    made = message(
        "prepay.quota",
        f"Q{number}",
        {**data, "fixmedins_code": "990100"},
        source="/agency/990200",
    )
    return {**made, "data": data}


def draw() -> dict[str, Any]:
    """Ask for a draw."""
    data = {"mdtrtarea_admvs": "990100", "clr_ym": "202202"}
    made = message(
        "clearing.draw", "D1", {**data, "fixmedins_code": "x"}, source="/agency/990100"
    )
    return {**made, "subject": "990100", "data": data}


@pytest.fixture
async def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A server over a log that may break."""
    monkeypatch.setattr(failures, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(guarded, "TRY_AGAIN_SECONDS", 0.0)
    made = Served(tmp_path / "store", Broken())
    await made.begin()
    return made


async def serve(served: Served, one: GuardedClearing) -> None:
    """Serve as the process does: followed first, and back to where it must."""
    requests = served.log.partitions[CLEARING_REQUESTS, 0]
    await one.follow()
    while one.server.is_serving and one.server.position < len(requests):
        at = one.server.position
        record = requests[at]
        place = (CLEARING_REQUESTS, 0, at)
        await one.serve(Incoming(*place, record.key, record.value, record.headers))


async def test_a_partition_of_the_ledger_that_does_not_read_is_waited_for(
    broken: Served,
) -> None:
    """It is named; quotas are set, and a draw says it waits until it reads again."""
    assert isinstance(broken.log, Broken)
    one = GuardedClearing(broken.server)
    await broken.log.append(LEDGER, 0, [Record(b"x", b"{}", [])])
    broken.log.unreadable.add((LEDGER, 0))
    for asked in (quota(3), draw(), quota(4)):
        await broken.ask(asked)
    await serve(broken, one)
    await one.follow()
    ((partition, waits),) = one.standing().items()
    assert (partition, waits.offset) == (f"{LEDGER}/0", 1)
    assert waits.reason == f"LogError: {LEDGER}/0停在偏移1：broken"
    said = [answers[0] for answers in broken.answers().values()]
    assert [each["outcome"] for each in said] == ["decided", "refused", "decided"]
    assert said[1]["refusals"][0]["code"] == "not-yet-readable"
    broken.log.unreadable.clear()
    await broken.ask(draw())
    await serve(broken, one)
    assert one.standing() == {}
    ((again, *_),) = [found for at, found in broken.answers().items() if at == 3]
    assert again["refusals"][0]["code"] == "nothing-to-draw"


async def test_a_partition_that_does_not_read_is_left_alone_for_a_while(
    broken: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two tries it is not asked for: requests do not wait for its broker."""
    assert isinstance(broken.log, Broken)
    monkeypatch.setattr(guarded, "TRY_AGAIN_SECONDS", 3600.0)
    one = GuardedClearing(broken.server)
    await broken.log.append(LEDGER, 0, [Record(b"x", b"{}", [])])
    broken.log.unreadable.add((LEDGER, 0))
    for _ in range(3):
        await one.follow()
    assert broken.log.tries == 1


async def test_a_request_that_fails_three_times_stops_the_requests_alone(
    broken: Served,
) -> None:
    """Those before it have their answers, it is named, and the ledger is followed."""
    assert isinstance(broken.log, Broken)
    one = GuardedClearing(broken.server)
    broken.log.unanswerable = f"{CLEARING_REQUESTS}/0/1".encode()
    for number in (3, 4, 5):
        await broken.ask(quota(number))
    await serve(broken, one)
    assert broken.log.tries == 3
    ((partition, aside),) = one.standing().items()
    assert (partition, aside.offset) == (f"{CLEARING_REQUESTS}/0", 1)
    assert aside.reason == "ValueError: no such answer"
    assert sorted(broken.answers()) == [0]
    await broken.log.append(LEDGER, 0, [Record(b"x", b"{}", [])])
    await one.follow()
    assert (one.server.rows.next, one.server.strangers) == ([2], 1)
    broken.log.unanswerable = b"nothing"
    await broken.start()
    await serve(broken, GuardedClearing(broken.server))
    assert {at: len(found) for at, found in broken.answers().items()} == {
        0: 1,
        1: 1,
        2: 1,
    }


@pytest.mark.parametrize("topic", [ANSWERS, CLEARING, LEDGER])
async def test_what_a_start_cannot_do_without_is_the_process_s(
    broken: Served, topic: str
) -> None:
    """Where answers, entries or a genesis do not read the start says so, to wait."""
    assert isinstance(broken.log, Broken)
    await broken.ask(quota(3))
    await serve(broken, GuardedClearing(broken.server))
    broken.log.unreadable.add((topic, 0))
    broken.store.clear()
    one = GuardedClearing(broken.server)
    with pytest.raises(LogError, match="broken"):
        await one.start()
    broken.log.unreadable.clear()
    await one.start()
    assert (one.server.position, one.standing()) == (1, {})
