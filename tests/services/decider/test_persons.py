"""The persons of a partition in memory and on disk: the same persons."""

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from jiesuan_domain.in_force import InForce, registered
from jiesuan_events.requests import Institution
from jiesuan_ledger.parts.block import Block
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.trial import MemoryPersons
from jiesuan_services.decider.store.bills import encode, pack_bill, unpack_bill
from jiesuan_services.decider.store.cache import Checkpoint, Store
from jiesuan_services.decider.store.persons import StoredPersons
from jiesuan_services.intake.read import Malformed, read_request
from jiesuan_services.runtime.packs import load_packs

PACKS = load_packs()
MOST = 60
PEOPLE = 300


def law_of(institution: dict) -> InForce:
    """Make a law that knows one hospital."""
    asked = Institution.model_validate(institution["data"])
    return InForce(PACKS, {asked.institution_id: registered(asked)})


class Pair:
    """A clerk over stored persons beside a clerk over persons in memory."""

    def __init__(self, folder: Path, ask: Any) -> None:
        self.store = Store(folder)
        self.stored = StoredPersons(self.store, most=MOST)
        self.memory = MemoryPersons()
        in_force = law_of(ask.institution())
        self.clerks = [
            Clerk(in_force=in_force, persons=persons, partitions=1, writer="t")
            for persons in (self.stored, self.memory)
        ]
        self.batches: list[list[tuple[bytes, bytes]]] = []
        self.count = 0

    def ask(self, message: dict) -> None:
        """Put a request to both clerks; they rule the same."""
        data = message["data"]
        envelope = {name: value for name, value in message.items() if name != "data"}
        asked = read_request(envelope, data, raw=to_bytes(data))
        assert not isinstance(asked, Malformed)
        self.count += 1
        here, there = (
            clerk.rule(asked, offset=self.count, recorded_at="t")
            for clerk in self.clerks
        )
        assert here == there

    def end_batch(self) -> None:
        """Take what changed, to be written when it is acknowledged."""
        self.batches.append(self.stored.snapshot())

    def commit(self) -> None:
        """Write the oldest batch."""
        changes = self.batches.pop(0)
        self.store.commit(changes, Checkpoint("l", self.count, b"h", 0, self.count, 0))
        self.stored.committed(changes)


def to_bytes(data: dict) -> bytes:
    """Write data as a producer does."""

    return orjson.dumps(data)


@pytest.mark.parametrize("seed", range(10))
def test_stored_persons_are_the_persons_in_memory(
    tmp_path: Path, ask: Any, seed: int
) -> None:
    """Over batches on their way, commits and evictions, both clerks rule the same."""
    chance = random.Random(seed)
    pair = Pair(tmp_path / "s", ask)
    people = [f"P{n}" for n in range(PEOPLE)]
    bills: list[tuple[str, str]] = []
    for person in people:
        pair.ask(ask.enrol(person))
    pair.end_batch()
    pair.commit()
    for n in range(1_500):
        if bills and chance.random() < 0.4:
            person, of = chance.choice(bills)
            pair.ask(ask.refund(person, f"R{n}", of=of))
        else:
            person = chance.choice(people)
            pair.ask(ask.settle(person, f"S{n}", fen=chance.randrange(1, 10**6)))
            bills.append((person, f"S{n}"))
        if not n % 10:
            pair.end_batch()
        while len(pair.batches) > chance.randrange(1, 4):
            pair.commit()
    pair.end_batch()
    while pair.batches:
        pair.commit()
    assert len(pair.stored._known) <= MOST
    pair.store.close()


def test_what_was_not_committed_is_forgotten(tmp_path: Path, ask: Any) -> None:
    """After a conflict the persons are those of the last acknowledged batch."""
    pair = Pair(tmp_path / "s", ask)
    pair.ask(ask.enrol("P1"))
    pair.end_batch()
    pair.commit()
    known = pair.stored.get("P1").head
    pair.ask(ask.settle("P1", "S1"))
    pair.end_batch()
    pair.stored.forget()
    person = pair.stored.get("P1")
    assert person.head == known
    assert person.request("/medins/H42010090001", "S1") is None
    pair.store.close()


def test_a_name_looked_for_before_it_was_taken_is_found_after(
    tmp_path: Path, ask: Any
) -> None:
    """A name that was free when last asked for is known once its batch is let go of."""
    pair = Pair(tmp_path / "s", ask)
    pair.ask(ask.enrol("P1"))
    person = pair.stored.get("P1")
    assert person.request("/medins/H42010090001", "S1") is None
    pair.ask(ask.settle("P1", "S1"))
    pair.end_batch()
    assert pair.stored.get("P1") is person
    assert person.request("/medins/H42010090001", "S1") is not None
    pair.store.close()


def test_a_bill_is_read_back_as_it_was(tmp_path: Path, ask: Any) -> None:
    """What the store holds of a bill is its block, in less than half of the bytes."""
    pair = Pair(tmp_path / "s", ask)
    pair.ask(ask.enrol("P1"))
    pair.ask(ask.settle("P1", "S1", fen=777_777))
    (bill,) = pair.memory.get("P1").settlements.values()
    raw = pack_bill(bill)
    again = unpack_bill(raw)
    fields = Block.__struct_fields__
    assert {name: getattr(again.block, name) for name in fields} == {
        name: getattr(bill.block, name) for name in fields
    }
    assert pack_bill(again) == raw
    assert len(raw) < len(encode(bill)) / 2
    pair.store.close()


def test_a_store_of_another_boot_is_thrown_away(tmp_path: Path) -> None:
    """What a crash of the machine may have torn is read again from the log."""
    store = Store(tmp_path / "s")
    store.commit([(b"k", b"v")], Checkpoint("l", 1, b"h", 0, 1, 0))
    store.close()
    again = Store(tmp_path / "s")
    assert again.get(b"k") == b"v"
    again.close()
    (tmp_path / "s" / "boot").write_text("another boot")
    new = Store(tmp_path / "s")
    assert (new.get(b"k"), new.checkpoint()) == (None, None)
    new.close()


OPENED = """
import sys
import lmdb
environment = lmdb.open(sys.argv[1] + "/persons")
reading = environment.begin()
print("opened", flush=True)
sys.stdin.read()
"""


def opened_elsewhere(folder: Path) -> subprocess.Popen[bytes]:
    """Look into the store in another process, which waits for the end of its input."""
    process = subprocess.Popen(
        [sys.executable, "-c", OPENED, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"opened\n"
    return process


def test_a_killed_reader_is_struck_off(tmp_path: Path) -> None:
    """Opening a store frees what a reader held that was killed beside a living one."""
    Store(tmp_path).close()
    with opened_elsewhere(tmp_path) as alive, opened_elsewhere(tmp_path) as dead:
        dead.kill()
        dead.wait()
        store = Store(tmp_path)
        readers = {
            int(line.split()[0]) for line in store._env.readers().splitlines()[1:]
        }
        assert readers == {alive.pid, os.getpid()}
        store.close()
