"""Months served on a log are those of a trial, whatever dies in between."""

import json
from random import Random
from typing import Any

import orjson
import pytest
from tests.domain.clearing.months import packs
from tests.domain.clearing.random_months import RandomMonths
from tests.services.clearing.conftest import Crash, Served

from jiesuan_domain.clearing.deadlines import Calendar
from jiesuan_domain.clearing.evolve import evolve_region
from jiesuan_domain.clearing.showing.views import VIEWS
from jiesuan_domain.clearing.state.region import Region
from jiesuan_events.words.topics import (
    ANSWERS,
    CLEARING,
    CLEARING_REQUESTS,
    DEAD_LETTERS,
    LEDGER,
    SEALS,
)
from jiesuan_ledger.clearing.reader import AcceptedClearing, accept_clearing
from jiesuan_ledger.log.imported import CLEARING_END, IMPORTED, SEALS_COUNT
from jiesuan_ledger.log.record import Record, TimedRecord
from jiesuan_ledger.reader import ChainHead, person_of
from jiesuan_services.clearing.read import is_of_clearing

Json = dict[str, Any]


def expected(life: RandomMonths) -> list[Json]:
    """Return the trial's answers to what was asked about months."""
    months = life.months
    return [
        answer["data"]
        for message, answer in zip(months.asked, months.answers, strict=True)
        if is_of_clearing(message["type"])
    ]


def without_place(data: Json) -> Json:
    """Leave out where an entry stands: a trial has no log."""
    if "entry" not in data:
        return data
    entry = {name: data["entry"][name] for name in ("version", "hash")}
    return {**data, "entry": entry}


def views_of(served: Served, life: RandomMonths) -> dict[str, list[Json]]:
    """Make the views from the facts on the log, over the rows that the trial knows."""
    regions: dict[str, Region] = {}
    for name, region in life.months.trial.clearing.regions.items():
        regions[name] = Region(name)
        for row in region.rows.values():
            regions[name].hear(row)
    heads: dict[str, ChainHead] = {}
    for record in served.log.partitions[CLEARING, 0]:
        name = person_of(record) or ""
        head = heads.get(name, ChainHead(0, bytes(32), 0))
        one = accept_clearing(record, head)
        assert isinstance(one, AcceptedClearing)
        heads[name] = one.head
        region = regions.setdefault(name, Region(name))
        region.apply(evolve_region(region, one.fact, calendar=Calendar(packs())))
    return {
        view: orjson.loads(orjson.dumps(list(show(regions.values(), packs()))))
        for view, show in VIEWS.items()
    }


def same_views(served: Served, life: RandomMonths) -> None:
    """Hold the views of the log against the trial's."""
    shown = life.months.views()
    for view, rows in views_of(served, life).items():
        assert rows == shown.get(view, []), view


async def test_months_on_a_log_are_those_of_a_trial(
    served: Served, lived: RandomMonths
) -> None:
    """Every answer is the trial's, once, in order, and so is every view."""
    for message in lived.months.asked:
        await served.ask(message)
        await served.serve()
    answers = served.answers()
    wanted = expected(lived)
    assert [len(answers[offset]) for offset in range(len(wanted))] == [1] * len(wanted)
    first = [without_place(answers[offset][0]) for offset in range(len(wanted))]
    assert first == [without_place(data) for data in wanted]
    same_views(served, lived)


@pytest.mark.parametrize("seed", range(6))
async def test_a_process_that_dies_at_any_write_loses_nothing(
    served: Served, lived: RandomMonths, seed: int
) -> None:
    """Killed before and after writes, its store kept or lost: the same answers."""
    rng = Random(seed)
    for message in lived.months.asked:
        await served.ask(message)
        while True:
            if rng.random() < 0.15:
                due = served.log.writes + rng.randint(1, 2)
                served.log.dies_at[due] = rng.choice(("before", "after"))
            try:
                await served.serve()
            except Crash:
                served.log.dies_at.clear()
                await served.start(forget=rng.random() < 0.3)
                continue
            break
        served.log.dies_at.clear()
    answers = served.answers()
    wanted = expected(lived)
    for offset, data in enumerate(wanted):
        for answer in answers[offset]:
            assert without_place(answer) == without_place(data)
    same_views(served, lived)


