"""The rows of a fact of the ledger that clearing takes: all but those of claims."""

from collections.abc import Iterator
from typing import Final

from jiesuan_domain.clearing.state.row import Row
from jiesuan_events.words.codes import CLAIM_PLACE
from jiesuan_ledger.facts import (
    Claimed,
    CompensatedByReversal,
    Fact,
    GapRefunded,
    Refunded,
    Settled,
)
from jiesuan_ledger.parts.block import Block

_BLOCKS: Final = (Settled, Claimed, Refunded, CompensatedByReversal)


def blocks_of(fact: Fact) -> tuple[Block, ...]:
    """Return the settlements and mirrors that a fact states, in its order."""
    if isinstance(fact, _BLOCKS):
        return (fact,)
    if isinstance(fact, GapRefunded):
        return fact.reversed + fact.resettled
    return ()


def rows_of(fact: Fact, *, partition: int, offset: int, month: str) -> Iterator[Row]:
    """Return the rows of an entry at its place, recorded in a Beijing month."""
    for seq, block in enumerate(blocks_of(fact)):
        if block.payment_place == CLAIM_PLACE:
            continue
        yield Row(
            settlement_id=block.settlement_id,
            place=(partition, offset, seq),
            month=month,
            care_region=block.care_region,
            insured_region=block.insured_region,
            institution_id=block.institution_id,
            scheme=block.scheme,
            category=block.clearing_category,
            total_charge=block.total_charge,
            fund_pay=block.fund_pay_total,
            account_pay=block.account_pay,
            cash_pay=block.cash_pay,
            is_refund=block.original_settlement_id is not None,
            original_id=block.original_settlement_id or "",
        )
