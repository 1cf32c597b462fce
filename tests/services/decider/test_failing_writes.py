"""Every single write fails once, at every record: nothing is lost, nothing doubled."""

import re
import shutil
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from jiesuan_events.words.topics import ANSWERS, DEAD_LETTERS, LEDGER, REFERENCE
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.port import Pending
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.verifying.verify import verify_log
from jiesuan_services.client.sending import to_record
from jiesuan_services.decider.store.cache import Store

WRITTEN = (LEDGER, ANSWERS, REFERENCE, DEAD_LETTERS)
COMMIT = "commit"
PLACE = re.compile(rb'"offset":[0-9]+')


class WriteFailed(Exception):
    """One write did not come through, and its process ends."""


class FailingLog(MemoryLog):
    """The log in memory, of which the n-th record of one topic fails once.

    It fails ``before`` it is written, ``after`` it was (its acknowledgement is lost),
    or as a ``hole``: what was sent behind it arrives.
    """

    def __init__(self, shared: MemoryLog, *, topic: str, at: int, how: str) -> None:
        self.partitions = shared.partitions
        self._topic, self._left, self._how = topic, at, how

    async def append(self, topic: str, partition: int, records: Any) -> Pending:
        """Write, unless the record that fails is among these."""
        if topic != self._topic or len(records) <= self._left:
            self._left -= len(records) if topic == self._topic else 0
            return await super().append(topic, partition, records)
        fails = self._left
        stop = fails + (self._how == "after")
        rest = records[fails + 1 :] if self._how == "hole" else []
        await super().append(topic, partition, [*records[:stop], *rest])
        raise WriteFailed


def mixed(ask: Any) -> list[Record]:
    """Make one batch of everything that a decider can be asked, good and bad."""
    first = ask.settle("P1", "S0")
    quote = ask.settle("P2", "Q0") | {"type": "jiesuan.quote.v1"}
    no_json, nameless, malformed = (to_record(first) for _ in range(3))
    no_json.value = b'{"psn_no":'
    nameless.headers = [("ce_type", b"\xff")]
    malformed.value = (malformed.value or b"").replace(b'"feedetail"', b'"feedetall"')
    asked = [
        ask.settle("P1", "T0"),
        ask.enrol("P1"),
        ask.enrol("P2"),
        first,
        no_json,
        ask.settle("P2", "S1", fen=20_000),
        first,
        quote,
        nameless,
        ask.refund("P1", "R-none", of="nothing"),
        ask.settle("P1", "S2", fen=30_000),
        ask.refund("P1", "R0", of="S0"),
        malformed,
        ask.institution("H42010090002"),
        ask.refund("P1", "R2", of="S2"),
        first | {"data": first["data"] | {"mdtrt_id": "another"}},
        nameless,
        ask.refund("P1", "R0", of="S0"),
        ask.settle("P2", "S3", at="H42010090002"),
        ask.settle("P1", "S2", fen=30_000),
    ]
    return [one if isinstance(one, Record) else to_record(one) for one in asked]


async def decided(town: Any, *, at_once: int) -> None:
    """Decide what there is with nothing failing any more, twice started."""
    await town.decide(at_once=at_once)
    await town.decide(at_once=at_once)


def answered(town: Any, *, places: bool) -> dict[int, list[tuple[bytes | None, bytes]]]:
    """Return what was answered, by request; where entries stand if it is to count."""
    found: dict[int, list[tuple[bytes | None, bytes]]] = {}
    for cause, answer in zip(town.causes(), town.answers(), strict=True):
        said = answer.value if places else PLACE.sub(b"", answer.value)
        found.setdefault(cause, []).append((answer.key, said))
    return found


async def accepted(town: Any) -> Counter[tuple[str, str]]:
    """Return what the ledger holds, forks aside, and see that it is sound."""
    report = await verify_log(town.log, partitions=1)
    assert report.wrong == []
    names: Counter[tuple[str, str]] = await town.names()
    return names


def put_aside(town: Any) -> set[tuple[bytes | None, bytes | None]]:
    """Return what was put aside: a crash may put the same record aside twice."""
    return {(one.value, dict(one.headers)["offset"]) for one in town.dead_letters()}


async def fails_once(
    town: Any, monkeypatch: pytest.MonkeyPatch, *, topic: str, at: int, **how: Any
) -> bool:
    """Decide until one write fails; tell whether there was such a write."""
    log = FailingLog(town.log, topic=topic, at=at, how=how["how"])
    with monkeypatch.context() as patched:
        if topic == COMMIT:
            patched.setattr(Store, "commit", _failing(at, how["how"]))
        try:
            decider = await town.decider(log=log)
            await town.run(decider, at_once=how["at_once"])
        except WriteFailed:
            return True
        finally:
            town.close()
    return False


def _failing(at: int, how: str) -> Callable[..., None]:
    """Let the n-th commit fail, before it is done or after."""
    left, commit = [at], Store.commit

    def failing(store: Store, *args: Any) -> None:
        left[0] -= 1
        if left[0] >= 0 or how == "after":
            commit(store, *args)
        if left[0] < 0:
            raise WriteFailed

    return failing


@pytest.mark.parametrize(
    ("at_once", "keeps_store"), [(1, True), (5, False), (100, True)]
)
@pytest.mark.parametrize("how", ["before", "after", "hole"])
@pytest.mark.parametrize("topic", [*WRITTEN, COMMIT])
async def test_whichever_write_fails_all_is_as_if_none_had(
    town: Any,
    ask: Any,
    monkeypatch: pytest.MonkeyPatch,
    *,
    topic: str,
    how: str,
    at_once: int,
    keeps_store: bool,
) -> None:
    """Answers, entries and what was put aside are those of the run without faults."""
    asked = mixed(ask)
    town.put(*asked)
    await decided(town, at_once=at_once)
    # What stands behind a hole follows nothing: it is a fork, and takes a place.
    places = (topic, how) != (LEDGER, "hole")
    expected = answered(town, places=places), await accepted(town), put_aside(town)
    assert set(expected[0]) == set(range(len(asked) + 1)) - {9, 17}
    assert {len(given) for given in expected[0].values()} == {1}
    at = 0
    while True:
        town.log.partitions.clear()
        shutil.rmtree(town.folder / "a")
        await town.found()
        town.ask(ask.institution())
        town.put(*asked)
        failed = await fails_once(
            town, monkeypatch, topic=topic, at=at, how=how, at_once=at_once
        )
        if failed and not keeps_store:
            shutil.rmtree(town.folder / "a")
        await decided(town, at_once=at_once)
        came = answered(town, places=places), await accepted(town), put_aside(town)
        assert came == expected, f"write {at}"
        if not failed:
            break
        at += 1
    assert at > 0
