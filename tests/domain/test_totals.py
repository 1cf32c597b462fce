"""Accumulators: what goes in comes out again, to the fen."""

import json

from tests.domain import asking
from tests.domain.overlays import trial

from jiesuan_domain.requests.mirror import mirror_fields
from jiesuan_ledger.accumulators.totals import add, take_back
from jiesuan_ledger.parts.block import Block, Totals


def settled(care: str) -> Block:
    """Settle one bill and give its block."""
    town = trial()
    for one in (*asking.institutions(), asking.enrol("E1")):
        town.answer(asking.text(one), 1)
    town.answer(asking.text(asking.qualify("Q1", "M00500", "2022-01-01")), 1)
    named = {"dise_codg": "M00500"} if care == "14" else {}
    asked = asking.settle("S1", 700_001, care=care, **named)
    data = json.loads(town.answer(asking.text(asked), 1))["data"]
    return town.persons.get(asking.PERSON).settlements[data["setl_id"]].block


def test_taking_back_is_the_way_back() -> None:
    """After adding and taking back, settlements and mirrors leave no trace."""
    for care in ("11", "14"):
        block = settled(care)
        mirror = Block(**mirror_fields(block, settlement_id="R", sender_id="R1"))
        once = add(Totals(), block)
        assert once.settlement_count == 1
        assert once.pool_pay_sum == block.pool_pay > 0
        assert (once.ordinary_in_scope > 0) == (care == "11")
        assert take_back(once, block) == Totals()
        assert add(once, mirror) == Totals()
        assert take_back(Totals(), mirror) == once
