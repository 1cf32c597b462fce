"""Odd shapes beside plain ones: what each buys, measured on this machine.

`python -m tools.shapes` prints both in nanoseconds, the fastest of several turns. A
comment in the code that excuses an odd shape by its speed names this command.
"""

import re
import tempfile
import timeit
from collections.abc import Callable, Iterable, Sized
from datetime import datetime
from functools import partial
from operator import attrgetter
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import lmdb
import msgspec
import yaml

from jiesuan_domain.asked.commands import time_text
from jiesuan_domain.person.state import Head
from jiesuan_domain.policy.document import LOADER
from jiesuan_events.entries import identities
from jiesuan_events.entries.chain import GENESIS
from jiesuan_events.entries.entry import (
    HEADER_NAMES,
    Entry,
    read_entry,
    said_by,
    written_entry,
)
from jiesuan_events.entries.rules import EXPLAINED, RULES, is_computed
from jiesuan_events.words.topics import LEDGER, REQUESTS
from jiesuan_ledger.facts import TYPE_OF, Settled, read_fact, write_fact
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.ours import as_found, as_written
from jiesuan_ledger.parts.block import Block
from jiesuan_ledger.parts.words import list_words, words_of
from jiesuan_projections.engine.tables.copy import array, taking
from jiesuan_services.audit.tree.digest import digest_of
from jiesuan_services.clerk.answers import Answer
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.decider.store.bills import encode
from jiesuan_services.decider.store.cache import Checkpoint, Store
from jiesuan_services.decider.store.persons import MOST_PERSONS, StoredPersons
from jiesuan_services.reconciling.classes import EQUAL, equal_result, result
from jiesuan_services.reconciling.lines import read_line
from jiesuan_services.reconciling.ours import our_row
from jiesuan_services.runtime.packs import load_packs, shipped_texts

FIRST_DAY: Final = Path(__file__).parent.parent / "examples" / "first-day.jsonl"
SUMS: Final = {
    "total_charge": ("excluded", "over_limit", "upfront_copay", "in_scope"),
    "fund_pay_total": ("pool_pay", "large_sum_pay", "employer_supplement_pay"),
    "person_burden": ("account_pay", "cash_pay"),
}
"""Three of the five identities, as a table would have them."""
TURNS: Final = 7
LOOPS: Final = 20_000
KEYS: Final = 10_000
BATCH: Final = 400


class Shapes(NamedTuple):
    """One thing done in two ways."""

    name: str
    odd: Callable[[], Any]
    plain: Callable[[], Any]
    loops: int = LOOPS


def settled() -> Settled:
    """Return the fact of the first bill of the examples."""
    values: list[bytes] = []

    def keep(topic: str, record: Record, *, time: str) -> None:
        if topic == LEDGER and ("ce_type", b"jiesuan.settled.v1") in record.headers:
            values.append(record.value or b"")

    trial = Trial(load_packs(), keep=keep)
    for _ in trial.answers(FIRST_DAY.read_text("utf-8").splitlines()):
        pass
    fact = read_fact("jiesuan.settled.v1", values[0])
    assert isinstance(fact, Settled)
    return fact


def of_identities(fact: Settled) -> Shapes:
    """Five sums written out; the plain way reads three from a table of names."""

    def from_table() -> bool:
        return all(
            getattr(fact, whole) == sum(getattr(fact, part) for part in parts)
            for whole, parts in SUMS.items()
        )

    return Shapes("identities", lambda: identities.broken_identity(fact), from_table)


def of_blocks(fact: Settled) -> Shapes:
    """A block built by position, and by name."""
    names = Block.__struct_fields__
    values = tuple(getattr(fact, name) for name in names)
    made = dict(zip(names, values, strict=True))
    return Shapes("block", lambda: Block(*values), lambda: Block(**made))


def of_loops(fact: Settled) -> Shapes:
    """A question of every line: a loop, and a generator."""
    lines = fact.lines

    def loop() -> bool:
        for line in lines:  # noqa: SIM110 - the odd shape itself
            if line.in_scope < 0:
                return True
        return False

    return Shapes("loop", loop, lambda: any(line.in_scope < 0 for line in lines))


def of_times() -> Shapes:
    """Beijing's time as msgspec writes it, and as a datetime does."""
    at = msgspec.json.decode(b'"2022-03-01T08:50:00+08:00"', type=datetime)
    return Shapes(
        "the time of a line written by msgspec; by isoformat",
        lambda: time_text(at),
        at.isoformat,
    )


def of_snapshots(folder: str) -> Shapes:
    """A key read in a snapshot that is open, and in one opened for it."""
    env = lmdb.open(folder)
    with env.begin(write=True) as writing:
        for at in range(KEYS):
            writing.put(b"%d" % at, b"x" * 500)
    reading = env.begin()

    def opened() -> bytes | None:
        with env.begin() as one:
            found: bytes | None = one.get(b"77")
        return found

    return Shapes("snapshot", lambda: reading.get(b"77"), opened)


def of_packs() -> Shapes:
    """All shipped packs parsed by libyaml, and by Python."""
    texts = shipped_texts("packs", ".yaml").values()

    def parse(loader: Any) -> None:
        for text in texts:
            yaml.compose(text, Loader=loader)

    odd, plain = (partial(parse, one) for one in (LOADER, yaml.SafeLoader))
    return Shapes("packs", odd, plain, loops=1)


