"""The block of a settlement: each field by name, from whoever knows it.

A block built by keyword costs eight times one built by position (`jiesuan bench --only
law`), so the values are put in the order of its fields by one table, made and held
against the fields when this module is imported: a field that nobody fills, or that two
fill, fails there.
"""

from operator import attrgetter, itemgetter
from typing import Any, Final

from jiesuan_domain.benefit.amounts import Amounts, Visit
from jiesuan_domain.benefit.lines.bill import SplitBill
from jiesuan_domain.gates.case import Case
from jiesuan_events.words.codes import CLAIM_PLACE
from jiesuan_events.words.money import rate_text
from jiesuan_ledger.parts.block import Block, PolicyRef

_BILL: Final = {
    "visit_id": "visit_id",
    "scheme": "scheme",
    "care_type": "care_type",
    "clearing_category": "care_type",
    "institution_id": "institution_id",
    "care_region": "care_region",
    "insured_region": "insured_region",
    "disease": "disease",
}
_CASE: Final = {
    "sender_settlement_id": "asked.id",
    "year": "year",
    "service_day": "day",
    "person_category": "enrolment.category",
    "institution_level": "institution.level",
    "tier": "institution.tier",
}
_VISIT: Final = {"age": "age", "filing_type": "filing_type"}
_SPLIT: Final = {
    "lines": "lines",
    "total_charge": "total",
    "excluded": "excluded",
    "over_limit": "over_limit",
    "upfront_copay": "upfront_copay",
    "in_scope": "in_scope",
}
_AMOUNTS: Final = {
    "deductible_applied": "deductible",
    "over_cap": "over_cap",
    "pool_pay": "pool_pay",
    "large_sum_pay": "large_sum_pay",
    "person_share": "person_share",
    "employer_supplement_pay": "supplement",
    "fund_pay_total": "fund_total",
    "person_burden": "burden",
    "account_pay": "account",
    "cash_pay": "cash",
}
"""The amounts of a block that the accumulators decide."""
_MADE: Final = (
    "settlement_id",
    "payment_place",
    "policy",
    "pool_rate",
    "steps",
    "account_balance",
)
"""What is nobody's attribute."""

_of_bill: Final = attrgetter(*_BILL.values())
_of_case: Final = attrgetter(*_CASE.values())
_of_visit: Final = attrgetter(*_VISIT.values())
_of_split: Final = attrgetter(*_SPLIT.values())
_of_amounts: Final = attrgetter(*_AMOUNTS.values())
_FILLED: Final = (*_MADE, *_BILL, *_CASE, *_VISIT, *_SPLIT, *_AMOUNTS)
_FIELDS: Final = Block.__struct_fields__[: len(_FILLED)]
assert len(set(_FILLED)) == len(_FILLED), "no field is filled twice"
assert set(_FILLED) == set(_FIELDS), "the first fields of a block are filled, no other"
_in_order: Final = itemgetter(*map(_FILLED.index, _FIELDS))


def block_values(
    settlement_id: str, case: Case, *, split: SplitBill, visit: Visit, amounts: Amounts
) -> tuple[Any, ...]:
    """Return the values of a settlement's block, in the order of its fields."""
    bill, rules = case.bill, case.rules
    assert rules is not None
    values: tuple[Any, ...] = _in_order(
        (
            settlement_id,
            _payment_place(case),
            PolicyRef(rules.pack, rules.sha256),
            rate_text(amounts.pool_rate),
            split.steps + amounts.steps,
            bill.account_balance if visit.account_used else None,
            *_of_bill(bill),
            *_of_case(case),
            *_of_visit(visit),
            *_of_split(split),
            *_of_amounts(amounts),
        )
    )
    return values


def amount_fields(amounts: Amounts) -> dict[str, Any]:
    """Return the fields of a block that the accumulators decide, by name."""
    fields: dict[str, Any] = dict(zip(_AMOUNTS, _of_amounts(amounts), strict=True))
    fields["pool_rate"] = rate_text(amounts.pool_rate)
    return fields


def _payment_place(case: Case) -> str:
    """Return where the payment took place: at the agency, or how far from home."""
    if case.is_claim:
        return CLAIM_PLACE
    assert case.reach is not None
    return case.reach.value
