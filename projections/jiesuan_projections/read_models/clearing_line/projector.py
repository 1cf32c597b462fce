"""Clearing: a batch's sums by month, regions, scheme, category and institution."""

from typing import Final

from jiesuan_events.words.topics import LEDGER
from jiesuan_projections.engine.model import Connection, ReadModel, Row
from jiesuan_projections.engine.reading.ledger import LedgerBatch
from jiesuan_projections.engine.tables.copy import merge, taking
from jiesuan_projections.read_models.settlement.projector import blocks

_parties: Final = taking(
    "care_region", "insured_region", "scheme", "clearing_category", "institution_id"
)
_money: Final = taking(
    "total_charge",
    "fund_pay_total",
    "pool_pay",
    "large_sum_pay",
    "account_pay",
    "cash_pay",
)
Sums = list[int]


def rows(batch: LedgerBatch) -> list[Row]:
    """Sum a batch: settlements and refunds counted, money net."""
    lines: dict[tuple[str, ...], Sums] = {}
    for entry in batch.entries:
        for block in blocks(entry):
            is_refund = block.original_settlement_id is not None
            line = (entry.clearing_month, *_parties(block))
            sums = lines.get(line) or lines.setdefault(line, [0] * 8)
            sums[is_refund] += 1
            for at, amount in enumerate(_money(block), start=2):
                sums[at] += amount
    return [(*line, *sums) for line, sums in lines.items()]


async def apply(connection: Connection, batch: LedgerBatch) -> None:
    """Add the sums of a batch to their lines."""
    await merge(connection, "clearing_line", rows=rows(batch))


MODEL: Final = ReadModel("clearing_line", LEDGER, ("clearing_line",), apply)
