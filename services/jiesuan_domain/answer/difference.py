"""What a gap refund moves: new − old, by settlement, by institution, in all; in fen."""

from typing import Any, Final

from jiesuan_events.answers import Moved
from jiesuan_events.words.glossary import wire_name
from jiesuan_ledger.facts import GapRefunded
from jiesuan_ledger.parts.block import Block

PAYERS: Final = tuple(Moved.model_fields)


def _amounts(block: Block) -> dict[str, int]:
    return {wire_name(name): getattr(block, name) for name in PAYERS}


def _sum(parts: list[dict[str, int]]) -> dict[str, int]:
    wires = [wire_name(name) for name in PAYERS]
    return {wire: sum(part[wire] for part in parts) for wire in wires}


def difference(fact: GapRefunded) -> dict[str, Any]:
    """Tabulate new − old: settlements in ledger order, the target first."""
    new_by_old = {block.replaces_settlement_id: block for block in fact.resettled}
    settlements: list[dict[str, Any]] = []
    institutions: dict[str, list[dict[str, int]]] = {}
    for mirror in reversed(fact.reversed):
        new = new_by_old.get(mirror.original_settlement_id)
        parts = [_amounts(mirror)] if new is None else [_amounts(mirror), _amounts(new)]
        moved = _sum(parts)
        settlements.append(
            {
                "setl_id": mirror.original_settlement_id,
                "replaced_by": None if new is None else new.settlement_id,
                "fixmedins_code": mirror.institution_id,
                **moved,
            }
        )
        institutions.setdefault(mirror.institution_id, []).append(moved)
    return {
        "settlements": settlements,
        "institutions": [
            {"fixmedins_code": code, **_sum(parts)}
            for code, parts in sorted(institutions.items())
        ],
        "total": _sum([part for parts in institutions.values() for part in parts]),
    }
