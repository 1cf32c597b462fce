"""The accumulators of a person's year: what a settlement adds, a mirror takes back."""

from collections.abc import Iterable

from msgspec.structs import astuple

from jiesuan_events.words.codes import ORDINARY
from jiesuan_events.words.money import Fen
from jiesuan_ledger.parts.block import Block, Totals

Taken = tuple[Fen, Fen, Fen, Fen, Fen]
"""Deductible, over the cap, pool, large-sum, personal part."""


def advance(
    before: Totals, care_type: str, *, in_scope: Fen, amounts: Taken, count: int = 1
) -> Totals:
    """Add the amounts of one settlement; all in fen, negative for a mirror.

    Ordinary care alone counts towards deductible and cap (A13); all of it counts
    towards 24万 (67号第二十八条).
    """
    deductible, over_cap, pool, large, burden = amounts
    return Totals(
        before.ordinary_in_scope + (in_scope if care_type in ORDINARY else 0),
        before.total_in_scope + in_scope,
        before.deductible_sum + deductible,
        before.over_cap_sum + over_cap,
        before.pool_pay_sum + pool,
        before.large_sum_pay_sum + large,
        before.person_burden_sum + burden,
        before.settlement_count + count,
    )


def add(before: Totals, block: Block) -> Totals:
    """Add a settlement, or a mirror: it takes a settlement back.

    Written out: every reader of the ledger comes by here (`python -m tools.shapes`).
    """
    in_scope = block.in_scope
    return Totals(
        before.ordinary_in_scope + (in_scope if block.care_type in ORDINARY else 0),
        before.total_in_scope + in_scope,
        before.deductible_sum + block.deductible_applied,
        before.over_cap_sum + block.over_cap,
        before.pool_pay_sum + block.pool_pay,
        before.large_sum_pay_sum + block.large_sum_pay,
        before.person_burden_sum + block.person_burden,
        before.settlement_count + (1 if block.original_settlement_id is None else -1),
    )


def take_back(before: Totals, block: Block) -> Totals:
    """Return the accumulators without one settlement, or without one mirror."""
    return advance(
        before,
        block.care_type,
        in_scope=-block.in_scope,
        amounts=(
            -block.deductible_applied,
            -block.over_cap,
            -block.pool_pay,
            -block.large_sum_pay,
            -block.person_burden,
        ),
        count=-1 if block.original_settlement_id is None else 1,
    )


def report(before: Totals, in_scope: Fen) -> Totals:
    """Add an inpatient report: it counts towards 24万 alone."""
    return advance(before, "", in_scope=in_scope, amounts=(0, 0, 0, 0, 0), count=0)


def summed(parts: Iterable[Totals]) -> Totals:
    """Add accumulators up, name by name."""
    return Totals(*map(sum, zip(*map(astuple, parts), strict=True)))
