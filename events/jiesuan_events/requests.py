"""What producers ask: one model per request type, as `contracts.md` §2 and §3 say."""

from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from jiesuan_events.words.codes import (
    OF_A_DISEASE,
    Approval,
    CareType,
    FilingType,
    InstitutionLevel,
    InstitutionType,
    ItemClass,
    Sex,
)
from jiesuan_events.words.fields import (
    Code,
    Contract,
    Day,
    Days,
    Flag,
    Id,
    Instant,
    Name,
    Price,
    Quantity,
    RateText,
    Region,
    Text,
    Year,
)
from jiesuan_events.words.money import LineFen, PositiveFen, StrictFen


class OpenedDisease(Contract):
    """A disease that an institution settles across provinces, for a period."""

    qualified_disease: Code
    begin_date: Day
    end_date: Day | None = None


class Institution(Contract):
    """An institution as its agency registers it; sent again it replaces."""

    institution_id: Id
    institution_name: Name
    region: Region
    institution_type: InstitutionType
    institution_level: InstitutionLevel
    ministry_affiliated: bool
    opened: list[OpenedDisease] | None = Field(default=None, max_length=1000)
    outpatient_opened: bool | None = None


class _Dated(Contract):
    begin_date: Day
    end_date: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.end_date is not None and self.end_date < self.begin_date:
            raise ValueError("enddate lies before begndate")
        return self


class CatalogueItem(_Dated):
    """An item of a care place's catalogue from a day on; of that day it replaces."""

    region: Region
    item: Id
    item_class: ItemClass
    charge_category: Code
    price_limit: Price | None = None
    self_pay_ratio: RateText | None = None
    negotiated: Flag | None = None
    restricted: Flag | None = None


class Enrol(_Dated):
    """A person is insured in a scheme and region from a day on."""

    person_id: Id
    scheme: Code
    person_category: Code
    insured_region: Region
    birth_date: Day
    enrolment_status: Code | None = None
    sex: Sex | None = None


class Qualify(_Dated):
    """A person's chronic disease is recognised (门慢特备案) from a day on."""

    person_id: Id
    scheme: Code
    qualified_disease: Code
    identified_on: Day | None = None
    identified_by: Id | None = None


class Disqualify(Contract):
    """A chronic qualification ends with a day."""

    person_id: Id
    scheme: Code
    qualified_disease: Code
    end_date: Day
    memo: Text | None = None


class Designate(_Dated):
    """A person chooses an institution (定点备案) for a disease or ordinary care."""

    person_id: Id
    scheme: Code
    institution_id: Id
    qualified_disease: Code | None = None


class Undesignate(Contract):
    """A choice of institution ends with a day."""

    person_id: Id
    scheme: Code
    institution_id: Id
    qualified_disease: Code | None = None
    end_date: Day
    memo: Text | None = None


class File(_Dated):
    """A person files care in another region (异地就医备案)."""

    person_id: Id
    scheme: Code
    filing_type: FilingType
    filed_region: Region
    referring_institution: Id | None = None


class Unfile(Contract):
    """Filings of a place last no longer than a day (118号四(一)、(三))."""

    person_id: Id
    scheme: Code
    filed_region: Region
    end_date: Day
    memo: Text | None = None


class Admit(Contract):
    """A person is admitted to a hospital."""

    person_id: Id
    visit_id: Id
    institution_id: Id
    begin_time: Instant


class Discharge(Contract):
    """A person leaves a hospital."""

    person_id: Id
    visit_id: Id
    institution_id: Id
    end_time: Instant


class ReportInpatient(Contract):
    """An inpatient settlement made elsewhere, for the 24万 accumulator."""

    person_id: Id
    scheme: Code
    visit_id: Id
    year: Year
    in_scope: StrictFen
    insured_region: Region | None = None


class Line(Contract):
    """One line of a bill, split by the care place or with what splitting needs."""

    line_id: Id
    incurred_at: Instant
    item: Id
    price: Price
    quantity: Quantity
    line_total: LineFen
    excluded: LineFen | None = None
    line_over_limit: LineFen | None = None
    upfront_copay: LineFen | None = None
    in_scope: LineFen | None = None
    item_class: ItemClass | None = None
    price_limit: Price | None = None
    self_pay_ratio: RateText | None = None
    restricted: Flag | None = None
    approval: Approval | None = None
    negotiated: Flag | None = None
    disease: Code | None = None
    supply_days: Days | None = None

    @model_validator(mode="after")
    def _split_or_splittable(self) -> Self:
        if self.in_scope is None:
            if not (
                self.excluded is self.line_over_limit is self.upfront_copay is None
            ):
                raise ValueError("a split line needs all four amounts")
            if self.item_class is None:
                raise ValueError("a line needs its split or chrgitm_lv")
        elif (
            self.excluded is None
            or self.line_over_limit is None
            or self.upfront_copay is None
        ):
            raise ValueError("a split line needs all four amounts")
        return self


