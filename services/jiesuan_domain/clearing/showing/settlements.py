"""The view `settlement`: each settlement and mirror of an entry, as in the table."""

from collections.abc import Iterator
from typing import Any, Final

from jiesuan_domain.clearing.state.entries import blocks_of
from jiesuan_events.words.glossary import wire_name
from jiesuan_events.words.instants import clearing_month
from jiesuan_ledger.facts import Fact
from jiesuan_ledger.parts.block import Block

_NO_COLUMNS: Final = frozenset(
    {"lines", "steps", "policy", "pool_rate", "age", "filing_type"}
)
_WORDS: Final = tuple(
    word for word in Block.__struct_fields__ if word not in _NO_COLUMNS
)


def settlement_rows(
    fact: Fact, *, partition: int, offset: int, recorded_at: str
) -> Iterator[dict[str, Any]]:
    """Return the rows of an entry at its place, in its order."""
    month = clearing_month(recorded_at)
    for seq, block in enumerate(blocks_of(fact)):
        is_refund = block.original_settlement_id is not None
        yield {
            **{wire_name(word): getattr(block, word) for word in _WORDS},
            "policy_pack": block.policy.pack,
            "policy_sha256": block.policy.sha256,
            "pool_prop_selfpay": block.pool_rate,
            "refd_setl_flag": "1" if is_refund else "0",
            "psn_no": fact.person_id,
            "clr_ym": month,
            "recorded_at": recorded_at,
            "partition": partition,
            "offset": offset,
            "seq": seq,
        }
