"""Whatever stands in the ledger, all who read it come to one verdict of one name."""

import asyncio
import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest
from tests.services.every_fact import STRANGE, places

from jiesuan_domain.in_force import InForce
from jiesuan_domain.policy.model import Packs
from jiesuan_events.entries.chain import GENESIS
from jiesuan_events.entries.entry import Entry, EntryError, read_entry
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.facts import FACT_TYPES, fact_of
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.reader import Fork, ForkReason, read_ahead
from jiesuan_projections.engine.reading.ledger import read_entries
from jiesuan_services.audit.chains import Chains
from jiesuan_services.audit.person import person_of
from jiesuan_services.audit.replay import facts as replayed
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.trial import MemoryPersons

ACCEPTED = "accepted"
PARTITIONS = 8
HOME = partition_of("P0001", PARTITIONS)
"""The partition of P0001 among eight."""
MOST_OF_A_LIST = 2


@dataclass(frozen=True)
class Placed:
    """A record as a consumer hands it out."""

    record: Record
    partition: int = HOME
    offset: int = 1
    timestamp: int = 0

    @property
    def key(self) -> bytes | None:
        """The record's key."""
        return self.record.key

    @property
    def value(self) -> bytes | None:
        """The record's value."""
        return self.record.value

    @property
    def headers(self) -> list[tuple[str, bytes]]:
        """The record's headers."""
        return self.record.headers


def by_clerk(record: Record, *, partition: int, partitions: int) -> str:
    """Say what the decider takes a record for."""
    clerk = Clerk(
        in_force=InForce(Packs({}), {}),
        persons=MemoryPersons(),
        partition=partition,
        partitions=partitions,
        writer="-",
    )
    found = clerk.check(record, 1)
    return found.reason.value if isinstance(found, Fork) else ACCEPTED


def by_audit(record: Record, *, partition: int, partitions: int) -> str:
    """Say what `replay` and `person` take a record for."""
    chains = Chains(partition, partitions=partitions)
    return ACCEPTED if chains.take(record, 1) else chains.forks[0].reason


def by_verify(record: Record, *, partition: int, partitions: int) -> str:
    """Say what `verify` takes a record for, read among good ones before its turn."""
    chains = Chains(partition, partitions=partitions)
    before, ahead, after = read_ahead([BESIDE, record, BESIDE])
    assert before == after
    assert before[1] is not None
    is_taken = chains.take(record, 1, ahead=ahead)
    return ACCEPTED if is_taken else chains.forks[0].reason


def by_tables(record: Record, *, partition: int, partitions: int) -> str:
    """Say what the read models take a record for."""
    batch = read_entries([Placed(record, partition)], {}, partitions=partitions)
    return ACCEPTED if batch.entries else batch.forks[0].fork.reason.value


READERS = (by_clerk, by_audit, by_verify, by_tables)


def verdict(record: Record, *, partition: int = 0, partitions: int = 1) -> str:
    """Return the one verdict of all readers on a person's first record."""
    found = {
        reader.__name__: reader(record, partition=partition, partitions=partitions)
        for reader in READERS
    }
    assert len(set(found.values())) == 1, (found, record)
    return found["by_clerk"]


def by_contract(record: Record) -> str:
    """Say what whoever installs the published contracts alone takes a record for."""
    try:
        entry = read_entry(record.key, record.value, headers=record.headers)
    except EntryError:
        return ForkReason.NOT_AN_ENTRY.value
    try:
        fact_of(entry)
    except ValueError:
        return ForkReason.NOT_A_FACT.value
    return ACCEPTED


def entry_of(type_: str, body: dict, *, person: str | None = None) -> Entry:
    """Make a person's first entry of a fact."""
    value = json.dumps(body).encode()
    return Entry(person or "P0001", type_, 1, GENESIS, value, "2026-01-05T00:00:00Z")


def record_of(entry: Entry) -> Record:
    """Write an entry as it is stored."""
    return Record(entry.person_id.encode(), entry.value, entry.headers())


