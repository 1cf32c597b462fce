"""What others write into the ledger: every reader names it, nobody stumbles."""

import json
from typing import Any

import pytest

from jiesuan_events.entries.chain import GENESIS, entry_hash
from jiesuan_events.entries.entry import Entry
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.verifying.verify import verify_log

TYPE = "jiesuan.settled.v1"


def entry(version: int, prev: bytes, *, value: bytes = b"{}", type_: str = TYPE) -> Any:
    """Make an entry of P1 that claims a place in the chain."""
    return Entry("P1", type_, version, prev, value, "2022-03-01T01:00:00+00:00", "", "")


def head_of(town: Any) -> tuple[int, bytes]:
    """Return version and hash of the last entry of the town."""
    headers = dict(town.entries()[-1].headers)
    return int(headers["version"]), bytes.fromhex(headers["ce_id"].decode())


def follow(town: Any, *, kind: str = "settled", **changes: Any) -> None:
    """Append an entry that follows, whose fact is the last one changed at will."""
    version, past = head_of(town)
    body = {**json.loads(town.entries()[-1].value), "request_id": "F", **changes}
    value = json.dumps(body).encode()
    town.forge(entry(version + 1, past, value=value, type_=f"jiesuan.{kind}.v1"))


FORGED = {
    "a version that was there": lambda town: town.forge(entry(1, GENESIS)),
    "a version too far": lambda town: town.forge(
        entry(head_of(town)[0] + 2, head_of(town)[1])
    ),
    "another past": lambda town: town.forge(
        entry(head_of(town)[0] + 1, entry_hash(GENESIS, 1, type_="x", value=b""))
    ),
    "a hash that is not its own": lambda town: town.forge(
        entry(head_of(town)[0] + 1, head_of(town)[1]), ce_id=b"00" * 32
    ),
    "no fact": lambda town: town.forge(entry(head_of(town)[0] + 1, head_of(town)[1])),
    "an amount beyond all bounds": lambda town: follow(town, inscp_scp_amt_fen=10**40),
    "a bill that does not add up": lambda town: follow(town, hifp_pay_fen=1),
    "an admission at no time": lambda town: follow(
        town, kind="admitted", begntime="yesterday"
    ),
    "a refund of nobody's settlement": lambda town: follow(
        town, kind="refunded", init_setl_id="NOBODYS"
    ),
    "a claim without its fields": lambda town: follow(
        town, kind="claimed", manl_reim_rea="-", pay_loc="9"
    ),
    "nobody's subject": lambda town: town.forge(
        entry(1, GENESIS, value=town.entries()[-1].value)._replace(person_id="P 1")
    ),
    "no JSON": lambda town: town.forge(
        entry(head_of(town)[0] + 1, head_of(town)[1], value=b"\xff")
    ),
    "an unknown type": lambda town: town.forge(
        entry(head_of(town)[0] + 1, head_of(town)[1], type_="jiesuan.gift.v1")
    ),
    "a version beyond 64 bits": lambda town: town.forge(
        entry(1, GENESIS), version=str(1 << 70).encode()
    ),
    "a negative version": lambda town: town.forge(entry(1, GENESIS), version=b"-1"),
    "a version of words": lambda town: town.forge(entry(1, GENESIS), version=b"one"),
    "a header without a value": lambda town: town.forge(
        entry(1, GENESIS), version=None
    ),
    "a type without a value": lambda town: town.forge(entry(1, GENESIS), ce_type=None),
    "a type that is no ASCII": lambda town: town.forge(
        entry(1, GENESIS), ce_type="结算".encode()
    ),
    "bytes for a subject": lambda town: town.forge(
        entry(1, GENESIS), ce_subject=b"\xff"
    ),
    "a short past": lambda town: town.forge(entry(1, GENESIS), **{"prev-hash": b"00"}),
    "nothing": lambda town: town.log.partitions[LEDGER, 0].append(
        Record(None, None, [])  # type: ignore[arg-type]
    ),
    "a tombstone": lambda town: town.log.partitions[LEDGER, 0].append(
        Record(b"P1", None, list(town.entries()[-1].headers))  # type: ignore[arg-type]
    ),
    "a copy": lambda town: town.log.partitions[LEDGER, 0].append(town.entries()[-1]),
    "a second beginning": lambda town: town.log.partitions[LEDGER, 0].append(
        town.log.partitions[LEDGER, 0][0]
    ),
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_record_is_named_and_ignored(
    town: Any, ask: Any, name: str
) -> None:
    """A forged record is a fork to the auditor and changes nothing for the decider."""
    town.ask(ask.enrol("P1"), ask.settle("P1", "S1"))
    await town.decide()
    FORGED[name](town)
    place = len(town.entries())
    town.ask(ask.settle("P1", "S2"), ask.refund("P1", "R1", of="S2"))
    decider = await town.decide()
    town.ask(ask.refund("P1", "R2", of="S1"))
    await town.decide(name="with no store")
    assert town.outcomes() == ["recorded"] + ["decided"] * 5
    report = await verify_log(town.log, partitions=1)
    assert [fork.offset for fork in report.forks] == [place]
    assert report.entries == 5
    assert report.wrong == []
    assert decider.ledger_next == place + 3


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_record_beside_a_running_decider_costs_a_reading(
    town: Any, ask: Any, name: str
) -> None:
    """A decider that finds a stranger's record behind its own goes on correctly."""
    town.ask(ask.enrol("P1"), ask.settle("P1", "S1"))
    decider = await town.decider()
    await town.run(decider)
    FORGED[name](town)
    town.ask(ask.settle("P1", "S2"), ask.settle("P1", "S3"))
    await town.run(decider)
    assert town.outcomes() == ["recorded"] + ["decided"] * 4
    assert set((await town.names()).values()) == {1}


async def test_facts_that_make_no_sense_stop_nobody(town: Any, ask: Any) -> None:
    """Who can forge a hash can enter well-formed facts: readers take them and go on."""
    town.ask(ask.enrol("P1"), ask.settle("P1", "S1"))
    await town.decide()
    for digit, said in enumerate(({}, {"medins_setl_id": "X"}, {"year": "9999"})):
        follow(town, setl_id=f"S{digit:028}", **said)
    assert (await verify_log(town.log, partitions=1)).forks == []
    town.ask(ask.refund("P1", "R1", of="S1"), ask.settle("P1", "S2"))
    await town.decide()
    assert town.outcomes()[-2:] == ["later-settlements-first", "decided"]