def of_persons(folder: str) -> Shapes:
    """A batch of persons at random: fifty kept decoded between batches, and 10,000."""
    store, chance = Store(Path(folder)), Random(7)
    names = [f"P{at:05}" for at in range(2 * KEYS)]
    rows = [(name.encode() + b"\0h", encode(Head())) for name in names]
    store.commit(rows, Checkpoint("0" * 32, 1, b"", -1, 0, 0))

    def batch(persons: StoredPersons) -> None:
        for name in chance.choices(names, k=BATCH):
            persons.get(name)
        persons.snapshot()

    few, many = (StoredPersons(store, most=most) for most in (MOST_PERSONS, KEYS))
    for _ in range(KEYS // BATCH):
        batch(many)
    return Shapes("persons", partial(batch, few), partial(batch, many), loops=20)


def of_results() -> Shapes:
    """A line of a result made of a line's own parts, and by way of two rows."""
    line = b"S1\tV1\tP1\t100.00\t80.00\t0.00\t0"
    id_, _, rest = line.partition(b"\t")
    ours = our_row(line + b"\tM1\t\\N")

    def by_rows() -> bytes:
        return result(read_line(line, 1), ours, class_=EQUAL)

    odd = partial(equal_result, id_, rest, sender=b"M1")
    assert odd() == by_rows()
    return Shapes("results", odd, by_rows)


def of_headers() -> Shapes:
    """The headers of an entry taken apart by position, and by `zip`."""
    headers = [(name, b"x") for name in HEADER_NAMES]
    return Shapes(
        "headers", lambda: said_by(headers), lambda: tuple(zip(*headers, strict=True))
    )


def of_digests() -> Shapes:
    """The digest of an entry's record, and of one whose headers are in other order."""
    headers = [(name, b"x" * 20) for name in HEADER_NAMES]
    own = Record(b"P0001", b"x" * 1_000, headers)
    other = Record(b"P0001", b"x" * 1_000, headers[::-1])
    return Shapes(
        "digest",
        lambda: digest_of(0, 1, record=own),
        lambda: digest_of(0, 1, record=other),
    )


def of_answers() -> Shapes:
    """The headers of an answer held against what we write, and looked up by name."""
    source = "/medins/H42010090001"
    made = Answer(source, f"{source}:S1", "P0001", "2022-03-01T09:00:00Z", b"x" * 1_000)
    record = made.record(f"{REQUESTS}/7/139")
    assert as_written(record) == as_found(record)
    return Shapes("answers", lambda: as_written(record), lambda: as_found(record))


def of_columns(fact: Settled) -> Shapes:
    """Attributes of a struct as a row: compiled from their names, and looked up."""
    names = Settled.__struct_fields__[:40]
    take, plain = taking(*names), attrgetter(*names)
    assert take(fact) == plain(fact)
    return Shapes("columns", lambda: take(fact), lambda: plain(fact))


def of_words(fact: Settled) -> Shapes:
    """The words of a settlement held to their kinds at once, and one by one."""
    words = [
        (attrgetter(word.path.removeprefix("said.")), re.compile(word.pattern))
        for word in list_words(Settled)
    ]

    def one_by_one() -> bool:
        said = ((read(fact), kind) for read, kind in words)
        return all(text is None or kind.fullmatch(text) for text, kind in said)

    assert one_by_one()
    return Shapes("words", partial(words_of(Settled).one, fact), one_by_one)


def of_steps(fact: Settled) -> Shapes:
    """The amounts of a block written out beside its steps, and read by their names."""
    read = attrgetter(*EXPLAINED)
    steps = fact.steps
    places = {name: at for at, name in enumerate(EXPLAINED)}

    def from_names() -> bool:
        left = list(read(fact))
        for step in steps:
            left[places[RULES[step.rule].feeds]] -= step.amount_out
        return not any(left)

    assert from_names()
    return Shapes("steps", lambda: is_computed(fact, steps), from_names)


def of_entries(fact: Settled) -> Shapes:
    """An entry held against the one text that it can have; form by form."""
    value = write_fact(fact)
    entry = Entry(
        fact.person_id, TYPE_OF[Settled], 1, GENESIS, value, fact.request_time
    )
    key, headers = fact.person_id.encode(), entry.headers()
    return Shapes(
        "entry",
        lambda: written_entry(key, value, said=said_by(headers), after=(0, GENESIS)),
        lambda: read_entry(key, value, headers=headers),
    )


def of_arrays() -> Shapes:
    """A column of a batch written as text; asked value by value as asyncpg does."""
    column = list(range(10**6, 10**6 + BATCH))

    def asked() -> bool:
        return any(isinstance(one, (Iterable, Sized)) for one in column)

    return Shapes("array of 400", lambda: array(column), asked, loops=500)


def nanoseconds(act: Callable[[], Any], *, loops: int) -> float:
    """Return what one call costs in the fastest turn."""
    return min(timeit.repeat(act, number=loops, repeat=TURNS)) / loops * 1e9


def main() -> None:
    """Print a line for each shape."""
    fact = settled()
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as store,
    ):
        pairs = [of_identities(fact), of_blocks(fact), of_loops(fact)]
        pairs += [of_headers(), of_digests(), of_entries(fact), of_answers()]
        pairs += [of_words(fact), of_steps(fact), of_columns(fact)]
        pairs += [of_times(), of_snapshots(folder), of_persons(store)]
        for one in [*pairs, of_results(), of_packs(), of_arrays()]:
            odd = nanoseconds(one.odd, loops=one.loops)
            plain = nanoseconds(one.plain, loops=one.loops)
            print(f"{one.name:10} odd {odd:8.0f} ns  plain {plain:8.0f} ns")


if __name__ == "__main__":
    main()
