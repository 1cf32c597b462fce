"""Prepayments: a batch's fund payments by pair of regions, scheme and year."""

from collections import defaultdict
from typing import Final

from jiesuan_events.words.codes import CLAIM_PLACE
from jiesuan_events.words.topics import LEDGER
from jiesuan_projections.engine.model import Connection, ReadModel, Row
from jiesuan_projections.engine.reading.ledger import LedgerBatch
from jiesuan_projections.engine.tables.copy import merge
from jiesuan_projections.read_models.settlement.projector import blocks


def rows(batch: LedgerBatch) -> list[Row]:
    """Sum the rows of other regions; claims are nobody's to clear."""
    sums: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for entry in batch.entries:
        for block in blocks(entry):
            if block.payment_place == CLAIM_PLACE:
                continue
            if block.insured_region != block.care_region:
                pair = (block.care_region, block.insured_region, block.scheme)
                sums[*pair, entry.clearing_month[:4]] += block.fund_pay_total
    return [(*key, amount) for key, amount in sums.items()]


async def apply(connection: Connection, batch: LedgerBatch) -> None:
    """Add the sums of a batch."""
    await merge(connection, "prepayment_use", rows=rows(batch))


MODEL: Final = ReadModel("prepayment_use", LEDGER, ("prepayment_use",), apply)
