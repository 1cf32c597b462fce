"""The facts of the ledger as structs: what law, read models and audit read and write.

Field for field those of `jiesuan_events.facts`, each with the same bound (a test
spoils every one and holds both to one verdict); zero amounts and absent values are
left out on the wire. What an entry says is checked when it is read, words included:
what the law writes was checked when it was asked.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Struct

from jiesuan_events.entries.rules import is_computed
from jiesuan_events.entries.upcast import STEPS, UpcastStep, upcast
from jiesuan_events.words.glossary import wire_name
from jiesuan_events.words.money import MAX_FEN
from jiesuan_ledger.words import (
    Code,
    Digest,
    Id,
    Instant,
    Rate,
    Region,
    SettlementId,
    Year,
    words_of,
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
    """Something that is said under wire names, for good; no cycle passes through it."""


class PolicyRef(Said, frozen=True):
    """The policy pack that a decision was made under."""

    pack: Code
    sha256: Digest


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
    built by position costs an eighth of one built by name.
    """

    settlement_id: SettlementId
    sender_settlement_id: Id
    visit_id: Id
    year: Year
    scheme: Code
    person_category: Code
    care_type: Code
    clearing_category: Code
    payment_place: Literal["1", "2", "3", "4"]
    institution_level: Literal["1", "2", "3"]
    tier: Literal["primary", "secondary", "tertiary", "ministry"]
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
        assert self.total_charge == (
            self.excluded + self.over_limit + self.upfront_copay + self.in_scope
        ), "the four parts of a bill make the bill"
        assert self.in_scope == (
            self.deductible_applied
            + self.over_cap
            + self.pool_pay
            + self.large_sum_pay
            + self.person_share
        ), "what is in scope is used up once"
        assert self.fund_pay_total == (
            self.pool_pay
            + self.large_sum_pay
            + self.employer_supplement_pay
            + self.catastrophic_pay
            + self.civil_servant_pay
            + self.medical_aid_pay
            + self.disabled_pay
            + self.other_pay
        ), "the funds make the funds' total"
        assert self.total_charge == (
            self.fund_pay_total + self.person_burden + self.institution_burden
        ), "somebody pays every fen"
        assert self.person_burden == self.account_pay + self.cash_pay
        assert is_computed(self, self.steps), "the steps make the amounts"


class Caused(Said, frozen=True, kw_only=True):
    """What every fact says of the request that caused it."""

    person_id: Id
    request_source: str
    request_id: Id
    request_time: Instant
    content: Digest


class Enrolled(Caused, frozen=True, kw_only=True):
    """A person is insured in a scheme and region from a day on."""

    scheme: Code
    person_category: Code
    insured_region: Region
    birth_date: date
    begin_date: date
    end_date: date | None = None
    enrolment_status: Code | None = None


class Qualified(Caused, frozen=True, kw_only=True):
    """A chronic disease is recognised from a day on."""

    scheme: Code
    qualified_disease: Code
    begin_date: date
    end_date: date | None = None
    identified_on: date | None = None


class Disqualified(Caused, frozen=True, kw_only=True):
    """A chronic qualification ended with a day."""

    scheme: Code
    qualified_disease: Code
    end_date: date
    memo: str | None = None


class Filed(Caused, frozen=True, kw_only=True):
    """Care in another region was filed."""

    scheme: Code
    filing_type: Code
    filed_region: Region
    begin_date: date
    end_date: date | None = None


class Admitted(Caused, frozen=True, kw_only=True):
    """A person was admitted to a hospital."""

    visit_id: Id
    institution_id: Id
    begin_time: Instant


class Discharged(Caused, frozen=True, kw_only=True):
    """A person left a hospital."""

    visit_id: Id
    institution_id: Id
    end_time: Instant


class InpatientReported(Caused, frozen=True, kw_only=True):
    """An inpatient settlement made elsewhere counts towards 24万."""

    scheme: Code
    visit_id: Id
    year: Year
    in_scope: Fen
    totals: Totals


class BlockFact(Block, frozen=True, kw_only=True):
    """A fact that is one block: a settlement, a claim, or a mirror."""

    person_id: Id
    request_source: str
    request_id: Id
    request_time: Instant
    content: Digest
    totals: Totals


