"""What must hold of a town after strangers have written to all of its topics."""

import json
from collections import Counter
from contextlib import suppress
from functools import partial
from itertools import product
from typing import Any, Final

from tests.connected.conftest import PARTITIONS, until, without_places
from tests.connected.torture.living import ANSWER_SECONDS, TOPICS, Tortured
from tests.connected.torture.strangers import Stranger
from tests.connected.torture.writer import Place, Writer
from tests.ledger.raw import CODECS, Raw

from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words import topics
from jiesuan_events.words.topics import ANSWERS, CLEARING_REQUESTS, LEDGER, REQUESTS
from jiesuan_ledger.log.kafka import KafkaLog
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_ledger.ours import AcceptedAnswer, accept_answer
from jiesuan_projections import MODELS, compare_with_log
from jiesuan_services.audit.looks import looks_at
from jiesuan_services.clearing.read import is_of_clearing
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.intake.read import Parsed
from jiesuan_services.intake.record import unpack
from jiesuan_services.runtime.packs import load_packs
from jiesuan_services.supervisor.checking import LawChecker

NAMED_SECONDS: Final = 60
NOT_UNDERSTOOD: Final = {"outcome": "refused", "refusals": [{"code": "malformed"}]}
ASKED: Final = (REQUESTS, CLEARING_REQUESTS)
BY_ROW: Final = {
    "fork": (LEDGER, 'SELECT "partition", "offset" FROM fork'),
    "stranger": (ANSWERS, 'SELECT "partition", "offset" FROM stranger'),
    "clearing_fork": (topics.CLEARING, 'SELECT 0, "offset" FROM clearing_fork'),
    "dead_letter": (
        topics.DEAD_LETTERS,
        "SELECT letter_partition, letter_offset FROM dead_letter",
    ),
}
BY_LOG: Final = {
    "reference.stranger": topics.REFERENCE,
    "seal.stranger": topics.SEALS,
}


async def requests_there(one: Tortured) -> dict[Place, Record]:
    """Read what was asked, by whomever, once no transaction is open any more."""
    log = KafkaLog(one.town.servers.kafka, producer=None, committed=True)
    await log.start()
    found: dict[Place, Record] = {}
    places = [(topic, p) for topic in ASKED for p in range(TOPICS[topic])]
    try:
        for topic, partition in places:
            end = await one.town.log.end_offset(topic, partition)
            ended = partial(is_ended, log, topic, partition, end)
            await until(ended, seconds=ANSWER_SECONDS)
            async for some in log.read(topic, partition, start=0, stop=end):
                found |= {(topic, partition, it.offset): it.record for it in some}
    finally:
        await log.stop()
    return found


async def is_ended(log: KafkaLog, topic: str, partition: int, end: int) -> bool:
    """Whether nothing before an offset belongs to an open transaction."""
    return await log.end_offset(topic, partition) >= end


def asked_by_strangers(
    there: dict[Place, Record], writer: Writer
) -> dict[Place, Parsed | str]:
    """Return what strangers ask: requests that read, others by the reason they do not.

    What was given up or left open was never asked. What was is there as it was sent.
    """
    found: dict[Place, Parsed | str] = {}
    for place, stranger in writer.places.items():
        if place[0] not in ASKED:
            continue
        is_asked = stranger.end in ("plain", "committed")
        if place not in writer.bent:
            assert (place in there) == is_asked, place
        if place not in there:
            continue
        record = there[place]
        if place not in writer.bent:
            sent = record_of(stranger.record)
            same = as_text(record) == as_text(sent)
            assert same, f"{place}: {record!r:.300} was {sent!r:.300}"
        read = unpack(
            Incoming(*place, record.key, record.value, record.headers),
            is_home=partial(is_home, place),
        )
        found[place] = read if isinstance(read, Parsed) else read.reason
    return found


def as_text(record: Record) -> Record:
    """Return a record whose names are text: a broker that packs it makes them so."""
    headers = [
        (name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), text)
        for name, text in record.headers
    ]
    return Record(record.key, record.value, headers)


def is_home(place: Place, who: str) -> bool:
    """Whether somebody belongs to a partition of a topic."""
    topic, partition, _ = place
    return topic != REQUESTS or partition_of(who, PARTITIONS) == partition


def record_of(raw: Raw) -> Record:
    """Return a record as our readers hand it out."""
    return Record(
        raw.key,
        raw.value,
        [(name.decode("utf-8", "surrogateescape"), text) for name, text in raw.headers],
    )


def line_of(parsed: Parsed) -> str:
    """Write a request of a stranger as a line for `try`."""
    head = json.dumps(parsed.envelope)[:-1]
    return f'{head}, "data": {parsed.raw.decode()}}}'


def tried(
    one: Tortured, asked: dict[Place, Parsed | str]
) -> tuple[Trial, dict[Place, Any]]:
    """Decide everything again in memory, alone: each request's answer."""
    trial = Trial(load_packs())
    reading = {place: p for place, p in asked.items() if isinstance(p, Parsed)}
    lines = {place: line_of(p) for place, p in reading.items() if belongs(place, p)}
    lines |= {(REQUESTS, *at): json.dumps(m) for at, m in one.town.asked.items()}
    lines |= {(CLEARING_REQUESTS, 0, at): json.dumps(m) for at, m in one.quotas.items()}
    first = [place for place in lines if '"jiesuan.institution.v1"' in lines[place]]
    found: dict[Place, Any] = dict.fromkeys(reading, NOT_UNDERSTOOD)
    for place in [*sorted(first), *sorted(lines.keys() - set(first))]:
        found[place] = json.loads(trial.answer(lines[place], 1))["data"]
    return trial, found


