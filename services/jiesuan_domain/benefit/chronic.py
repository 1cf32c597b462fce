"""Care of a disease: no deductible, a ratio by tier, and what a region limits.

Chronic care is 67号第二十一条; “两病” (高血压、糖尿病门诊用药, 118号三(二)6) is what a
region configures of it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from jiesuan_domain.person.diseases import national
from jiesuan_domain.policy.model import Rules
from jiesuan_events.words.codes import CHRONIC, OF_A_DISEASE, TWO_DISEASES
from jiesuan_events.words.money import Fen, Rate

Towards = tuple[str, str]
"""What a payment counts towards: a kind of care and a disease."""
NO_LIMIT: Final[Towards] = ("", "")


def ratio(rules: Rules, tier: str, *, is_retired: bool) -> Rate | None:
    """Return the pool's ratio, 2 points higher for the retired (67号第二十一条, A6)."""
    if rules.chronic_ratio is None:
        return None
    group = "retired" if is_retired else "active"
    return rules.chronic_ratio.get(group, {}).get(tier)


def two_disease_ratio(rules: Rules, tier: str) -> Rate | None:
    """Return the pool's ratio of “两病” care, as the region configures it."""
    table = rules.two_disease_ratio
    return None if table is None else table.get(tier)


def towards(care_type: str, disease: str | None) -> Towards:
    """Return what a payment counts towards; other care counts towards no limit."""
    if disease is None or care_type not in OF_A_DISEASE:
        return NO_LIMIT
    return care_type, disease


def limits_of(rules: Rules, care_type: str) -> Mapping[str, Fen] | None:
    """Return the limits of a kind of care, by disease; None where there are none."""
    if care_type == TWO_DISEASES:
        return rules.two_disease_limits
    return rules.disease_limits if care_type == CHRONIC else None


def limited_as(rules: Rules, one: Towards) -> str | None:
    """Return the code under which a disease is limited: its own, else its national one.

    None is no limit; a local code does not escape the limit of its disease.
    """
    care_type, disease = one
    limits = limits_of(rules, care_type)
    if limits is None:
        return None
    if disease in limits:
        return disease
    code = national(rules, disease)
    return code if code in limits else None


def paid_towards(
    paid: Iterable[tuple[Towards, Fen]], one: Towards, *, rules: Rules
) -> Fen:
    """Add up what the pool has paid this year towards the limit of a disease; fen."""
    limit = limited_as(rules, one)
    if limit is None:
        return 0
    return sum(
        fen
        for other, fen in paid
        if other[0] == one[0] and limited_as(rules, other) == limit
    )


def left_of_limit(rules: Rules, one: Towards, *, paid: Fen) -> Fen | None:
    """Return what the pool may still pay for a disease this year; None is no limit."""
    limits, code = limits_of(rules, one[0]), limited_as(rules, one)
    if limits is None or code is None:
        return None
    return max(0, limits[code] - paid)
