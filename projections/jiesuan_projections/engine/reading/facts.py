"""The facts as read models need them: decoded for speed, as strictly as written.

Field for field those of `jiesuan_events.facts` (a test holds them equal). A record
whose value is none of these is a fork, so no rogue value can stop the pipeline:
amounts and words are bounded by what PostgreSQL can keep and index.
"""

from datetime import date
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from jiesuan_events.entries.rules import is_computed
from jiesuan_events.entries.upcast import NotUpcast, upcast
from jiesuan_events.words.glossary import wire_name
from jiesuan_events.words.instants import moment

BOUND: Final = 2**53 - 1
Word = Annotated[str, Meta(max_length=200)]
Fen = Annotated[int, Meta(ge=-BOUND, le=BOUND)]
Rate = Annotated[str, Meta(pattern=r"^(0(\.[0-9]{1,4})?|1(\.0{1,4})?)$")]


class NotAFact(ValueError):
    """The value of an entry that is no fact we know."""


# gc=False: facts hold no cycles, and a batch of them would keep the collector busy.
class PolicyRef(Struct, frozen=True, gc=False, rename=wire_name):
    """The policy pack that a decision was made under."""

    pack: Word
    sha256: Word


class Totals(Struct, frozen=True, gc=False, rename=wire_name):
    """A person's accumulators of one scheme and year, after the fact."""

    ordinary_in_scope: Fen = 0
    total_in_scope: Fen = 0
    deductible_sum: Fen = 0
    over_cap_sum: Fen = 0
    pool_pay_sum: Fen = 0
    large_sum_pay_sum: Fen = 0
    person_burden_sum: Fen = 0
    settlement_count: Fen = 0


class SplitLine(Struct, frozen=True, gc=False, rename=wire_name):
    """One line of a bill after its split."""

    line_id: Word
    item: Word
    line_total: Fen = 0
    excluded: Fen = 0
    line_over_limit: Fen = 0
    upfront_copay: Fen = 0
    in_scope: Fen = 0

    def __post_init__(self) -> None:
        parts = self.excluded + self.line_over_limit + self.upfront_copay
        if parts + self.in_scope != self.line_total:
            raise ValueError("the parts of a line do not add up")


class Step(Struct, frozen=True, gc=False, array_like=True):
    """One step of the computation."""

    rule: Word
    amount_in: Fen
    amount_out: Fen


