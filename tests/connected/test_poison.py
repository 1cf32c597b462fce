"""Poison and forgery on the real parts: named, put aside, and stopping nobody."""

import json
from collections import Counter
from typing import Any

import pytest

from jiesuan_events.entries.chain import GENESIS
from jiesuan_events.entries.entry import Entry, entry_headers
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.record import Record
from jiesuan_services.client.sending import to_record

pytestmark = pytest.mark.connected
PARTITIONS = 8
PERSON = "P00001"
HOME = partition_of(PERSON, PARTITIONS)
LARGEST = 1024 * 1024 - 1024
"""As large as the requests take, the frame around it."""


def poison(bill: dict, reason: str) -> Record:
    """Spoil a request."""
    record = to_record(bill)
    if reason == "bad-bytes":
        record.value = b"\xff\xfe"
    elif reason == "bad-json":
        record.value = b'{"psn_no":'
    elif reason == "wrong-key":
        record.key = b"P00002"
    elif reason == "oversize":
        record.value = b"x" * LARGEST
    elif reason == "bad-headers":
        record.headers = [("ce_type", b"\xff")]
    return record


async def test_poison_is_put_aside_and_the_person_goes_on(town: Any, life: Any) -> None:
    """Each poison becomes a dead letter with its bytes, and later requests go on."""
    decider = town.process("decider-0")
    await decider.start()
    await town.registered()
    day = life(1, people=8)
    await town.ask(day.begin())
    reasons = ["bad-bytes", "bad-json", "wrong-key", "oversize", "bad-headers"]
    bill = next(one for one in day.more(100) if one["subject"] == PERSON)
    sent = [poison(bill, reason) for reason in reasons]
    await town.put(HOME, sent)
    await town.put((HOME + 1) % PARTITIONS, [to_record(bill)])
    await town.ask([bill])
    await town.ask(day.more(50))
    await town.answered()
    letters = await town.dead_letters()
    said = [dict(one.headers)["reason"].decode() for one in letters]
    assert Counter(said) == Counter([*reasons, "wrong-partition"])
    for reason, bad in zip(reasons, sent, strict=True):
        letter = letters[said.index(reason)]
        assert (letter.key, letter.value) == (bad.key, bad.value)
    codes = Counter(
        one.data["refusals"][0]["code"]
        for one in await town.answers()
        if one.data["outcome"] == "refused"
        and (one.partition, one.cause) not in town.asked
    )
    assert codes == {"malformed": 5}
    assert await decider.stop() < 5
    assert (await town.verified()).is_sound


async def test_forged_entries_are_named_and_change_nothing(
    town: Any, life: Any, plain: Any
) -> None:
    """A rogue writer beside two deciders costs forks, and no answer changes."""
    deciders = [town.process(f"decider-{n}", decider=f"{n}/2") for n in (0, 1)]
    projector = town.process("projector")
    for one in (*deciders, projector):
        await one.start()
    await town.registered()
    day = life(2, people=40)
    await town.ask(day.begin())
    forged = []
    for turn in range(20):
        await town.ask(day.more(40))
        person = f"P{turn:05}"
        partition = partition_of(person, PARTITIONS)
        value = json.dumps({"psn_no": person}).encode()
        entry = Entry(
            person, "jiesuan.settled.v1", 99, GENESIS, value, "x", "", "rogue"
        )
        rogue = Record(person.encode(), value, entry_headers(entry, entry.hash))
        pending = await town.log.append(LEDGER, partition, [rogue])
        ((offset, _),) = (await pending.done()).batches
        forged.append((partition, offset))
    await town.answered()
    report = await town.verified()
    assert set(forged) <= {(fork.partition, fork.offset) for fork in report.forks}
    assert report.wrong == []
    trial, expected = town.recomputed()
    for answer in await town.answers():
        assert plain(answer.data) == expected[answer.partition, answer.cause]
    persons = trial.persons.known.values()
    assert report.entries == sum(one.head.version for one in persons)
    await town.projected()
