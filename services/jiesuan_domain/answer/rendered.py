"""The shapes of an answer's data, field by field as they are written, for encoding.

A field that is UNSET is absent. The order is that of the bytes.
"""

from datetime import date
from typing import Final

from msgspec import Raw, Struct, UnsetType

from jiesuan_domain.answer.explanation import Explanation
from jiesuan_domain.requests.mirror import MONEY
from jiesuan_events.answers import Moved
from jiesuan_events.words.glossary import wire_name
from jiesuan_ledger.parts.block import Block, PolicyRef, SplitLine, Totals


class Written(Struct, frozen=True, gc=False, rename=wire_name):
    """The base of all that an answer is made of: written in order, under wire names."""


class RenderedPlace(Written, frozen=True):
    """Where the entry stands: on Kafka, or by its chain alone."""

    partition: int | UnsetType
    offset: int | UnsetType
    version: int
    hash: str


_Text = str | UnsetType
Head = tuple[_Text, _Text, _Text, _Text, _Text, RenderedPlace | UnsetType]
"""The fields of `Rendered`."""
_Five = tuple[str, str, str, str, str]
_Amounts = tuple[int, int, int, int, int]
_Where = tuple[str, str, str, date, PolicyRef]
Opening = tuple[*Head, *_Five, *_Five, str | None, *_Where]
"""The fields of `RenderedSettlement` down to its policy."""
Amounts = tuple[*_Amounts, *_Amounts, int, *_Amounts, *_Amounts]
"""The fields of `RenderedSettlement` that are fen."""


class RenderedTotals(Written, frozen=True):
    """A person's accumulators after the entry, zeros included, in fen."""

    ordinary_in_scope: int
    total_in_scope: int
    deductible_sum: int
    over_cap_sum: int
    pool_pay_sum: int
    large_sum_pay_sum: int
    person_burden_sum: int
    settlement_count: int


class RenderedLine(Written, frozen=True):
    """One line of a bill after its split, zeros included, in fen."""

    line_id: str
    item: str
    line_total: int
    excluded: int
    line_over_limit: int
    upfront_copay: int
    in_scope: int


class RenderedWarning(Written, frozen=True):
    """What a quote is warned of."""

    rule: str
    other_settlement_id: str | None
    severity: str
    zh: str


class Rendered(Written, frozen=True):
    """What every answer begins with; a registration's says no more."""

    request_source: str | UnsetType
    request_id: str | UnsetType
    request_type: str | UnsetType
    person_id: str | UnsetType
    outcome: str | UnsetType
    entry: RenderedPlace | UnsetType


class RenderedReport(Rendered, frozen=True):
    """The answer to a report of an inpatient settlement."""

    scheme: str
    year: str
    totals: RenderedTotals


class RenderedUnreversed(Rendered, frozen=True):
    """The answer to a compensation that found nothing to take back."""

    compensated: str


class RenderedMoved(Written, frozen=True):
    """New − old of what each payer bears, in fen."""

    fund_pay_total: int
    pool_pay: int
    large_sum_pay: int
    person_burden: int
    account_pay: int
    cash_pay: int


class RenderedMovedSettlement(Written, frozen=True):
    """What a gap refund moved for one settlement; the target is replaced by none."""

    settlement_id: str
    replaced_by: str | None
    institution_id: str
    fund_pay_total: int
    pool_pay: int
    large_sum_pay: int
    person_burden: int
    account_pay: int
    cash_pay: int


class RenderedMovedInstitution(Written, frozen=True):
    """What a gap refund moved for one institution."""

    institution_id: str
    fund_pay_total: int
    pool_pay: int
    large_sum_pay: int
    person_burden: int
    account_pay: int
    cash_pay: int


class RenderedDifference(Written, frozen=True):
    """What a gap refund moved: settlements in ledger order, the target first."""

    settlements: list[RenderedMovedSettlement]
    institutions: list[RenderedMovedInstitution]
    total: RenderedMoved


class RenderedGapRefund(Rendered, frozen=True):
    """The answer to a gap refund; of its hundreds of blocks each is written at once."""

    target_settlement_id: str
    visit_id: str
    year: str
    scheme: str
    institution_id: str
    reversed: list[Raw]
    resettled: list[Raw]
    totals: RenderedTotals
    difference: RenderedDifference


class RenderedSettlement(Rendered, frozen=True):
    """A settlement or its mirror (`contracts.md` §5); without a head, the block alone.

    A quote has no settlement id and may have warnings.
    """

    settlement_id: str | UnsetType
    sender_settlement_id: str
    visit_id: str
    year: str
    scheme: str
    person_category: str
    care_type: str
    clearing_category: str
    payment_place: str
    institution_level: str
    disease: str | None
    institution_id: str
    care_region: str
    insured_region: str
    service_day: date
    policy: PolicyRef
    original_settlement_id: str | UnsetType
    original_sender_id: str | UnsetType
    replaces_settlement_id: str | UnsetType
    total_charge: int
    excluded: int
    over_limit: int
    upfront_copay: int
    in_scope: int
    deductible_applied: int
    over_cap: int
    pool_pay: int
    large_sum_pay: int
    person_share: int
    employer_supplement_pay: int
    catastrophic_pay: int
    civil_servant_pay: int
    medical_aid_pay: int
    disabled_pay: int
    other_pay: int
    fund_pay_total: int
    person_burden: int
    account_pay: int
    cash_pay: int
    institution_burden: int
    pool_rate: str
    lines: list[RenderedLine]
    steps: list[Explanation]
    totals: RenderedTotals | UnsetType
    compensated: str | UnsetType
    warnings: list[RenderedWarning] | UnsetType


RenderedFact = (
    Rendered
    | RenderedReport
    | RenderedUnreversed
    | RenderedGapRefund
    | RenderedSettlement
)

_KEPT_ALONE: Final = {"tier", "age", "filing_type", "account_balance"}
"""What a block keeps for the explanation and the checks, and no answer says."""
_BESIDES: Final = {"totals", "compensated", "warnings"}
_FIELDS: Final = RenderedSettlement.__struct_fields__
_OF_BLOCK: Final = _FIELDS[len(Rendered.__struct_fields__) :]

_MOVED: Final = RenderedMoved.__struct_fields__

assert tuple(Moved.model_fields) == _MOVED
assert RenderedMovedSettlement.__struct_fields__[3:] == _MOVED
assert RenderedMovedInstitution.__struct_fields__[1:] == _MOVED
assert RenderedTotals.__struct_fields__ == Totals.__struct_fields__
assert RenderedLine.__struct_fields__ == SplitLine.__struct_fields__
assert tuple(name for name in _OF_BLOCK if name in MONEY) == MONEY
assert set(_OF_BLOCK) - _BESIDES == set(Block.__struct_fields__) - _KEPT_ALONE
