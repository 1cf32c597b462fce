"""One decider alone: order, names, institutions, poison."""

import json
from typing import Any, cast

import pytest

from jiesuan_services.client.sending import to_record


async def test_every_request_is_answered_once_in_its_order(town: Any, ask: Any) -> None:
    """Answers come in the order of the requests, each naming the one it answers."""
    town.ask(ask.enrol("P1"), *(ask.settle("P1", f"S{n}") for n in range(250)))
    await town.decide(at_once=40)
    assert town.causes() == list(range(252))
    assert town.outcomes() == ["recorded"] + ["decided"] * 251


async def test_an_answer_names_the_place_where_its_entry_stands(
    town: Any, ask: Any
) -> None:
    """Partition, offset, version and hash of an answer are those of the ledger."""
    town.ask(ask.enrol("P1"), ask.settle("P1", "S1"), ask.settle("P1", "S2"))
    await town.decide()
    places = [json.loads(answer.value)["entry"] for answer in town.answers()[1:]]
    assert [place["offset"] for place in places] == [1, 2, 3]
    assert [place["version"] for place in places] == [1, 2, 3]
    hashes = [dict(entry.headers)["ce_id"].decode() for entry in town.entries()]
    assert [place["hash"] for place in places] == hashes


async def test_a_request_sent_again_gets_the_first_answer(town: Any, ask: Any) -> None:
    """The same content again, in the same batch, gets the same bytes, no entry."""
    settle = ask.settle("P1", "S1")
    town.ask(ask.enrol("P1"), settle, settle, ask.settle("P1", "S2"), settle)
    await town.decide()
    first, second, _, third = town.answers()[2:]
    assert first.value == second.value == third.value
    assert first.headers[:-2] == second.headers[:-2] == third.headers[:-2]
    assert town.causes() == [0, 1, 2, 3, 4, 5]
    assert len(town.entries()) == 3


async def test_a_request_sent_again_later_is_answered_from_the_log(
    town: Any, ask: Any
) -> None:
    """A new decider answers an old request with the bytes that the first one gave."""
    everything = [
        ask.enrol("P1"),
        ask.settle("P1", "S1"),
        ask.settle("P1", "S2", fen=70_000),
        ask.refund("P1", "R1", of="S2"),
    ]
    town.ask(*everything)
    await town.decide()
    town.ask(*everything)
    await town.decide()
    first, second = town.answers()[1:5], town.answers()[5:]
    assert [one.value for one in first] == [one.value for one in second]
    assert [one.headers[:-2] for one in first] == [one.headers[:-2] for one in second]
    assert len(town.entries()) == 4


async def test_a_name_with_other_content_is_refused_and_told_where_it_stands(
    town: Any, ask: Any
) -> None:
    """The second content of a name changes nothing and is told the first's place."""
    town.ask(ask.enrol("P1"), ask.settle("P1", "S1"))
    town.ask(ask.settle("P1", "S1", fen=1))
    await town.decide()
    refusal = json.loads(town.answers()[-1].value)["refusals"][0]
    assert refusal["code"] == "duplicate-different"
    first = refusal["details"]["first_entry"]
    assert (first["partition"], first["offset"]) == (0, 2)


async def test_a_refused_request_leaves_nothing_behind(town: Any, ask: Any) -> None:
    """What was refused for want of enrolment is decided when it comes again."""
    town.ask(ask.settle("P1", "S1"), ask.enrol("P1"), ask.settle("P1", "S1"))
    await town.decide()
    assert town.outcomes() == ["recorded", "not-enrolled", "decided", "decided"]


async def test_an_institution_registered_elsewhere_is_looked_up(
    town: Any, ask: Any
) -> None:
    """Before a hospital is called unknown, the reference is read to its end."""
    decider = await town.decider()
    elsewhere = await town.decider("elsewhere")
    await town.run(elsewhere)
    town.ask(ask.enrol("P1"), ask.settle("P1", "S1"))
    town.ask(ask.settle("P1", "S2", at="H42010090009"))
    await town.run(decider)
    assert town.outcomes()[-3:] == ["decided", "decided", "unknown-institution"]


