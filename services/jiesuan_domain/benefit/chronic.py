"""Chronic care: no deductible, ratio by tier and employment (67号第二十一条)."""

from collections.abc import Iterable

from jiesuan_domain.person.diseases import national
from jiesuan_domain.policy.model import Rules
from jiesuan_events.words.money import Fen, Rate


def ratio(rules: Rules, tier: str, *, is_retired: bool) -> Rate | None:
    """Give the pool's ratio; the retired stand 2 points higher (67号第二十一条, A6)."""
    if rules.chronic_ratio is None:
        return None
    group = "retired" if is_retired else "active"
    return rules.chronic_ratio.get(group, {}).get(tier)


def limited_as(rules: Rules, disease: str | None) -> str | None:
    """Give the code under which a disease is limited: its own, else its national one.

    None is no limit; a local code does not escape the limit of its disease (A29).
    """
    limits = rules.disease_limits
    if limits is None or disease is None:
        return None
    if disease in limits:
        return disease
    code = national(rules, disease)
    return code if code in limits else None


def paid_towards(
    paid: Iterable[tuple[str | None, Fen]], disease: str | None, *, rules: Rules
) -> Fen:
    """Add up what the pool has paid this year towards the limit of a disease; fen."""
    limit = limited_as(rules, disease)
    if limit is None:
        return 0
    return sum(fen for code, fen in paid if limited_as(rules, code) == limit)


def left_of_limit(rules: Rules, disease: str | None, *, paid: Fen) -> Fen | None:
    """Give what the pool may still pay for a disease this year; None is no limit."""
    code = limited_as(rules, disease)
    if code is None or rules.disease_limits is None:
        return None
    return max(0, rules.disease_limits[code] - paid)
