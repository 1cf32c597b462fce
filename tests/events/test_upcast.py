"""Old facts are read as new ones, and the chain never notices."""

import json
from typing import Any

import pytest

from jiesuan_events.entries.chain import GENESIS, follows
from jiesuan_events.entries.entry import Entry, read_entry
from jiesuan_events.entries.upcast import STEPS, NotUpcast, UpcastStep, upcast
from jiesuan_events.facts import Qualified, read_fact
from jiesuan_ledger import facts as law

OLD = "jiesuan.qualified.v0"
NEW = "jiesuan.qualified.v1"


def named_the_disease_otherwise(data: dict[str, Any]) -> dict[str, Any]:
    """Turn an invented version 0, which said `dise_codg`, into version 1."""
    renamed = {"opsp_dise_code": data["dise_codg"]}
    return {key: data[key] for key in data if key != "dise_codg"} | renamed


AS_IF = {OLD: UpcastStep(NEW, named_the_disease_otherwise)}

STORED = json.dumps(
    {
        "psn_no": "P0001",
        "request_source": "/agency/429900",
        "request_id": "Q1",
        "request_time": "2022-01-01T09:00:00+08:00",
        "content": "ab" * 32,
        "insutype": "310",
        "dise_codg": "M01600",
        "begndate": "2022-01-01",
    }
).encode()


def entry(value: bytes, type_: str, *, after: Entry | None = None) -> Entry:
    """Make an entry at the head of P0001's chain."""
    return Entry(
        person_id="P0001",
        type=type_,
        version=1 if after is None else after.version + 1,
        prev_hash=GENESIS if after is None else after.hash,
        value=value,
        recorded_at="2022-01-01T01:00:00.000+00:00",
    )


def test_an_old_fact_reads_as_a_new_one() -> None:
    """Contract and law understand a version 0 as the version 1 it has become."""
    fact = read_fact(OLD, STORED, steps=AS_IF)
    assert isinstance(fact, Qualified)
    assert fact.qualified_disease == "M01600"
    decided = law.read_fact(OLD, STORED, steps=AS_IF)
    assert isinstance(decided, law.Qualified)
    assert decided.qualified_disease == "M01600"


def test_the_hash_is_over_what_is_stored() -> None:
    """Upcasting leaves the stored bytes, so hash and chain are the old entry's."""
    old = entry(STORED, OLD)
    again = read_entry(b"P0001", old.value, headers=old.headers())
    _, new_value = upcast(again.type, again.value, steps=AS_IF)
    assert again.value == STORED != new_value
    assert again.hash == old.hash
    new = entry(new_value, NEW, after=again)
    assert follows(old.version, old.hash, version=new.version, prev=new.prev_hash)


def test_steps_are_taken_one_after_the_other() -> None:
    """A fact two versions old takes both steps, oldest first."""
    steps = {
        "v1": UpcastStep("v2", lambda data: {"ways": [*data["ways"], "1 to 2"]}),
        "v2": UpcastStep("v3", lambda data: {"ways": [*data["ways"], "2 to 3"]}),
    }
    type_, value = upcast("v1", b'{"ways":[]}', steps=steps)
    assert (type_, json.loads(value)) == ("v3", {"ways": ["1 to 2", "2 to 3"]})


def test_a_newest_fact_is_not_touched() -> None:
    """What is in its newest version comes back as the same object."""
    type_, value = upcast(NEW, STORED)
    assert type_ is NEW
    assert value is STORED


@pytest.mark.parametrize("value", [b"{", b"\xff", b"[]", b"{}", b"null"])
def test_rogue_data_of_an_old_type_is_refused_by_name(value: bytes) -> None:
    """A forged old fact is not a fact, and crashes nobody."""
    with pytest.raises(NotUpcast, match="not a stored"):
        upcast(OLD, value, steps=AS_IF)
    with pytest.raises(law.NotAFact):
        law.read_fact(OLD, value, steps=AS_IF)


def test_every_way_ends_at_a_fact_we_know() -> None:
    """No step of ours leads round in a circle, or past the newest version."""
    for type_ in STEPS:
        seen = [type_]
        while seen[-1] in STEPS:
            seen.append(STEPS[seen[-1]].to)
            assert len(seen) == len(set(seen))
        assert seen[-1] in set(law.TYPE_OF.values())
