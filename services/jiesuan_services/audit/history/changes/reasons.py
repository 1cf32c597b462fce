"""Why accumulators moved between two points: the articles of what was settled."""

from collections.abc import Iterable
from typing import Any

from jiesuan_domain.answer.explanation import explain
from jiesuan_domain.answer.render import rules_of
from jiesuan_domain.policy.model import Packs
from jiesuan_ledger.accumulators.pools import Counting, blocks_of
from jiesuan_ledger.facts import Fact
from jiesuan_ledger.reader import accepted
from jiesuan_services.audit.history.ledger import PastLedger
from jiesuan_services.audit.history.person import entries_of
from jiesuan_services.audit.points import AsOf


async def reasons_between(
    past: PastLedger,
    points: tuple[AsOf, AsOf],
    *,
    psn_no: str | None,
    packs: Packs,
) -> list[dict[str, Any]]:
    """Return what each article came to between two points, of one person or of all."""
    first, second = points
    if psn_no is not None:
        known = len(entries_of(past, first, psn_no=psn_no))
        entries = entries_of(past, second, psn_no=psn_no)[known:]
        return reasons((accepted(one).fact for one in entries), packs)
    facts = [
        accepted(record).fact
        for partition in sorted(second)
        async for record in past.records(
            partition, first=first[partition] + 1, last=second[partition]
        )
    ]
    return reasons(facts, packs)


def reasons(facts: Iterable[Fact], packs: Packs) -> list[dict[str, Any]]:
    """Return the sum of each step by what it feeds and by its article.

    What was taken back counts negative, as it does in the accumulators.
    """
    sums: dict[tuple[str, str, str, str], list[int]] = {}
    for fact in facts:
        for block in blocks_of(fact) if isinstance(fact, Counting) else ():
            for step in explain(block, rules_of(block, packs)):
                key = (block.scheme, block.year, step.field, step.article)
                sum_ = sums.setdefault(key, [0, 0])
                sum_[0] += 1
                sum_[1] += step.out_fen
    return [
        {
            "insutype": scheme,
            "year": year,
            "name": field,
            "article": article,
            "steps": steps,
            "difference_fen": fen,
        }
        for (scheme, year, field, article), (steps, fen) in sorted(sums.items())
    ]