class Settled(BlockFact, frozen=True, kw_only=True):
    """A bill was settled on the spot."""

    invoice: Id | None = None


class Claimed(BlockFact, frozen=True, kw_only=True):
    """A bill was claimed at the agency."""

    claim_reason: str
    invoice: Id | None = None


class Refunded(BlockFact, frozen=True, kw_only=True):
    """A settlement was taken back: its mirror."""


class GapRefunded(Caused, frozen=True, kw_only=True):
    """A settlement below later ones was taken back and those were re-settled."""

    target_settlement_id: SettlementId
    institution_id: Id
    visit_id: Id
    year: Year
    scheme: Code
    reversed: tuple[Block, ...]
    resettled: tuple[Block, ...]
    totals: Totals


class Compensated(Caused, frozen=True, kw_only=True):
    """A message of unknown outcome was found to need no undoing."""

    institution_id: Id
    compensated_message: Id
    compensated_interface: Code
    compensated: Literal["nothing-to-reverse", "already-reversed"]


class CompensatedByReversal(BlockFact, frozen=True, kw_only=True):
    """A message of unknown outcome was undone: the settlement's mirror."""

    compensated_message: Id
    compensated_interface: Code
    compensated: Literal["reversed"]


class _Outcome(Struct, rename=wire_name):
    """What a compensation came to: which of its two facts a value is."""

    compensated: str


Fact = (
    Enrolled
    | Qualified
    | Disqualified
    | Filed
    | Admitted
    | Discharged
    | InpatientReported
    | Settled
    | Claimed
    | Refunded
    | GapRefunded
    | Compensated
    | CompensatedByReversal
)

COMPENSATED: Final = "jiesuan.compensated.v1"

TYPE_OF: Final[dict[type[Any], str]] = {
    Enrolled: "jiesuan.enrolled.v1",
    Qualified: "jiesuan.qualified.v1",
    Disqualified: "jiesuan.disqualified.v1",
    Filed: "jiesuan.filed.v1",
    Admitted: "jiesuan.admitted.v1",
    Discharged: "jiesuan.discharged.v1",
    InpatientReported: "jiesuan.inpatient-reported.v1",
    Settled: "jiesuan.settled.v1",
    Claimed: "jiesuan.claimed.v1",
    Refunded: "jiesuan.refunded.v1",
    GapRefunded: "jiesuan.gap-refunded.v1",
    Compensated: COMPENSATED,
    CompensatedByReversal: COMPENSATED,
}

_READERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    type_: msgspec.json.Decoder(fact)
    for fact, type_ in TYPE_OF.items()
    if type_ != COMPENSATED
}
_REVERSAL: Final = msgspec.json.Decoder(CompensatedByReversal)
_NO_REVERSAL: Final = msgspec.json.Decoder(Compensated)
_OUTCOME: Final = msgspec.json.Decoder(_Outcome)
_WRITER: Final = msgspec.json.Encoder()
_HAS_WORDS: Final = {fact: words_of(fact) for fact in TYPE_OF}


class NotAFact(ValueError):
    """The value of an entry that is not a fact we know."""


def write_fact(fact: Fact) -> bytes:
    """Write a fact as the bytes that the ledger stores and hashes."""
    return _WRITER.encode(fact)


def read_fact(
    type_: str, value: bytes, *, steps: Mapping[str, UpcastStep] = STEPS
) -> Fact:
    """Read a stored fact of any version as its newest, or raise NotAFact."""
    try:
        newest, data = upcast(type_, value, steps=steps)
        if newest == COMPENSATED:
            fact = _read_compensated(data)
        else:
            fact = _READERS[newest].decode(data)
    except (KeyError, ValueError, msgspec.DecodeError, AssertionError) as wrong:
        # ValueError: no old version of it (NotUpcast), or no UTF-8.
        raise NotAFact(f"{type_}: {wrong}") from wrong
    if not _HAS_WORDS[type(fact)](fact):
        raise NotAFact(f"{type_}: a word is none of its kind")
    return fact


def _read_compensated(value: bytes) -> Fact:
    if _OUTCOME.decode(value).compensated == "reversed":
        return _REVERSAL.decode(value)
    return _NO_REVERSAL.decode(value)
