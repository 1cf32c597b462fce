"""The mirror of a settlement: the same block with every amount negative."""

from typing import Any, Final

from jiesuan_events.entries.block import Money, Named
from jiesuan_ledger.parts.block import Block, SplitLine, Step

MONEY: Final = tuple(Money.model_fields)
"""Every amount of a block, in the order of the contract."""
_OWN: Final = frozenset((*Named.model_fields, "sender_settlement_id", "lines", "steps"))
_KEPT: Final = tuple(
    name for name in Block.__struct_fields__ if name not in _OWN and name not in MONEY
)
"""What a mirror has of its original as it is: who was treated where, and the law."""


def _mirror_line(line: SplitLine) -> SplitLine:
    return SplitLine(
        line.line_id,
        line.item,
        -line.line_total,
        -line.excluded,
        -line.line_over_limit,
        -line.upfront_copay,
        -line.in_scope,
    )


def mirror_fields(
    block: Block, *, settlement_id: str, sender_id: str
) -> dict[str, Any]:
    """Return the fields of a settlement's mirror, under its own ids."""
    fields = {name: getattr(block, name) for name in _KEPT}
    fields.update({name: -getattr(block, name) for name in MONEY})
    fields.update(
        settlement_id=settlement_id,
        sender_settlement_id=sender_id,
        original_settlement_id=block.settlement_id,
        original_sender_id=block.sender_settlement_id,
        lines=tuple(_mirror_line(line) for line in block.lines),
        steps=tuple(
            Step(step.rule, -step.amount_in, -step.amount_out) for step in block.steps
        ),
    )
    return fields


def plain_fields(block: Block) -> dict[str, Any]:
    """Return the fields of a block as they are."""
    return {name: getattr(block, name) for name in Block.__struct_fields__}
