"""A history that was recorded before: 777 requests, of every kind of fact, as bytes."""

import base64
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jiesuan_domain.in_force import InForce
from jiesuan_domain.person.evolve import evolve
from jiesuan_domain.person.state import ChainPlace
from jiesuan_domain.policy.loader import parse_pack
from jiesuan_events.words.topics import REQUESTS
from jiesuan_ledger.facts import TYPE_OF, Designated, Undesignated, Unfiled
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_ledger.reader import (
    NO_HEAD,
    AcceptedEntry,
    ChainHead,
    accept,
    person_of,
)
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.handled import NewEntry, Registered, Repeated
from jiesuan_services.clerk.trial import MemoryPersons, person_state
from jiesuan_services.client.sending import to_record
from jiesuan_services.demo.town.overlay import write_overlay
from jiesuan_services.runtime.packs import load_packs

RECORDED = Path(__file__).parent / "recorded"
SAID_SINCE = ("fee_ocur_time", "fee_ocur_time_from", "rxno", "rxfixmedins_code")
"""What a settlement's fact says since the history was recorded."""
SAID_OTHERWISE = ("message", "zh", "details")
"""What answers say in other words since: why they refuse, what a step is."""
FOLLOWS_FROM_BYTES = re.compile("S[0-9A-F]{28}|[0-9a-f]{64}")
SINCE = {Designated, Undesignated, Unfiled}
"""Facts that the ledger did not know when the history was recorded."""
HEADER_SINCE = "checksum"
"""A header of answers and of the reference that was not written then."""
NOW = "2026-01-05T00:00:00.000+00:00"


def lines(name: str) -> Iterator[dict[str, Any]]:
    """Read one file of the history."""
    for line in gzip.decompress((RECORDED / name).read_bytes()).splitlines():
        yield json.loads(line)


def record(line: dict[str, Any]) -> Record:
    """Return a record as it was stored."""
    key, value = line["key"], line["value"]
    return Record(
        None if key is None else base64.b64decode(key),
        base64.b64decode(value),
        [(name, base64.b64decode(text)) for name, text in line["headers"]],
    )


def as_then(written: Record) -> Record:
    """Return a record as it was written then: without the header that came since."""
    headers = [one for one in written.headers if one[0] != HEADER_SINCE]
    assert len(headers) == len(written.headers) - 1
    return Record(written.key, written.value, headers)


@pytest.fixture(scope="module")
def accepted() -> dict[int, AcceptedEntry]:
    """Every entry of the history, by its offset, accepted by the rule of readers."""
    heads: dict[str, ChainHead] = {}
    found: dict[int, AcceptedEntry] = {}
    for line in lines("entries.jsonl.gz"):
        stored = record(line)
        head = heads.get(person_of(stored) or "", NO_HEAD)
        one = accept(stored, head, partition=0, partitions=1)
        assert isinstance(one, AcceptedEntry), one
        heads[one.person_id] = one.head(0)
        found[line["offset"]] = one
    return found


def test_a_ledger_written_before_is_read_after(
    accepted: dict[int, AcceptedEntry],
) -> None:
    """Every recorded entry is accepted, and its facts come to the recorded states."""
    persons = MemoryPersons()
    for offset, one in accepted.items():
        person = persons.get(one.person_id)
        at = ChainPlace(one.entry.version, one.hash, offset)
        person.apply(evolve(person, one.fact, at=at))
    assert {type(one.fact) for one in accepted.values()} == set(TYPE_OF) - SINCE
    states = {line["psn_no"]: line for line in lines("states.jsonl.gz")}
    found = {id_: person_state(id_, one) for id_, one in persons.known.items()}
    for year in (year for state in found.values() for year in state["years"]):
        # Nobody moves in this history: each person has one pool.
        assert year.pop("insuplc_admdvs") == "429900"
    assert found == states


def test_what_was_answered_is_answered_again(tmp_path: Path) -> None:
    """From the recorded entries every recorded answer is given again, to the byte."""
    packs = load_packs(write_overlay(tmp_path))
    for line in lines("reference.jsonl.gz"):
        stored = record(line)
        if (stored.key or b"").startswith(b"pack:"):
            packs.archive(parse_pack(stored.value.decode(), "recorded"))
    clerk = Clerk(
        in_force=InForce(packs, {}),
        persons=MemoryPersons(),
        partitions=1,
        writer="recorded",
    )
    entries = {line["offset"]: record(line) for line in lines("entries.jsonl.gz")}
    by_cause = {dict(one.headers)["cause"]: at for at, one in entries.items()}
    again = 0
    for line in lines("answers.jsonl.gz"):
        answer = record(line)
        cause = dict(answer.headers)["cause"]
        if cause in by_cause:
            at = by_cause[cause]
            given = clerk.answer_again(entries[at], at).record(cause.decode())
            assert as_then(given) == answer
            again += 1
    assert again == len(entries)


def bare(said: Any) -> Any:
    """Return what an answer says without the words in which it says it."""
    if isinstance(said, list):
        return [bare(one) for one in said]
    if not isinstance(said, dict):
        return said
    return {name: bare(one) for name, one in said.items() if name not in SAID_OTHERWISE}


def alike(records: list[Record]) -> list[tuple[str, str]]:
    """Write records without what follows from their bytes, and what is worded since.

    Settlement ids and hashes follow from the bytes before them: each is its ordinal.
    """
    ordinals: dict[str, str] = {}

    def ordinal(found: re.Match[str]) -> str:
        return ordinals.setdefault(found[0], f"#{len(ordinals)}")

    said = []
    for one in records:
        data = json.loads(one.value)
        for name in SAID_SINCE:
            data.pop(name, None)
        text = json.dumps(bare(data), ensure_ascii=False, sort_keys=True)
        kind = dict(one.headers)["ce_type"].decode()
        said.append((kind, FOLLOWS_FROM_BYTES.sub(ordinal, text)))
    return said


def test_the_same_requests_are_decided_the_same(tmp_path: Path) -> None:
    """The recorded requests come to the recorded facts and answers."""
    clerk = Clerk(
        in_force=InForce(load_packs(write_overlay(tmp_path)), {}),
        persons=MemoryPersons(),
        partitions=1,
        writer="recorded",
    )
    ledger: list[Record] = []
    answers: list[Record] = []
    registered: list[Record] = []
    for offset, message in enumerate(lines("requests.jsonl.gz")):
        sent = to_record(message)
        incoming = Incoming(REQUESTS, 0, offset, sent.key, sent.value, sent.headers)
        done = clerk.handle(incoming, ledger_offset=1 + len(ledger), recorded_at=NOW)
        if isinstance(done, Repeated):
            at = done.seen.offset
            answer = clerk.answer_again(ledger[at - 1], at)
        else:
            answer = done.answer
        if isinstance(done, NewEntry):
            ledger.append(done.record())
        if isinstance(done, Registered):
            registered.append(as_then(done.reference))
        answers.append(answer.record(incoming.cause))
    assert alike(ledger) == alike(list(map(record, lines("entries.jsonl.gz"))))
    assert alike(answers) == alike(list(map(record, lines("answers.jsonl.gz"))))
    reference = list(map(record, lines("reference.jsonl.gz")))
    assert registered == reference[len(reference) - len(registered) :]
