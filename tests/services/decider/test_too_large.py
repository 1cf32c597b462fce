"""What would be larger than the log takes: refused whole, and nothing is entered."""

import json
from typing import Any

import pytest
from msgspec.json import encode

from jiesuan_domain.requests.gap_refund import BLOCK_BYTES, LINE_BYTES
from jiesuan_events.words.topics import MAX_VALUE_BYTES
from jiesuan_ledger.log.record import Record
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.client.sending import to_record
from jiesuan_services.runtime.packs import load_packs

LINES = 1_000


def large(ask: Any, id_: str, *, lines: int = LINES) -> dict:
    """Ask for a settlement of as many lines as a bill may have."""
    bill: dict = ask.settle("P1", id_, fen=100)
    (line,) = bill["data"]["feedetail"]
    made = [line | {"feedetl_sn": f"{n:050}"} for n in range(lines)]
    total = 100 * lines
    return bill | {
        "data": bill["data"] | {"feedetail": made, "medfee_sumamt_fen": total}
    }


def gap_refund(ask: Any, id_: str, *, of: str) -> dict:
    """Ask to take a settlement out from under the later ones."""
    asked: dict = ask.refund("P1", id_, of=of)
    return asked | {"type": "jiesuan.gap-refund.v1"}


def tried(*messages: dict) -> list[dict]:
    """Answer the same in `try`, places left out."""
    trial = Trial(load_packs())
    lines = trial.answers(json.dumps(one) for one in messages)
    return [json.loads(line)["data"] for line in lines]


async def test_a_gap_refund_that_is_too_large_is_refused_whole(
    town: Any, ask: Any
) -> None:
    """Over 55 bills of 1,000 lines neither money moves nor is an answer lost."""
    bills = [large(ask, f"S{n}") for n in range(56)]
    refunds = [ask.refund("P1", f"R{n}", of=f"S{n}") for n in range(55, 53, -1)]
    asked = [ask.enrol("P1"), *bills, gap_refund(ask, "G1", of="S0"), *refunds]
    town.ask(*asked)
    await town.decide(at_once=10)
    assert town.outcomes() == [
        *("recorded", *["decided"] * 57, "too-large"),
        *["decided"] * 2,
    ]
    assert town.causes() == list(range(len(asked) + 1))
    assert len(town.entries()) == 1 + 56 + 2
    (refusal,) = json.loads(town.answers()[58].value)["refusals"]
    size = refusal["details"]["bytes"]
    assert size > refusal["details"]["limit"] == MAX_VALUE_BYTES
    assert refusal == tried(ask.institution(), *asked)[58]["refusals"][0]
    assert refusal["transient"] is False


async def test_a_gap_refund_that_is_just_not_too_large_is_decided(
    town: Any, ask: Any
) -> None:
    """What fits is written, and its answer is given, of many megabytes both."""
    bills = [large(ask, f"S{n}") for n in range(30)]
    asked = [ask.enrol("P1"), *bills, gap_refund(ask, "G1", of="S0")]
    town.ask(*asked)
    await town.decide(at_once=10)
    assert town.outcomes()[-1] == "decided"
    answer = town.answers()[-1].value
    assert 5_000_000 < len(answer) < MAX_VALUE_BYTES


def test_what_a_block_is_counted_with_is_less_than_it_is(ask: Any) -> None:
    """No block and no line of a fact is written in fewer bytes than are counted."""
    trial = Trial(load_packs())
    one_line = large(ask, "1", lines=1)
    one_line["data"]["feedetail"][0]["feedetl_sn"] = "1"
    for message in (ask.institution(), ask.enrol("P1"), one_line):
        trial.answer(json.dumps(message), 1)
    (kept,) = trial.persons.get("P1").settlements.values()
    (line,) = kept.block.lines
    nothing = line.__class__("1", "1", 0)
    assert len(encode(nothing)) + 1 >= LINE_BYTES
    assert len(encode(kept.block)) - len(encode(line)) >= BLOCK_BYTES


def test_a_refusal_that_names_too_much_is_refused_shortly(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More settlements above a refund than an answer takes are not all named."""
    trial = Trial(load_packs())
    monkeypatch.setattr("jiesuan_services.clerk.clerk.MAX_VALUE_BYTES", 10_000)
    bills = [ask.settle("P1", f"S{n}", fen=100) for n in range(200)]
    messages = [ask.institution(), ask.enrol("P1"), *bills]
    for message in messages:
        trial.answer(json.dumps(message), 1)
    answer = trial.answer(json.dumps(ask.refund("P1", "R", of="S0")), 1)
    (refusal,) = json.loads(answer)["data"]["refusals"]
    assert refusal["code"] == "too-large"
    assert len(answer) < 2_000


@pytest.mark.parametrize("name", ["id", "source", "type", "time", "subject", "other"])
async def test_no_long_header_is_said_again(town: Any, ask: Any, name: str) -> None:
    """Of a header of 9 MB nothing comes back; the request behind it is answered."""
    record = to_record(ask.settle("P1", "S1"))
    long = b"x" * 9_000_000
    headers = dict(record.headers) | {f"ce_{name}": long}
    key = long if name == "subject" else record.key
    town.put(Record(key, record.value, list(headers.items())))
    town.ask(ask.enrol("P1"))
    await town.decide()
    assert town.causes()[-1] == 2
    assert town.outcomes()[-1] == "decided"
    for answer in town.answers():
        said = b"".join(value or b"" for _, value in answer.headers)
        assert len(said) + len(answer.value or b"") < 10_000
    assert sum(len(one.value or b"") for one in town.dead_letters()) < 10_000