async def test_a_start_goes_on_where_the_last_one_stopped(
    served: Served, lived: RandomMonths
) -> None:
    """Started anew after every request, store kept or lost, it answers each once."""
    rng = Random(1)
    for message in lived.months.asked[:120]:
        await served.ask(message)
        await served.serve()
        if is_of_clearing(message["type"]):
            await served.start(forget=rng.random() < 0.3)
    assert {len(found) for found in served.answers().values()} == {1}


async def test_what_was_imported_answers_no_request_of_here(
    served: Served, lived: RandomMonths
) -> None:
    """A request that is sent again to the cluster of an import passes over nobody.

    The imported entry names the offset that its request had on the other cluster; here
    the same request may lie at the same offset, behind others that are not answered.
    """
    months = [one for one in lived.months.asked if is_of_clearing(one["type"])]
    for message in lived.months.asked:
        await served.ask(message)
    await served.serve()
    other = served.log.partitions
    last = dict(other[CLEARING, 0][-1].headers)["cause"].decode()
    offset = int(last.rsplit("/", 1)[-1])
    ends = json.dumps({"ends": {"0": len(other[LEDGER, 0]) - 1}}).encode()
    end = b"%d" % (len(other[CLEARING, 0]) - 1)
    seal = Record(None, ends, [IMPORTED, (CLEARING_END, end), (SEALS_COUNT, b"1")])
    for topic in (CLEARING_REQUESTS, ANSWERS):
        del other[topic, 0]
    await served.log.append(SEALS, 0, [seal])
    for message in months[: offset + 1]:
        await served.ask(message)
    await served.start(forget=True)
    await served.serve()
    assert sorted(served.answers()) == list(range(offset + 1))


async def test_what_somebody_else_wrote_is_taken_in(
    served: Served, lived: RandomMonths
) -> None:
    """An entry of another writer is read, and the request decided on top of it."""
    about_months = 0
    for message in lived.months.asked:
        await served.ask(message)
        about_months += is_of_clearing(message["type"])
        if about_months % 5 == 4 and is_of_clearing(message["type"]):
            await served.log.append(CLEARING, 0, [Record(b"x", b"{}", [])])
        await served.serve()
    first = [without_place(found[0]) for found in served.answers().values()]
    assert first == [without_place(data) for data in expected(lived)]


@pytest.mark.parametrize("at", [-(10**15), 2**63 - 1])
async def test_an_entry_with_any_time_is_taken(
    served: Served, lived: RandomMonths, at: int
) -> None:
    """Without a time that reads, an entry has Kafka's, which may be any 64 bits."""
    for message in lived.months.asked[:60]:
        await served.ask(message)
    ledger = served.log.partitions[LEDGER, 0]
    for offset, one in enumerate(ledger[1:], 1):
        headers = [(n, b"soon" if n == "ce_time" else v) for n, v in one.headers]
        assert headers != one.headers
        ledger[offset] = TimedRecord(one.key, one.value, headers, at)
    await served.server.follow()
    assert served.server.strangers == 0
    assert served.server.rows.next == [len(ledger)]


async def test_what_cannot_be_read_is_put_aside(served: Served) -> None:
    """A record nobody understands is a dead letter; its sender hears of it if named."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_type", b"jiesuan.clearing.draw.v1"),
        ("ce_source", b"/agency/990100"),
        ("ce_id", b"D1"),
        ("ce_time", b"2022-02-01T09:00:00+08:00"),
        ("ce_subject", b"990100"),
    ]
    served.now = "2022-02-01T09:00:00+08:00"
    for record in (
        Record(b"990100", b"{", headers),
        Record(b"990100", b"{}", headers[1:2]),
        Record(b"990200", b"{}", headers),
    ):
        await served.log.append(CLEARING_REQUESTS, 0, [record])
    await served.serve()
    letters = served.log.partitions[DEAD_LETTERS, 0]
    assert served.server.dead_letters == len(letters)
    reasons = [dict(one.headers)["reason"] for one in letters]
    assert reasons == [b"bad-json", b"bad-headers", b"wrong-key"]
    assert sorted(served.answers()) == [0, 2]
