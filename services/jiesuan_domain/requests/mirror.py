"""The mirror of a settlement: the same block with every amount negative."""

from typing import Any, Final

from jiesuan_ledger.facts import Block, SplitLine, Step

MONEY: Final = (
    "total_charge",
    "excluded",
    "over_limit",
    "upfront_copay",
    "in_scope",
    "deductible_applied",
    "over_cap",
    "pool_pay",
    "large_sum_pay",
    "person_share",
    "employer_supplement_pay",
    "catastrophic_pay",
    "civil_servant_pay",
    "medical_aid_pay",
    "disabled_pay",
    "other_pay",
    "fund_pay_total",
    "person_burden",
    "account_pay",
    "cash_pay",
    "institution_burden",
)
IDENTITY: Final = (
    "visit_id",
    "year",
    "scheme",
    "person_category",
    "care_type",
    "clearing_category",
    "payment_place",
    "institution_level",
    "disease",
    "institution_id",
    "care_region",
    "insured_region",
    "service_day",
    "policy",
    "pool_rate",
    "tier",
    "age",
    "filing_type",
    "account_balance",
)


def _mirror_line(line: SplitLine) -> SplitLine:
    return SplitLine(
        line.line_id,
        line.item,
        -line.line_total,
        -line.excluded,
        -line.line_over_limit,
        -line.upfront_copay,
        -line.in_scope,
    )


def mirror_fields(
    block: Block, *, settlement_id: str, sender_id: str
) -> dict[str, Any]:
    """Give the fields of a settlement's mirror, under its own ids."""
    fields = {name: getattr(block, name) for name in IDENTITY}
    fields.update({name: -getattr(block, name) for name in MONEY})
    fields.update(
        settlement_id=settlement_id,
        sender_settlement_id=sender_id,
        original_settlement_id=block.settlement_id,
        original_sender_id=block.sender_settlement_id,
        lines=tuple(_mirror_line(line) for line in block.lines),
        steps=tuple(
            Step(step.rule, -step.amount_in, -step.amount_out) for step in block.steps
        ),
    )
    return fields


def plain_fields(block: Block) -> dict[str, Any]:
    """Give the fields of a block as they are."""
    return {name: getattr(block, name) for name in Block.__struct_fields__}
