"""The index: fed from the log once, whatever interrupts it, and found by person."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.services.audit.conftest import LEDGER_ID

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.facts import read_fact, write_fact
from jiesuan_ledger.genesis import LedgerRefused
from jiesuan_ledger.log.port import Stored
from jiesuan_services.audit.index.follow import EntryIndex, settlements_of
from jiesuan_services.audit.index.instants import nanoseconds
from jiesuan_services.audit.index.store import IndexedRecord

END = 2**63 - 1


@pytest.fixture
def index(tmp_path: Path) -> Any:
    """An empty index."""
    made = EntryIndex(tmp_path / "index", ledger_id=LEDGER_ID, partitions=3)
    yield made
    made.close()


def entries(index: EntryIndex) -> dict[str, list[IndexedRecord]]:
    """Return everybody's entries."""
    store = index.store
    return {name: list(store.entries(name, until=END)) for name in store.persons()}


async def test_every_accepted_entry_is_found(lived: Any, index: EntryIndex) -> None:
    """Each accepted record is its person's, with the bytes that the log holds."""
    ends = await index.follow(lived.log)
    assert ends == {one: len(lived.records(one)) - 1 for one in range(3)}
    found = [one for some in entries(index).values() for one in some]
    assert sorted((one.partition, one.offset) for one in found) == [
        (partition, offset)
        for partition in range(3)
        for offset in range(1, len(lived.records(partition)) - 1)
    ]
    for one in found:
        record = lived.records(one.partition)[one.offset]
        assert (one.key, one.value, one.headers) == (
            record.key,
            record.value,
            record.headers,
        )


async def test_forks_are_known_by_their_place(lived: Any, index: EntryIndex) -> None:
    """What is nobody's next entry is no entry, and is told apart by its offset."""
    await index.follow(lived.log)
    for partition in range(3):
        last = len(lived.records(partition)) - 1
        assert index.store.forks(partition, first=0, last=last) == {last}
        assert index.store.forks(partition, first=0, last=last - 1) == set()


async def test_what_was_indexed_is_not_indexed_again(
    lived: Any, index: EntryIndex
) -> None:
    """Batches that come twice, or overlap, change nothing."""
    await index.follow(lived.log)
    before = entries(index)
    records = lived.log.partitions[LEDGER, 1]
    batch = [Stored(offset, record) for offset, record in enumerate(records)]
    index.take(1, batch[1:])
    index.take(1, batch[3:])
    await index.follow(lived.log)
    assert entries(index) == before


async def test_an_index_grows_with_its_log(
    lived: Any, index: EntryIndex, tmp_path: Path
) -> None:
    """Followed step by step, or at once, an index is the same."""
    for partition in range(3):
        records = lived.log.partitions[LEDGER, partition]
        for offset in range(1, len(records)):
            index.take(partition, [Stored(offset, records[offset])])
    at_once = EntryIndex(tmp_path / "other", ledger_id=LEDGER_ID, partitions=3)
    await at_once.follow(lived.log)
    assert entries(index) == entries(at_once)
    at_once.close()


def test_another_ledger_is_refused(index: EntryIndex, tmp_path: Path) -> None:
    """An index knows its ledger by id and number of partitions."""
    index.close()
    for id_, partitions in (("f" * 32, 3), (LEDGER_ID, 4)):
        with pytest.raises(LedgerRefused, match=LEDGER_ID):
            EntryIndex(tmp_path / "index", ledger_id=id_, partitions=partitions)


async def test_every_settlement_is_found_by_its_id(
    lived: Any, index: EntryIndex
) -> None:
    """A settlement, and a mirror, is found by its own id; nothing else is."""
    await index.follow(lived.log)
    count = 0
    for some in entries(index).values():
        for one in some:
            type_ = dict(one.headers)["ce_type"].decode()
            for setl_id in settlements_of(read_fact(type_, one.value or b"")):
                assert index.store.place_of(setl_id) == (one.partition, one.offset)
                count += 1
    assert count > 30
    assert index.store.place_of("S" + "0" * 28) is None


def test_a_gap_refund_makes_all_of_its_settlements(facts: Any) -> None:
    """Mirrors and re-settlements alike are found in the entry that made them."""
    found = 0
    for type_, body in facts:
        fact = read_fact(type_, _written(type_, body))
        ids = list(settlements_of(fact))
        if type_ == "jiesuan.gap-refunded.v1":
            found += 1
            assert ids == [
                block.settlement_id for block in fact.reversed + fact.resettled
            ]
            assert len(ids) > 1
    assert found > 0


def _written(type_: str, body: Any) -> bytes:
    """Return a fact as the ledger stores it."""
    return write_fact(read_fact(type_, json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T08:00:00+08:00", 0),
        ("1970-01-01T00:00:00.000000001+00:00", 1),
        ("1970-01-01T00:00:01.5+00:00", 1_500_000_000),
        ("1969-12-31T23:59:59.999999999Z", -1),
    ],
)
def test_instants_are_exact(text: str, since: int) -> None:
    """Nine digits of a second count, whatever the offset."""
    assert nanoseconds(text) == since


def test_a_damaged_time_is_kafka_s() -> None:
    """Where a time cannot be read, Kafka's milliseconds count."""
    assert nanoseconds("yesterday", otherwise=5) == 5_000_000
    with pytest.raises(ValueError, match="yesterday"):
        nanoseconds("yesterday")
