"""What was decided, in the past tense: the values of the ledger's entries.

Zero amounts and absent values are left out; `jiesuan_events.entries.upcast` reads the
versions that came before. Unknown fields are refused: a fact is ours alone.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, cast

from pydantic import Field, TypeAdapter

from jiesuan_events.entries.block import Block, SettlementId, Totals
from jiesuan_events.entries.entry import Entry
from jiesuan_events.entries.upcast import STEPS, UpcastStep, upcast
from jiesuan_events.words.codes import Sex
from jiesuan_events.words.fields import (
    Code,
    Contract,
    Day,
    Days,
    Digest,
    Id,
    KeptInstant,
    Region,
    Year,
)
from jiesuan_events.words.money import StrictFen


class Caused(Contract):
    """What every fact says of the request that caused it."""

    person_id: Id
    request_source: str
    request_id: Id
    request_time: KeptInstant
    content: Digest


class Enrolled(Caused):
    """A person is insured in a scheme and region from a day on."""

    scheme: Code
    person_category: Code
    insured_region: Region
    birth_date: Day
    begin_date: Day
    end_date: Day | None = None
    enrolment_status: Code | None = None
    sex: Sex | None = None


class Qualified(Caused):
    """A chronic disease is recognised from a day on."""

    scheme: Code
    qualified_disease: Code
    begin_date: Day
    end_date: Day | None = None
    identified_on: Day | None = None
    identified_by: Id | None = None


class Disqualified(Caused):
    """A chronic qualification ended with a day, and those of the same disease.

    `ended_diseases` are the other codes that it reaches, local or national.
    """

    scheme: Code
    qualified_disease: Code
    end_date: Day
    ended_diseases: list[Code] = Field(default_factory=list)
    memo: str | None = None


class Designated(Caused):
    """An institution was chosen, for a disease or for ordinary care."""

    scheme: Code
    institution_id: Id
    qualified_disease: Code | None = None
    begin_date: Day
    end_date: Day | None = None


class Undesignated(Caused):
    """A choice of institution ended with a day."""

    scheme: Code
    institution_id: Id
    qualified_disease: Code | None = None
    end_date: Day
    memo: str | None = None


class Filed(Caused):
    """Care in another region was filed."""

    scheme: Code
    filing_type: Code
    filed_region: Region
    begin_date: Day
    end_date: Day | None = None
    referring_institution: Id | None = None


class Unfiled(Caused):
    """The filings of a place ended with a day."""

    scheme: Code
    filed_region: Region
    end_date: Day
    memo: str | None = None


class Admitted(Caused):
    """A person was admitted to a hospital."""

    visit_id: Id
    institution_id: Id
    begin_time: KeptInstant


class Discharged(Caused):
    """A person left a hospital."""

    visit_id: Id
    institution_id: Id
    end_time: KeptInstant


class InpatientReported(Caused):
    """An inpatient settlement made elsewhere counts towards 24万."""

    scheme: Code
    visit_id: Id
    year: Year
    in_scope: StrictFen
    insured_region: Region | None = None
    totals: Totals
    totals_region: Region | None = None


class Supplied(Contract):
    """An item of a bill that was to last so many days, and how much of it there was."""

    item: Id
    supply_days: Days
    quantity_supplied: StrictFen


class _BilledFact(Caused, Block):
    """What a bill said besides its money: when it arose, by which prescription.

    `incurred_at` is the time of its latest line, `incurred_from` that of its earliest
    where it is another.
    """

    totals: Totals
    totals_region: Region | None = None
    invoice: Id | None = None
    incurred_at: KeptInstant | None = None
    incurred_from: KeptInstant | None = None
    prescription_id: Id | None = None
    prescribing_institution: Id | None = None
    supplies: list[Supplied] = Field(default_factory=list)


class Settled(_BilledFact):
    """A bill was settled on the spot."""


class Claimed(_BilledFact):
    """A bill was claimed at the agency."""

    claim_reason: str


class Refunded(Caused, Block):
    """A settlement was taken back: its mirror."""

    totals: Totals
    totals_region: Region | None = None


class GapRefunded(Caused):
    """A settlement below later ones was taken back and those were re-settled."""

    target_settlement_id: SettlementId
    institution_id: Id
    visit_id: Id
    year: Year
    scheme: Code
    reversed: Annotated[list[Block], Field(min_length=1)]
    resettled: list[Block]
    totals: Totals
    totals_region: Region | None = None


class Compensated(Caused):
    """A message of unknown outcome was undone, or found to need no undoing."""

    institution_id: Id
    compensated_message: Id
    compensated_interface: Code
    compensated: Literal["nothing-to-reverse", "already-reversed"]


class CompensatedByReversal(Caused, Block):
    """A message of unknown outcome was undone: the settlement's mirror."""

    compensated_message: Id
    compensated_interface: Code
    compensated: Literal["reversed"]
    totals: Totals
    totals_region: Region | None = None


Fact = (
    Enrolled
    | Qualified
    | Disqualified
    | Designated
    | Undesignated
    | Filed
    | Unfiled
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

LedgerId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class LedgerCreated(Contract):
    """A ledger was created with so many partitions, fixed for ever."""

    ledger_id: LedgerId
    partitions: Annotated[int, Field(strict=True, ge=1, le=10_000)]
    created_at: KeptInstant


FACT_TYPES: Final[dict[str, TypeAdapter[Any]]] = {
    f"jiesuan.{name}.v1": TypeAdapter(cast(Any, model))
    for name, model in (
        ("enrolled", Enrolled),
        ("qualified", Qualified),
        ("disqualified", Disqualified),
        ("designated", Designated),
        ("undesignated", Undesignated),
        ("filed", Filed),
        ("unfiled", Unfiled),
        ("admitted", Admitted),
        ("discharged", Discharged),
        ("inpatient-reported", InpatientReported),
        ("settled", Settled),
        ("claimed", Claimed),
        ("refunded", Refunded),
        ("gap-refunded", GapRefunded),
        ("compensated", Compensated | CompensatedByReversal),
    )
}


def fact_of(entry: Entry) -> Fact:
    """Read the fact of an entry; ValueError if it states none about its person."""
    fact = read_fact(entry.type, entry.value)
    if fact.person_id != entry.person_id:
        raise ValueError("the fact is about somebody else")
    return fact


def read_fact(
    type_: str, value: bytes, *, steps: Mapping[str, UpcastStep] = STEPS
) -> Fact:
    """Read and check the value of one entry; ValueError if it is not such a fact."""
    newest, data = upcast(type_, value, steps=steps)
    try:
        adapter = FACT_TYPES[newest]
    except KeyError:
        raise ValueError(f"{type_!r} is no fact") from None
    fact: Fact = adapter.validate_json(data)
    return fact