POISON = {
    "bad-bytes": {"value": b"\xff\xfe{"},
    "bad-json": {"value": b"{"},
    "no value": {"value": None, "reason": "bad-json"},
    "not an object": {"value": b"[1]", "reason": "bad-json"},
    "wrong-key": {"key": b"P2"},
    "no key": {"key": None, "reason": "wrong-key"},
    "oversize": {"value": b'{"a":"' + b"x" * 1_000_000 + b'"}'},
}


@pytest.mark.parametrize("name", POISON)
async def test_poison_is_put_aside_and_the_sender_is_told(
    town: Any, ask: Any, name: str
) -> None:
    """Poison is kept byte for byte, answered malformed, and stops nobody."""
    change = dict(POISON[name])
    reason = change.pop("reason", name)
    bad = to_record(ask.settle("P1", "S1"))
    for field, value in change.items():
        setattr(bad, field, value)
    town.ask(ask.enrol("P1"))
    town.put(bad)
    town.ask(ask.settle("P1", "S1"))
    await town.decide()
    assert town.outcomes() == ["recorded", "decided", "malformed", "decided"]
    (letter,) = town.dead_letters()
    kept = dict(letter.headers)
    assert (letter.key, letter.value) == (bad.key, bad.value or b"")
    assert kept["reason"].decode() == reason
    assert (kept["topic"], kept["partition"], kept["offset"]) == (
        b"jiesuan.requests",
        b"0",
        b"2",
    )
    assert {kept[f"x-{header}"] for header, _ in bad.headers} == {
        value for _, value in bad.headers
    }


HEADERS: dict[str, list[tuple[str, Any]]] = {
    "none": [],
    "no type": [("ce_subject", b"P1")],
    "not text": [("ce_type", b"\xff"), ("ce_subject", b"P1")],
    "null": [("ce_type", None), ("ce_subject", b"P1")],
}


@pytest.mark.parametrize("name", HEADERS)
async def test_a_record_without_an_envelope_is_put_aside_silently(
    town: Any, ask: Any, name: str
) -> None:
    """Where no sender can be told, the dead letter is all there is."""
    bad = to_record(ask.settle("P1", "S1"))
    bad.headers = HEADERS[name]
    town.ask(ask.enrol("P1"))
    town.put(bad)
    town.ask(ask.settle("P1", "S1"))
    await town.decide()
    assert town.causes() == [0, 1, 3]
    assert [dict(one.headers)["reason"] for one in town.dead_letters()] == [
        b"bad-headers"
    ]


async def test_a_header_without_a_value_reads_as_absent(town: Any, ask: Any) -> None:
    """An extension that is null in a file or in a record is one that was not sent."""
    requests = [ask.settle("P1", f"S{n}") for n in range(3)]
    requests[0] |= {"traceparent": None, "dataschema": None}
    bare = to_record(requests[2])
    bare.headers = [*bare.headers, ("ce_traceparent", cast(bytes, None))]
    town.ask(ask.enrol("P1"), *requests[:2])
    town.put(bare)
    await town.decide()
    assert b"None" not in [value for _, value in to_record(requests[0]).headers]
    assert town.outcomes() == ["recorded"] + ["decided"] * 4
    assert not town.dead_letters()


async def test_a_request_that_does_not_read_is_no_dead_letter(
    town: Any, ask: Any
) -> None:
    """A schema error is answered malformed with its path; nothing is put aside."""
    wrong = ask.settle("P1", "S1")
    wrong["data"]["medfee_sumamt"] = 1
    town.ask(wrong)
    await town.decide()
    refusal = json.loads(town.answers()[-1].value)["refusals"][0]
    assert (refusal["code"], refusal["details"]["path"]) == (
        "malformed",
        "data.medfee_sumamt",
    )
    assert not town.dead_letters()


async def test_a_hospital_registered_anew_stays_so_while_its_record_is_on_its_way(
    town: Any, ask: Any
) -> None:
    """Looking up another hospital reads the former registration, which is no news."""
    decider = await town.decider()
    await town.run(decider)  # registered, and told to all, at the first level
    anew = ask.institution()
    anew["data"] |= {"dedc_hosp_lv": "3"}
    town.ask(
        ask.enrol("P1"),
        anew | {"id": "I-anew"},
        ask.settle("P1", "S1", at="H42010099999"),
        ask.settle("P1", "S2"),
    )
    await town.run(decider)
    levels = [json.loads(entry.value).get("dedc_hosp_lv") for entry in town.entries()]
    assert levels[-1] == "3"
