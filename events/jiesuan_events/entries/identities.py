"""The five identities of the money of a settlement (`contracts.md` §5), once.

Every block that is made or read passes here. Written out: 0.6 us a block, where three
of the five read from a table of names cost 2.5 us (`python -m tools.shapes`).
"""

from typing import Any


def broken_identity(money: Any) -> str | None:
    """Return the amount that is not the sum of its parts, or None.

    The four parts of a bill make the bill; what is in scope is used up once; the funds
    make the funds' total; somebody pays every fen; a person pays from his account and
    in cash.
    """
    if money.total_charge != (
        money.excluded + money.over_limit + money.upfront_copay + money.in_scope
    ):
        return "total_charge"
    if money.in_scope != (
        money.deductible_applied
        + money.over_cap
        + money.pool_pay
        + money.large_sum_pay
        + money.person_share
    ):
        return "in_scope"
    if money.fund_pay_total != (
        money.pool_pay
        + money.large_sum_pay
        + money.employer_supplement_pay
        + money.catastrophic_pay
        + money.civil_servant_pay
        + money.medical_aid_pay
        + money.disabled_pay
        + money.other_pay
    ):
        return "fund_pay_total"
    if money.total_charge != (
        money.fund_pay_total + money.person_burden + money.institution_burden
    ):
        return "total_charge"
    if money.person_burden != money.account_pay + money.cash_pay:
        return "person_burden"
    return None