class RepeatedLine(ValueError):
    """A bill with the serial of a line twice: nobody could tell the two apart."""

    def __init__(self, line_id: str) -> None:
        super().__init__(f"feedetl_sn {line_id} stands twice")
        self.line_id = line_id


def _once(lines: list[Line]) -> list[Line]:
    seen: set[str] = set()
    for line in lines:
        if line.line_id in seen:
            raise RepeatedLine(line.line_id)
        seen.add(line.line_id)
    return lines


class _Bill(Contract):
    person_id: Id
    institution_id: Id
    visit_id: Id
    scheme: Code
    care_type: CareType
    care_region: Region
    insured_region: Region
    total_charge: StrictFen
    account_used: Flag
    account_balance: PositiveFen | None = None
    disease: Code | None = None
    prescription_id: Id | None = None
    prescribing_institution: Id | None = None
    invoice: Id | None = None
    trauma: Flag | None = None
    third_party: Flag | None = None
    lines: Annotated[
        list[Line], Field(min_length=1, max_length=1000), AfterValidator(_once)
    ]

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if self.care_type in OF_A_DISEASE and self.disease is None:
            raise ValueError(f"med_type {self.care_type} needs dise_codg")
        if self.account_used == "1" and self.account_balance is None:
            raise ValueError("acct_used_flag 1 needs balc_fen")
        return self


class Settle(_Bill):
    """A person pays at an institution: settle the insurer's part."""


class Quote(_Bill):
    """The same data as settle, answered and never entered (预结算)."""


class Claim(_Bill):
    """A bill paid in full elsewhere, claimed at the agency (手工报销)."""

    claim_reason: Text


class Refund(Contract):
    """Take back one settlement (2208), named one way or the other."""

    person_id: Id
    institution_id: Id
    settlement_id: Id | None = None
    sender_settlement_id: Id | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.settlement_id is None) == (self.sender_settlement_id is None):
            raise ValueError("exactly one of setl_id and medins_setl_id")
        return self


class GapRefund(Refund):
    """Take back one settlement below later ones (隔笔退费)."""


class Compensate(Contract):
    """Undo a message whose outcome the sender does not know (冲正 2601)."""

    person_id: Id
    institution_id: Id
    compensated_message: Id
    compensated_interface: Code


Request = (
    Institution
    | CatalogueItem
    | Enrol
    | Qualify
    | Disqualify
    | Designate
    | Undesignate
    | File
    | Unfile
    | Admit
    | Discharge
    | ReportInpatient
    | Settle
    | Quote
    | Refund
    | GapRefund
    | Compensate
    | Claim
)

REQUEST_TYPES: Final[dict[str, type[Request]]] = {
    "jiesuan.institution.v1": Institution,
    "jiesuan.catalogue.v1": CatalogueItem,
    "jiesuan.enrol.v1": Enrol,
    "jiesuan.qualify.v1": Qualify,
    "jiesuan.disqualify.v1": Disqualify,
    "jiesuan.designate.v1": Designate,
    "jiesuan.undesignate.v1": Undesignate,
    "jiesuan.file.v1": File,
    "jiesuan.unfile.v1": Unfile,
    "jiesuan.admit.v1": Admit,
    "jiesuan.discharge.v1": Discharge,
    "jiesuan.inpatient.v1": ReportInpatient,
    "jiesuan.settle.v1": Settle,
    "jiesuan.quote.v1": Quote,
    "jiesuan.refund.v1": Refund,
    "jiesuan.gap-refund.v1": GapRefund,
    "jiesuan.compensate.v1": Compensate,
    "jiesuan.claim.v1": Claim,
}

AGENCY_TYPES: Final = frozenset(
    f"jiesuan.{name}.v1"
    for name in (
        "institution",
        "catalogue",
        "enrol",
        "qualify",
        "disqualify",
        "designate",
        "undesignate",
        "file",
        "unfile",
        "inpatient",
        "claim",
    )
)
"""Types that come from an agency only; a refund comes from either."""

ReferenceMessage = Institution | CatalogueItem
REFERENCE_TYPES: Final = frozenset({"jiesuan.institution.v1", "jiesuan.catalogue.v1"})
"""Types that say something of no person: recorded, never an entry."""

REFUND_TYPES: Final = frozenset({"jiesuan.refund.v1", "jiesuan.gap-refund.v1"})


def entity_of(request: Request) -> str:
    """Return whom or what a request is about: its subject, and its key on Kafka."""
    if isinstance(request, Institution):
        return request.institution_id
    if isinstance(request, CatalogueItem):
        return request.item
    return request.person_id
