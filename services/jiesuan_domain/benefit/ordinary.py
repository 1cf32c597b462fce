"""Ordinary outpatient care: deductible, cap by age, ratio by tier (67号第八、九条)."""

from msgspec import Struct

from jiesuan_domain.policy.model import Rules
from jiesuan_events.words.money import Fen, Rate


class Used(Struct, frozen=True, gc=False):
    """How the in-scope amount is used up, in this order; in fen."""

    deductible: Fen
    eligible: Fen
    over_cap: Fen


def cap_for(age: int, caps: tuple[tuple[int | None, Fen], ...]) -> Fen:
    """Return the year's cap for completed years of age (67号第九条: 含50岁、含70岁)."""
    for to_age, cap in caps:
        if to_age is None or age <= to_age:
            return cap
    raise ValueError("a cap by age needs a last step without to_age")


def deductible(in_scope: Fen, before: Fen, *, standard: Fen) -> Fen:
    """Return the part that the year's deductible still takes (67号第八条, A3)."""
    missing = standard - before
    return 0 if missing <= 0 else min(in_scope, missing)


def eligible(in_scope: Fen, before: Fen, *, standard: Fen, cap: Fen) -> Fen:
    """Return the part in the band (deductible, cap] of the year (第八条, A1, A2)."""
    return max(0, min(before + in_scope, cap) - max(before, standard))


def use_up(in_scope: Fen, before: Fen, *, standard: Fen, cap: Fen) -> Used:
    """Divide an ordinary in-scope amount by the year's accumulator before it."""
    first = deductible(in_scope, before, standard=standard)
    paid = eligible(in_scope, before, standard=standard, cap=cap)
    return Used(first, paid, in_scope - first - paid)


def ratio(rules: Rules, tier: str) -> Rate | None:
    """Return the pool's ratio for a tier (67号第八条)."""
    return None if rules.outpatient_ratio is None else rules.outpatient_ratio.get(tier)
