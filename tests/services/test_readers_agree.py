"""What is a fact and what is a fork: every reader of the ledger says the same."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jiesuan_events.entries.rules import RULES
from jiesuan_events.facts import read_fact as read_by_contract
from jiesuan_ledger.facts import TYPE_OF, NotAFact
from jiesuan_ledger.facts import read_fact as read_for_the_law


def accepts(read: Any, type_: str, value: bytes, wrong: type[Exception]) -> bool:
    """Whether a reader takes a value for a fact."""
    try:
        read(type_, value)
    except wrong:
        return False
    return True


def blocks(value: Any) -> Iterator[dict[str, Any]]:
    """Return every block of money inside a fact."""
    if isinstance(value, dict):
        if value.get("setl_proc_info"):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from blocks(inner)


def more_out(block: dict[str, Any], at: int) -> None:
    """Let a step feed one fen more."""
    block["setl_proc_info"][at][2] += 1


def by_another(block: dict[str, Any], at: int) -> None:
    """Let a step be another rule's, one that feeds another amount."""
    rule = block["setl_proc_info"][at][0]
    other = "large-sum" if RULES[rule].feeds != "large_sum_pay" else "price-limit"
    block["setl_proc_info"][at][0] = other


def by_nobody(block: dict[str, Any], at: int) -> None:
    """Let a step name a rule that there is not."""
    block["setl_proc_info"][at][0] = "charity"


def without(block: dict[str, Any], at: int) -> None:
    """Leave a step out."""
    del block["setl_proc_info"][at]


def twice(block: dict[str, Any], at: int) -> None:
    """Take a step a second time."""
    block["setl_proc_info"].append(block["setl_proc_info"][at])


def given_away(block: dict[str, Any], at: int) -> None:
    """Let a fund that no rule feeds pay instead of the personal part."""
    del at
    block["maf_pay_fen"] = 1
    block["fund_pay_sumamt_fen"] = block.get("fund_pay_sumamt_fen", 0) + 1
    for name in ("psn_part_amt_fen", "psn_cash_pay_fen"):
        block[name] = block.get(name, 0) - 1


@pytest.mark.parametrize(
    "wrong", [more_out, by_another, by_nobody, without, twice, given_away]
)
def test_amounts_that_are_not_their_steps_are_no_fact(
    facts: list[tuple[str, dict]], wrong: Callable[[dict[str, Any], int], None]
) -> None:
    """No reader takes a computation that does not make the amounts, in any block."""
    tried = set()
    for type_, body in facts:
        for number, block in enumerate(blocks(body)):
            for at in range(len(block["setl_proc_info"])):
                spoilt = copy.deepcopy(body)
                wrong(list(blocks(spoilt))[number], at)
                value = json.dumps(spoilt).encode()
                assert not accepts(read_for_the_law, type_, value, NotAFact)
                assert not accepts(read_by_contract, type_, value, ValueError)
                tried.add(type_)
    assert tried == {
        "jiesuan.settled.v1",
        "jiesuan.claimed.v1",
        "jiesuan.refunded.v1",
        "jiesuan.gap-refunded.v1",
        "jiesuan.compensated.v1",
    }


def test_what_the_law_enters_is_a_fact_by_contract(
    facts: list[tuple[str, dict]],
) -> None:
    """Facts of every kind that the clerk enters read by the published contract."""
    assert {type_ for type_, _ in facts} == set(TYPE_OF.values())
    for type_, body in facts:
        read_by_contract(type_, json.dumps(body).encode())