ENROLLED = {
    "psn_no": "P0001",
    "request_source": "/agency/429900",
    "request_id": "E-1",
    "request_time": "2022-03-01T09:00:00+08:00",
    "content": "0" * 64,
    "insutype": "310",
    "psn_type": "11",
    "insuplc_admdvs": "429900",
    "brdy": "1977-01-15",
    "begndate": "2020-01-01",
}
BESIDE = record_of(entry_of("jiesuan.enrolled.v1", ENROLLED))
"""A good record, which stays one whatever lies beside it."""


def spoils(body: dict) -> Iterator[dict]:
    """Change every place to everything strange; drop each; add what nobody knows."""
    for path in places(body):
        if any(isinstance(step, int) and step >= MOST_OF_A_LIST for step in path):
            continue
        for strange in STRANGE:
            yield changed(body, path, to=strange)
        yield dropped(body, path)
        if isinstance(at(body, path), dict):
            yield changed(body, (*path, "unheard_of"), to=1)
    yield body | {"unheard_of": None}


def at(body: dict, path: tuple[Any, ...]) -> Any:
    """Return what lies at a place."""
    inside: Any = body
    for key in path:
        inside = inside[key]
    return inside


def changed(body: dict, path: tuple[Any, ...], *, to: Any) -> dict:
    """Return a fact with another value at one place."""
    made = copy.deepcopy(body)
    at(made, path[:-1])[path[-1]] = to
    return made


def dropped(body: dict, path: tuple[Any, ...]) -> dict:
    """Return a fact without one place."""
    made = copy.deepcopy(body)
    del at(made, path[:-1])[path[-1]]
    return made


@pytest.mark.parametrize("number", range(17))
def test_a_spoiled_fact_is_the_same_to_all(
    facts: list[tuple[str, dict]], number: int
) -> None:
    """Whatever one field holds, ledger, tables, audit and contract say the same."""
    tried, parted = 0, {}
    for type_, body in facts[number::17]:
        for spoilt in spoils(body):
            record = record_of(entry_of(type_, spoilt, person=body["psn_no"]))
            ours, theirs = verdict(record), by_contract(record)
            tried += 1
            if ours != theirs:
                parted.setdefault((type_, ours, theirs), spoilt)
    assert parted == {}
    assert tried > 0 or number >= len(facts)


HEADERS: tuple[bytes | None, ...] = (
    None,
    b"",
    b"0",
    b"1",
    b"+1",
    b" 1",
    b"1_0",
    b"01",
    "١".encode(),
    b"9223372036854775808",
    b"\xff",
    b"P0001",
    b"jiesuan.settled.v1",
    GENESIS.hex().upper().encode(),
    b"0" * 63,
    b"0" * 62 + b" 0",
    sha256(b"another").hexdigest().encode(),
    b"2022-03-01T09:00:00+08:00",
    b"x" * 2000,
)


TAKEN_TOO = {"jiesuan.refunded.v1": {"jiesuan.settled.v1"}}
"""A refund's block is a settlement's in all fields: it reads as one, to everybody."""


def spoilt_headers(good: Record) -> Iterator[Record]:
    """Write everything strange into each header; leave each away; state it twice."""
    for number, (name, value) in enumerate(good.headers):
        before, after = good.headers[:number], good.headers[number + 1 :]
        for strange in HEADERS:
            yield Record(good.key, good.value, [*before, (name, strange), *after])
        yield Record(good.key, good.value, [*before, *after])
        yield Record(good.key, good.value, [*good.headers, (name, value)])


def test_a_spoiled_header_is_the_same_to_all(facts: list[tuple[str, dict]]) -> None:
    """Whatever one header of any kind of entry holds, or if it is gone, all agree."""
    kinds = dict(reversed(facts))
    assert set(kinds) == set(FACT_TYPES)
    for type_, body in kinds.items():
        good = record_of(entry_of(type_, body, person=body["psn_no"]))
        assert verdict(good) == ACCEPTED
        seen = set()
        for record in spoilt_headers(good):
            ours = verdict(record)
            seen.add(ours)
            assert by_contract(record) == ours, (type_, record.headers)
        assert seen == {ACCEPTED, "not-an-entry"}