class Block(Struct, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """One settlement, or its mirror with negative amounts."""

    settlement_id: Word
    sender_settlement_id: Word
    visit_id: Word
    year: Word
    scheme: Word
    person_category: Word
    care_type: Word
    clearing_category: Word
    payment_place: Word
    institution_level: Word
    disease: Word | None = None
    institution_id: Word
    care_region: Word
    insured_region: Word
    service_day: date
    policy: PolicyRef
    pool_rate: Rate
    tier: Word
    age: Fen
    filing_type: Word | None = None
    account_balance: Fen | None = None
    original_settlement_id: Word | None = None
    original_sender_id: Word | None = None
    replaces_settlement_id: Word | None = None
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
    catastrophic_pay: Fen = 0
    civil_servant_pay: Fen = 0
    medical_aid_pay: Fen = 0
    disabled_pay: Fen = 0
    other_pay: Fen = 0
    fund_pay_total: Fen = 0
    person_burden: Fen = 0
    account_pay: Fen = 0
    cash_pay: Fen = 0
    institution_burden: Fen = 0
    lines: tuple[SplitLine, ...]
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not (self._bill_adds_up() and self._payers_add_up()):
            raise ValueError("money is not conserved")
        if not is_computed(self, self.steps):
            raise ValueError("the steps do not make the amounts")

    def _bill_adds_up(self) -> bool:
        bill = self.excluded + self.over_limit + self.upfront_copay + self.in_scope
        scope = (
            self.deductible_applied
            + self.over_cap
            + self.pool_pay
            + self.large_sum_pay
            + self.person_share
        )
        return bill == self.total_charge and scope == self.in_scope

    def _payers_add_up(self) -> bool:
        funds = (
            self.pool_pay
            + self.large_sum_pay
            + self.employer_supplement_pay
            + self.catastrophic_pay
            + self.civil_servant_pay
            + self.medical_aid_pay
            + self.disabled_pay
            + self.other_pay
        )
        payers = self.fund_pay_total + self.person_burden + self.institution_burden
        return (
            funds == self.fund_pay_total
            and payers == self.total_charge
            and self.person_burden == self.account_pay + self.cash_pay
        )


class Caused(Struct, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """What every fact says of the request that caused it."""

    person_id: Word
    request_source: str
    request_id: Word
    request_time: Word
    content: Word


class Enrolled(Caused, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """A person is insured in a scheme and region from a day on."""

    scheme: Word
    person_category: Word
    insured_region: Word
    birth_date: date
    begin_date: date
    end_date: date | None = None
    enrolment_status: Word | None = None


class Qualified(Caused, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """A chronic disease is recognised from a day on."""

    scheme: Word
    qualified_disease: Word
    begin_date: date
    end_date: date | None = None
    identified_on: date | None = None


class Disqualified(Caused, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """A chronic qualification ended with a day."""

    scheme: Word
    qualified_disease: Word
    end_date: date
    memo: str | None = None


class Filed(Caused, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """Care in another region was filed."""

    scheme: Word
    filing_type: Word
    filed_region: Word
    begin_date: date
    end_date: date | None = None


class Admitted(Caused, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """A person was admitted to a hospital."""

    visit_id: Word
    institution_id: Word
    begin_time: Word

    def __post_init__(self) -> None:
        moment(self.begin_time)


class Discharged(Caused, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """A person left a hospital."""

    visit_id: Word
    institution_id: Word
    end_time: Word

    def __post_init__(self) -> None:
        moment(self.end_time)


class InpatientReported(Caused, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """An inpatient settlement made elsewhere counts towards 24万."""

    scheme: Word
    visit_id: Word
    year: Word
    in_scope: Fen
    totals: Totals


class CausedBlock(Block, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """A block that is a fact of its own: a settlement, a claim, a mirror."""

    person_id: Word
    request_source: str
    request_id: Word
    request_time: Word
    content: Word
    totals: Totals


class Settled(CausedBlock, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """A bill was settled on the spot."""

    invoice: Word | None = None


class Claimed(CausedBlock, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """A bill was claimed at the agency."""

    claim_reason: str
    invoice: Word | None = None


class Refunded(CausedBlock, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """A settlement was taken back: its mirror."""


class GapRefunded(Caused, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """A settlement below later ones was taken back and those were re-settled."""

    target_settlement_id: Word
    institution_id: Word
    visit_id: Word
    year: Word
    scheme: Word
    reversed: tuple[Block, ...]
    resettled: tuple[Block, ...]
    totals: Totals


class Compensated(Caused, frozen=True, gc=False, rename=wire_name, kw_only=True):
    """A message of unknown outcome was undone, or needed no undoing."""

    institution_id: Word
    compensated_message: Word
    compensated_interface: Word
    compensated: Word


class CompensatedByReversal(
    CausedBlock, frozen=True, gc=False, rename=wire_name, kw_only=True
):
    """A message of unknown outcome was undone: the settlement's mirror."""

    compensated_message: Word
    compensated_interface: Word
    compensated: Word


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

# PostgreSQL keeps no NUL in text; a memo may hold one. Only the retelling changes:
# the chain is over the stored bytes.
NUL: Final = b"\\u0000"
REPLACEMENT: Final = b"\\ufffd"
COMPENSATED: Final = "jiesuan.compensated.v1"
KINDS: Final[dict[str, type[Any]]] = {
    "jiesuan.enrolled.v1": Enrolled,
    "jiesuan.qualified.v1": Qualified,
    "jiesuan.disqualified.v1": Disqualified,
    "jiesuan.filed.v1": Filed,
    "jiesuan.admitted.v1": Admitted,
    "jiesuan.discharged.v1": Discharged,
    "jiesuan.inpatient-reported.v1": InpatientReported,
    "jiesuan.settled.v1": Settled,
    "jiesuan.claimed.v1": Claimed,
    "jiesuan.refunded.v1": Refunded,
    "jiesuan.gap-refunded.v1": GapRefunded,
    COMPENSATED: Compensated,
}
_READERS: Final = {name: msgspec.json.Decoder(kind) for name, kind in KINDS.items()}
_REVERSAL: Final = msgspec.json.Decoder(CompensatedByReversal)


def read_fact(type_: str, value: bytes) -> Fact:
    """Read the value of one entry in its newest version, or raise NotAFact."""
    try:
        type_, value = upcast(type_, value)
    except NotUpcast as wrong:
        raise NotAFact("not what its type says") from wrong
    reader = _READERS.get(type_)
    if reader is None:
        raise NotAFact("unknown type")
    if NUL in value:
        value = value.replace(NUL, REPLACEMENT)
    try:
        fact: Fact = reader.decode(value)
        if isinstance(fact, Compensated) and fact.compensated == "reversed":
            return _REVERSAL.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise NotAFact("not what its type says") from wrong
    return fact
