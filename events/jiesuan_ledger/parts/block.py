"""What a fact is made of: words of a kind, fen within bounds, blocks that add up."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Struct

from jiesuan_events.entries.identities import broken_identity
from jiesuan_events.entries.rules import is_computed
from jiesuan_events.words.codes import BenefitLevel, PaymentPlace, Tier
from jiesuan_events.words.glossary import wire_name
from jiesuan_events.words.money import MAX_FEN
from jiesuan_ledger.parts.words import (
    Code,
    Id,
    PackDigest,
    Rate,
    Region,
    SettlementId,
    Year,
)

Fen = Annotated[int, msgspec.Meta(ge=-MAX_FEN, le=MAX_FEN)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_FEN)]


class Said(
    Struct,
    frozen=True,
    gc=False,
    rename=wire_name,
    omit_defaults=True,
    forbid_unknown_fields=True,
):
    """The base of all that facts are made of: frozen, closed, under wire names."""


class PolicyRef(Said, frozen=True):
    """The policy pack that a decision was made under."""

    pack: Code
    sha256: PackDigest


class Totals(Said, frozen=True):
    """A person's accumulators of one scheme and year, in fen."""

    ordinary_in_scope: Fen = 0
    total_in_scope: Fen = 0
    deductible_sum: Fen = 0
    over_cap_sum: Fen = 0
    pool_pay_sum: Fen = 0
    large_sum_pay_sum: Fen = 0
    person_burden_sum: Fen = 0
    settlement_count: Count = 0


class SplitLine(Said, frozen=True):
    """One line of a bill after its split, in fen."""

    line_id: Id
    item: Id
    line_total: Fen = 0
    excluded: Fen = 0
    line_over_limit: Fen = 0
    upfront_copay: Fen = 0
    in_scope: Fen = 0

    def __post_init__(self) -> None:
        parts = self.excluded + self.line_over_limit + self.upfront_copay
        assert parts + self.in_scope == self.line_total, "a line is its four parts"


class Step(Struct, frozen=True, gc=False, array_like=True):
    """One step of the computation: its rule, the amount in, the amount out."""

    rule: str
    amount_in: Fen
    amount_out: Fen


class Block(Said, frozen=True):
    """One settlement, or its mirror with negative amounts (`contracts.md` §5).

    Money is conserved by construction: the five identities hold for every block, and
    every amount is the sum of its steps. Its fields have an order because a block
    built by position costs half of one built by name (`python -m tools.shapes`).
    """

    settlement_id: SettlementId
    sender_settlement_id: Id
    visit_id: Id
    year: Year
    scheme: Code
    person_category: Code
    care_type: Code
    clearing_category: Code
    payment_place: PaymentPlace
    institution_level: BenefitLevel
    tier: Tier
    institution_id: Id
    care_region: Region
    insured_region: Region
    service_day: date
    policy: PolicyRef
    pool_rate: Rate
    age: Fen
    lines: tuple[SplitLine, ...]
    steps: tuple[Step, ...]
    disease: Code | None = None
    filing_type: Code | None = None
    account_balance: Fen | None = None
    total_charge: Fen = 0
    excluded: Fen = 0
    over_limit: Fen = 0
    upfront_copay: Fen = 0
    in_scope: Fen = 0
    deductible_applied: Fen = 0
    over_cap: Fen = 0
    pool_pay: Fen = 0
    large_sum_pay: Fen = 0
    person_share: Fen = 0
    employer_supplement_pay: Fen = 0
    fund_pay_total: Fen = 0
    person_burden: Fen = 0
    account_pay: Fen = 0
    cash_pay: Fen = 0
    catastrophic_pay: Fen = 0
    civil_servant_pay: Fen = 0
    medical_aid_pay: Fen = 0
    disabled_pay: Fen = 0
    other_pay: Fen = 0
    institution_burden: Fen = 0
    original_settlement_id: SettlementId | None = None
    original_sender_id: Id | None = None
    replaces_settlement_id: SettlementId | None = None

    def __post_init__(self) -> None:
        assert broken_identity(self) is None, "money is conserved"
        assert is_computed(self, self.steps), "the steps make the amounts"
