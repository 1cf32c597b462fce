"""Inpatient care, where a region configures it: deductible and ratio by tier."""

from jiesuan_domain.policy.model import Rules
from jiesuan_events.words.money import Fen, Rate


def deductible(rules: Rules, tier: str) -> Fen | None:
    """Return the deductible of one stay in an institution of that tier."""
    table = rules.inpatient_deductible
    return None if table is None else table.get(tier)


def ratio(
    rules: Rules, tier: str, *, is_retired: bool, reduction: Rate = 0
) -> Rate | None:
    """Return the pool's ratio less the filing's points (118号三(二), A28: floor 0)."""
    if rules.inpatient_ratio is None:
        return None
    group = "retired" if is_retired else "active"
    whole = rules.inpatient_ratio.get(group, {}).get(tier)
    return None if whole is None else max(0, whole - reduction)
