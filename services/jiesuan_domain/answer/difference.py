"""What a gap refund moves: new − old, by settlement, by institution, in all; in fen."""

from collections import defaultdict
from collections.abc import Iterable

from jiesuan_domain.answer.rendered import (
    RenderedDifference,
    RenderedMoved,
    RenderedMovedInstitution,
    RenderedMovedSettlement,
)
from jiesuan_ledger.facts import GapRefunded
from jiesuan_ledger.parts.block import Block

Payers = tuple[int, int, int, int, int, int]
"""The amounts of `RenderedMoved`, in its order."""


def _payers(block: Block) -> Payers:
    return (
        block.fund_pay_total,
        block.pool_pay,
        block.large_sum_pay,
        block.person_burden,
        block.account_pay,
        block.cash_pay,
    )


def _sum(parts: Iterable[Payers]) -> Payers:
    fund, pool, large, person, account, cash = map(sum, zip(*parts, strict=True))
    return fund, pool, large, person, account, cash


def difference(fact: GapRefunded) -> RenderedDifference:
    """Tabulate new − old: settlements in ledger order, the target first."""
    new_by_old = {block.replaces_settlement_id: block for block in fact.resettled}
    settlements: list[RenderedMovedSettlement] = []
    institutions: dict[str, list[Payers]] = defaultdict(list)
    for mirror in reversed(fact.reversed):
        old, at = mirror.original_settlement_id, mirror.institution_id
        assert old is not None, "a mirror names what it takes back"
        new = new_by_old.get(old)
        parts = [_payers(mirror)] if new is None else [_payers(mirror), _payers(new)]
        moved, by = _sum(parts), None if new is None else new.settlement_id
        settlements.append(RenderedMovedSettlement(old, by, at, *moved))
        institutions[at].append(moved)
    return RenderedDifference(
        settlements,
        [
            RenderedMovedInstitution(code, *_sum(parts))
            for code, parts in sorted(institutions.items())
        ],
        RenderedMoved(*_sum([p for parts in institutions.values() for p in parts])),
    )
