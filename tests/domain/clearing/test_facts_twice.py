"""The facts of clearing exist twice, for vendors and for speed: both say the same."""

import copy
import json
from random import Random
from typing import Any, Final, get_args

import pytest
from msgspec import structs
from tests.domain.clearing.random_months import RandomMonths

from jiesuan_events.clearing import facts as contract
from jiesuan_events.clearing import requests, rows
from jiesuan_events.clearing.facts import CLEARING_FACT_TYPES
from jiesuan_events.words.fields import Contract
from jiesuan_events.words.glossary import wire_name
from jiesuan_ledger.clearing import facts as law
from jiesuan_ledger.clearing.facts import (
    CLEARING_TYPE_OF,
    ClearingFact,
    read_clearing_fact,
)
from jiesuan_ledger.facts import NotAFact

STRANGE: Final[tuple[Any, ...]] = (
    None,
    "",
    "x",
    "x" * 600,
    "\u0000",
    "结算",
    "0\n",
    0,
    1,
    -1,
    2**53,
    -(2**63),
    1.5,
    1.0,
    True,
    [],
    {},
    "2022-02-30",
    "2022-03-01",
    "2022-03-01T09:00:00+08:00",
    "0.80001",
    "202213",
)
TWINS: Final = {
    name: getattr(home, name)
    for home in (requests, rows, contract)
    for name in vars(home)
    if isinstance(getattr(home, name), type)
    and issubclass(getattr(home, name), Contract)
    and getattr(getattr(law, name, None), "__struct_fields__", None)
}


@pytest.fixture(scope="module")
def bodies() -> list[tuple[str, dict[str, Any]]]:
    """Facts of every type, each kept in several shapes."""
    found: dict[tuple[str, frozenset[str]], dict[str, Any]] = {}
    for seed in (20, 15):
        life = RandomMonths(Random(seed))
        life.live(250)
        for entry in life.months.trial.clearing.entries:
            body = json.loads(entry.value)
            found[entry.type, frozenset(body)] = body
    return [(type_, body) for (type_, _), body in found.items()]


def test_every_type_of_fact_has_both_forms() -> None:
    """The structs, the contracts and their types are the same list."""
    assert {*get_args(ClearingFact)} == {*CLEARING_TYPE_OF}
    assert [*CLEARING_TYPE_OF.values()] == [*CLEARING_FACT_TYPES]
    assert {one.__name__ for one in CLEARING_TYPE_OF} <= {*TWINS}


@pytest.mark.parametrize("name", sorted(TWINS))
def test_both_forms_have_the_same_fields(name: str) -> None:
    """A field of one is a field of the other, under the same name, required in both."""
    struct = getattr(law, name)
    fields = TWINS[name].model_fields
    assert {*struct.__struct_fields__} == {*fields}
    for word, wire in zip(
        struct.__struct_fields__, struct.__struct_encode_fields__, strict=True
    ):
        assert wire == wire_name(word)
    assert {one.name for one in structs.fields(struct) if one.required} == {
        word for word, one in fields.items() if one.is_required()
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every place inside a JSON value."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    for key, one in inner:
        found += places(one, (*path, key))
    return found


def spoiled(body: dict[str, Any], rng: Random) -> dict[str, Any]:
    """Change, drop or add something somewhere."""
    made = copy.deepcopy(body)
    *outer, last = rng.choice(places(made))
    inside: Any = made
    for key in outer:
        inside = inside[key]
    what = rng.random()
    if what < 0.7:
        inside[last] = rng.choice(STRANGE)
    elif what < 0.9:
        del inside[last]
    elif isinstance(inside, dict):
        inside["unheard_of"] = rng.choice(STRANGE)
    return made


def is_contract(type_: str, value: bytes) -> bool:
    """Whether the contract takes a value."""
    try:
        CLEARING_FACT_TYPES[type_].validate_json(value)
    except ValueError:
        return False
    return True


def is_fact(type_: str, value: bytes) -> bool:
    """Whether the rules take a value."""
    try:
        read_clearing_fact(type_, value)
    except NotAFact:
        return False
    return True


def test_a_spoiled_fact_is_one_to_both_or_to_neither(
    bodies: list[tuple[str, dict[str, Any]]],
) -> None:
    """Twenty thousand spoiled facts find no difference."""
    rng = Random(310)
    assert len({type_ for type_, _ in bodies}) >= len(CLEARING_TYPE_OF) - 1
    parted: dict[str, bytes] = {}
    for _ in range(20_000):
        type_, body = rng.choice(bodies)
        value = json.dumps(spoiled(body, rng)).encode()
        if is_contract(type_, value) != is_fact(type_, value):
            parted.setdefault(type_, value)
    assert parted == {}
