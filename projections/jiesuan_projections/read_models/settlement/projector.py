"""Signed rows: + for what was settled, claimed or re-settled, − for every mirror."""

from collections.abc import Iterator
from typing import Final

from jiesuan_events.entries.block import Money
from jiesuan_events.words.glossary import wire_name
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.facts import BlockFact, GapRefunded
from jiesuan_ledger.parts.block import Block
from jiesuan_projections.engine.model import Connection, ReadModel, Row
from jiesuan_projections.engine.reading.ledger import LedgerBatch, PlacedEntry
from jiesuan_projections.engine.tables.copy import append, taking

_WORDS: Final = (
    "settlement_id",
    "sender_settlement_id",
    "visit_id",
    "year",
    "scheme",
    "person_category",
    "care_type",
    "clearing_category",
    "payment_place",
    "institution_level",
    "tier",
    "disease",
    "institution_id",
    "care_region",
    "insured_region",
    "service_day",
    "account_balance",
    *Money.model_fields,
    "original_settlement_id",
    "original_sender_id",
    "replaces_settlement_id",
)
_block_columns: Final = taking(*_WORDS, "policy.pack", "policy.sha256", "pool_rate")
COLUMNS: Final = (
    *(wire_name(word) for word in _WORDS),
    "policy_pack",
    "policy_sha256",
    "pool_prop_selfpay",
    "refd_setl_flag",
    "psn_no",
    "clr_ym",
    "recorded_at",
    "partition",
    "offset",
    "seq",
)


def blocks(entry: PlacedEntry) -> tuple[Block, ...]:
    """Return the settlements and mirrors that an entry states, in its order."""
    fact = entry.fact
    if isinstance(fact, BlockFact):
        return (fact,)
    if isinstance(fact, GapRefunded):
        return fact.reversed + fact.resettled
    return ()


def rows(batch: LedgerBatch) -> Iterator[Row]:
    """Return the rows that a batch adds."""
    for entry in batch.entries:
        for seq, block in enumerate(blocks(entry)):
            yield (
                *_block_columns(block),
                "0" if block.original_settlement_id is None else "1",
                entry.person_id,
                entry.clearing_month,
                entry.recorded_at,
                entry.partition,
                entry.offset,
                seq,
            )


async def apply(connection: Connection, batch: LedgerBatch) -> None:
    """Append the rows of a batch."""
    await append(connection, "settlement", columns=COLUMNS, rows=list(rows(batch)))


MODEL: Final = ReadModel(
    "settlement",
    LEDGER,
    ("settlement",),
    apply,
    views=("settlement_effective", "indicator"),
)