def belongs(place: Place, parsed: Parsed) -> bool:
    """Whether a request of this type is understood on the topic that it lies on."""
    return (place[0] == CLEARING_REQUESTS) == is_of_clearing(parsed.envelope["type"])


def outcome(data: dict[str, Any]) -> tuple[str, list[str]]:
    """Say in short how a request came out."""
    return data["outcome"], [each["code"] for each in data.get("refusals", ())]


def comparable(data: dict[str, Any], place: Place) -> Any:
    """Leave out what `try` cannot know: places, and of months the day of recording."""
    if place[0] == CLEARING_REQUESTS and "entry" in data:
        data = {**data, "entry": data["entry"]["version"]}
    return without_places(data) if place[0] == REQUESTS else data


def check_answers(
    one: Tortured, asked: dict[Place, Parsed | str], expected: dict[Place, Any]
) -> Counter[str]:
    """Hold every answer against `try`: the good whole, others by how they came out."""
    said: Counter[str] = Counter()
    for place in one.good():
        records = one.answers.get(place, [])
        assert len(records) == 1, f"{place} has {len(records)} answers"
        data = json.loads(records[0].value or b"")
        told, right = comparable(data, place), comparable(expected[place], place)
        assert told == right, f"{place}: {told} for {right}"
        said[outcome(data)[0]] += 1
    assert one.answers.keys() <= one.good() | asked.keys(), "who never asked"
    for place, parsed in asked.items():
        records = one.answers.get(place, [])
        if isinstance(parsed, Parsed):
            assert len(records) == 1, f"{place} has {len(records)} answers"
            data = json.loads(records[0].value or b"")
            told, right = outcome(data), outcome(expected[place])
            assert told == right, f"{place}: {told} for {right}: {parsed}"
            said[f"stranger {outcome(data)[0]}"] += 1
        else:
            assert len(records) <= 1
            said[f"stranger {parsed}"] += 1
    return said


async def check_letters(
    one: Tortured, there: dict[Place, Record], asked: dict[Place, Parsed | str]
) -> None:
    """Each record that cannot be read has a letter with its bytes and the reason.

    Beside it may lie a stranger's copy of one, a bit of it flipped.
    """
    statement = (
        'SELECT topic, "partition", "offset", reason, key, value FROM dead_letter'
    )
    found: set[Place] = set()
    for topic, partition, offset, reason, key, value in await one.rows(statement):
        place = str(topic), int(partition), int(offset)
        if place not in asked or reason != asked[place]:
            continue
        record = there[place]
        if (key, value) == (record.key, record.value or b""):
            found.add(place)
    unread = {place for place, read in asked.items() if isinstance(read, str)}
    assert unread <= found, f"without a letter: {sorted(unread - found)[:3]}"


async def named(one: Tortured) -> set[Place]:
    """Return what is named: by an answer, a row, a dead letter, a line in a log."""
    found = set(one.answers)
    letters = 'SELECT topic, "partition", "offset" FROM dead_letter'
    found |= {(str(t), int(p), int(o)) for t, p, o in await one.rows(letters)}
    for topic, statement in BY_ROW.values():
        found |= {(topic, p, o) for p, o in await one.rows(statement)}
    for event, topic in BY_LOG.items():
        found |= {(topic, 0, offset) for offset in one.logged(event)}
    looks: list[int] = []
    async for _ in looks_at(one.town.log, None, stranger=looks.append):
        pass
    return found | {(topics.LOOKS, 0, offset) for offset in looks}


async def check_named(one: Tortured, writer: Writer) -> Counter[str]:
    """Every stranger is named; of a batch that does not read, what is read of it."""
    left = {
        place
        for place, stranger in writer.places.items()
        if not (place[0] in ASKED and stranger.end in ("aborted", "open"))
        and not is_copy(place, stranger)
    }
    unnamed = left

    async def all_named() -> bool:
        nonlocal unnamed
        there = await named(one)
        whole = {writer.bent.get(place, place) for place in there}
        unnamed = {
            place
            for place in left
            if place not in there and writer.bent.get(place) not in whole
        }
        return not unnamed

    with suppress(TimeoutError):
        await until(all_named, seconds=NAMED_SECONDS)
    some = {place: writer.places[place] for place in sorted(unnamed)[:3]}
    assert not unnamed, f"{Counter(place[0] for place in unnamed)}: {some}"
    through = {(place[0], one.codec) for place, one in writer.places.items()}
    assert through == set(product(TOPICS, CODECS)), "a codec through each topic"
    return Counter(place[0] for place in writer.places)


def is_copy(place: Place, stranger: Stranger) -> bool:
    """Whether a record says what ours says where ours stands: nobody can tell."""
    topic, partition, _ = place
    record = record_of(stranger.record)
    if topic == ANSWERS:
        return isinstance(accept_answer(record, partition), AcceptedAnswer)
    return topic == topics.REFERENCE and (record.key or b"").startswith(
        (b"institution:", b"pack:")
    )


async def check_books(one: Tortured, trial: Trial) -> None:
    """The ledger is what `try` entered, and every table is what the log says."""
    report = await one.town.verified()
    assert report.wrong == []
    persons = trial.persons.known.values()
    assert report.entries == sum(person.head.version for person in persons)
    kafka, pg = one.town.servers.kafka, one.town.servers.pg
    checker = LawChecker(load_packs())
    for name in MODELS:
        found = await compare_with_log(kafka, pg, name=name, checker=checker)
        assert found.agrees, name