def test_a_fact_under_another_name_is_the_same_to_all(
    facts: list[tuple[str, dict]],
) -> None:
    """A fact whose entry says another kind, hash and all, is the same to all."""
    for type_, body in dict(reversed(facts)).items():
        taken = set()
        for claimed in (*FACT_TYPES, "jiesuan.settled.v0", "jiesuan.unheard-of.v1"):
            record = record_of(entry_of(claimed, body, person=body["psn_no"]))
            ours = verdict(record)
            assert by_contract(record) == ours, (type_, claimed)
            if ours == ACCEPTED:
                taken.add(claimed)
        assert taken == {type_, *TAKEN_TOO.get(type_, ())}


@pytest.mark.parametrize("key", [None, b"", b"P0002", b"\xff", b"P 1"])
def test_a_foreign_key_is_no_entry(
    facts: list[tuple[str, dict]], key: bytes | None
) -> None:
    """A record under another key than its person's is no entry to anybody."""
    type_, body = facts[0]
    good = record_of(entry_of(type_, body, person=body["psn_no"]))
    assert verdict(Record(key, good.value, good.headers)) == "not-an-entry"


def test_the_wrong_partition_is_asked_first(facts: list[tuple[str, dict]]) -> None:
    """A record in the wrong partition that does not follow is `wrong-partition`."""
    type_, body = facts[0]
    entry = entry_of(type_, body | {"psn_no": "P0001"})._replace(version=7)
    for partition in range(PARTITIONS):
        found = verdict(record_of(entry), partition=partition, partitions=PARTITIONS)
        assert found == ("does-not-follow" if partition == HOME else "wrong-partition")


def test_a_fact_of_somebody_else_is_none(facts: list[tuple[str, dict]]) -> None:
    """An entry about one person that states a fact of another is `not-a-fact`."""
    for type_, body in facts:
        record = record_of(entry_of(type_, body, person="P0001"))
        assert verdict(record) == by_contract(record) == "not-a-fact"


def test_reasons_have_the_names_of_the_enum(facts: list[tuple[str, dict]]) -> None:
    """Every name of a fork that a reader can give is one of the four."""
    type_, body = facts[0]
    person = body["psn_no"]
    good = entry_of(type_, body, person=person)
    home = next(
        at
        for at in range(PARTITIONS)
        if verdict(record_of(good), partition=at, partitions=PARTITIONS) == ACCEPTED
    )
    broken = good._replace(value=b"{}")
    tries: dict[str, Callable[[], str]] = {
        "not-an-entry": lambda: verdict(Record(None, b"", [])),
        "wrong-partition": lambda: verdict(
            record_of(good), partition=(home + 1) % PARTITIONS, partitions=PARTITIONS
        ),
        "does-not-follow": lambda: verdict(record_of(good._replace(version=2))),
        "not-a-fact": lambda: verdict(record_of(broken)),
    }
    assert {one.value for one in ForkReason} == set(tries)
    assert {name: give() for name, give in tries.items()} == {
        name: name for name in tries
    }


def test_replay_and_drift_pass_over_the_same_forks(
    facts: list[tuple[str, dict]],
) -> None:
    """What is a fork to the rule is in no replay and in no person that drift reads."""
    type_, body = facts[0]
    person = body["psn_no"]
    good = record_of(entry_of(type_, body, person=person))
    bad = record_of(entry_of(type_, body | {"unheard_of": 1}, person=person))
    log = MemoryLog()
    log.partitions[LEDGER, 0] = [Record(None, b"{}", []), bad, good, good]

    async def read() -> tuple[list[bytes], int]:
        lines = [line async for line in replayed(log, partitions=1)]
        found = await person_of(log, person, partitions=1)
        return lines, found.head.version

    lines, version = asyncio.run(read())
    assert [json.loads(line)["entry"]["offset"] for line in lines] == [2]
    assert version == 1
