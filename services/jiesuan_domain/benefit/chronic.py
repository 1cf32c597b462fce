"""Chronic care: no deductible, ratio by tier and employment (67号第二十一条)."""

from jiesuan_domain.policy.model import Rules
from jiesuan_events.money import Fen, Rate


def ratio(rules: Rules, tier: str, *, is_retired: bool) -> Rate | None:
    """Give the pool's ratio; the retired stand 2 points higher (67号第二十一条, A6)."""
    if rules.chronic_ratio is None:
        return None
    group = "retired" if is_retired else "active"
    return rules.chronic_ratio.get(group, {}).get(tier)


def left_of_limit(rules: Rules, disease: str | None, *, paid: Fen) -> Fen | None:
    """Give what the pool may still pay for a disease this year; None is no limit."""
    if rules.disease_limits is None or disease is None:
        return None
    limit = rules.disease_limits.get(disease)
    return None if limit is None else max(0, limit - paid)
