"""The money of a decision (`contracts.md` §5): one settlement, or its mirror."""

from typing import Annotated, Final, NamedTuple, Self

from pydantic import Field, model_validator

from jiesuan_events.entries.identities import broken_identity
from jiesuan_events.entries.rules import EXPLAINED, RULES, is_computed
from jiesuan_events.words.codes import BenefitLevel, PaymentPlace, Tier
from jiesuan_events.words.fields import (
    Code,
    Contract,
    Day,
    Digest,
    Id,
    RateText,
    Region,
    Year,
)
from jiesuan_events.words.glossary import wire_name
from jiesuan_events.words.money import PositiveFen, StrictFen

SETTLEMENT_ID: Final = "[0-9A-Z]{1,30}"
SettlementId = Annotated[str, Field(pattern=f"^{SETTLEMENT_ID}$")]


class PolicyRef(Contract):
    """The policy pack that a decision was made under."""

    pack: Code
    sha256: Digest


class Totals(Contract):
    """A person's accumulators of one scheme and year, after the fact."""

    ordinary_in_scope: StrictFen = 0
    total_in_scope: StrictFen = 0
    deductible_sum: StrictFen = 0
    over_cap_sum: StrictFen = 0
    pool_pay_sum: StrictFen = 0
    large_sum_pay_sum: StrictFen = 0
    person_burden_sum: StrictFen = 0
    settlement_count: PositiveFen = 0


class SplitLine(Contract):
    """One line of a bill after its split; the four parts add up to the line."""

    line_id: Id
    item: Id
    line_total: StrictFen = 0
    excluded: StrictFen = 0
    line_over_limit: StrictFen = 0
    upfront_copay: StrictFen = 0
    in_scope: StrictFen = 0

    @model_validator(mode="after")
    def _parts_add_up(self) -> Self:
        parts = self.excluded + self.line_over_limit + self.upfront_copay
        if parts + self.in_scope != self.line_total:
            raise ValueError("the parts of a line do not add up")
        return self


class Money(Contract):
    """Every amount of a settlement, in fen; absent is zero."""

    total_charge: StrictFen = 0
    excluded: StrictFen = 0
    over_limit: StrictFen = 0
    upfront_copay: StrictFen = 0
    in_scope: StrictFen = 0
    deductible_applied: StrictFen = 0
    over_cap: StrictFen = 0
    pool_pay: StrictFen = 0
    large_sum_pay: StrictFen = 0
    person_share: StrictFen = 0
    employer_supplement_pay: StrictFen = 0
    catastrophic_pay: StrictFen = 0
    civil_servant_pay: StrictFen = 0
    medical_aid_pay: StrictFen = 0
    disabled_pay: StrictFen = 0
    other_pay: StrictFen = 0
    fund_pay_total: StrictFen = 0
    person_burden: StrictFen = 0
    account_pay: StrictFen = 0
    cash_pay: StrictFen = 0
    institution_burden: StrictFen = 0

    @model_validator(mode="after")
    def _money_is_conserved(self) -> Self:
        broken = broken_identity(self)
        if broken is not None:
            raise ValueError(f"{wire_name(broken)} is not the sum of its parts")
        return self


ADDED: Final = (
    "total_charge",
    "in_scope",
    "fund_pay_total",
    "person_burden",
    "account_pay",
    "cash_pay",
    "institution_burden",
)
"""The amounts that no step feeds: sums, and what a burden is paid from."""

assert sorted((*EXPLAINED, *ADDED)) == sorted(Money.model_fields)
assert {rule.feeds for rule in RULES.values()} <= set(EXPLAINED)


class Circumstances(Contract):
    """Who was treated where and when, and under which law a settlement was decided."""

    sender_settlement_id: Id
    visit_id: Id
    year: Year
    scheme: Code
    person_category: Code
    care_type: Code
    clearing_category: Code
    payment_place: PaymentPlace
    institution_level: BenefitLevel
    disease: Code | None = None
    institution_id: Id
    care_region: Region
    insured_region: Region
    service_day: Day
    policy: PolicyRef
    pool_rate: RateText


class Named(Contract):
    """A settlement's own id, and those of the settlements that it follows on."""

    settlement_id: SettlementId
    original_settlement_id: SettlementId | None = None
    original_sender_id: Id | None = None
    replaces_settlement_id: SettlementId | None = None


CompactStep = tuple[str, StrictFen, StrictFen]
"""Rule, amount in, amount out; article and text follow from the pack."""


class Block(Named, Circumstances, Money):
    """One settlement as the ledger keeps it, or its mirror with negative amounts."""

    tier: Tier
    age: StrictFen
    filing_type: Code | None = None
    account_balance: StrictFen | None = None
    lines: list[SplitLine]
    steps: list[CompactStep]

    @model_validator(mode="after")
    def _steps_make_the_amounts(self) -> Self:
        if not is_computed(self, [_Step(*step) for step in self.steps]):
            raise ValueError("the steps do not make the amounts")
        return self


class _Step(NamedTuple):
    rule: str
    amount_in: int
    amount_out: int
