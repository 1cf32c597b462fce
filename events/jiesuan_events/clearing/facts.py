"""What was decided of a month, in the past tense: the values of `jiesuan.clearing`.

A fact says what it changed as whole rows, so that read models need no law. What does
not fit stands in parts, which come right before it: the fact is what counts.
"""

from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter

from jiesuan_events.clearing.requests import (
    Deduction,
    Fine,
    InstitutionStatementId,
    KeptWords,
    Month,
    QuotaBasis,
    RowCount,
    StatementId,
)
from jiesuan_events.clearing.rows import (
    PrepaymentMove,
    PrepaymentRow,
    Recovery,
    StatementLine,
    StatementRow,
)
from jiesuan_events.entries.block import PolicyRef, SettlementId
from jiesuan_events.words.fields import (
    Code,
    Contract,
    Day,
    Digest,
    Flag,
    Id,
    Instant,
    RateText,
    Region,
    Year,
)
from jiesuan_events.words.money import MAX_FEN, PositiveFen, StrictFen

Ordinal = Annotated[int, Field(strict=True, ge=0, le=MAX_FEN)]


class ClearingCaused(Contract):
    """What every fact of clearing says of its request, and the day that counts."""

    care_region: Region
    request_source: str
    request_id: Id
    request_time: Instant
    content: Digest
    counted_on: Day
    policy: PolicyRef


class ClearingPart(ClearingCaused):
    """Rows that did not fit into the fact that follows."""

    statements: list[StatementRow] = Field(default_factory=list)
    statement_lines: list[StatementLine] = Field(default_factory=list)


class ChangedRows(ClearingCaused):
    """What a fact changed: whole rows, the first thousand statements by id."""

    parts: Ordinal = 0
    statement_count: RowCount = 0
    statements: list[StatementRow] = Field(default_factory=list)
    statement_lines: list[StatementLine] = Field(default_factory=list)
    recoveries: list[Recovery] = Field(default_factory=list)


class PartitionRead(Contract):
    """How far a partition of the ledger was read."""

    partition: Ordinal
    offset: Annotated[int, Field(strict=True, ge=-1, le=MAX_FEN)]


class Drawn(ChangedRows):
    """All statements of a care region and month were drawn, from rows read so far."""

    clearing_month: Month
    read_to: list[PartitionRead]


class RowMark(Contract):
    """A row, and whether it is to be cleared now."""

    settlement_id: SettlementId
    confirmed: Flag


class Confirmed(ChangedRows):
    """An institution confirmed rows."""

    clearing_month: Month
    institution_id: Id
    confirmation_rows: list[RowMark]


class Unconfirmed(ChangedRows):
    """An institution took a confirmation back."""

    clearing_month: Month
    institution_id: Id
    confirmation_id: Id


class StatementsDeclared(ChangedRows):
    """A payee declared statements."""

    statement_ids: list[StatementId]
    exception: KeptWords | None = None


class _AboutStatement(ChangedRows):
    statement_id: StatementId


class Withdrawn(_AboutStatement):
    """A payee took its declaration back."""


class Accepted(_AboutStatement):
    """A payer took a declared statement in."""


class Audited(_AboutStatement):
    """A payer audited a statement, with these deductions."""

    deductions: list[Deduction]


class AuditFinished(_AboutStatement):
    """A payer was done with the audit of a statement."""


class Cleared(_AboutStatement):
    """A payer cleared a statement."""


class StatementPaid(_AboutStatement):
    """A payer paid a statement in full."""

    paid: StrictFen
    paid_on: Day
    prepayment_moves: list[PrepaymentMove] = Field(default_factory=list)


class StatementRejected(_AboutStatement):
    """A payer sent a statement back."""

    reason: KeptWords


class Fined(ChangedRows):
    """A care agency set all fines beside an institution's statement."""

    statement_id: InstitutionStatementId
    fines: list[Fine]


class QuotaSet(ClearingCaused):
    """An insured region set a prepayment; the account as it stood then."""

    insured_region: Region
    scheme: Code
    year: Year
    quota: PositiveFen
    basis: QuotaBasis
    warn_ratio: RateText | None = None
    prepayment: PrepaymentRow


CLEARING_FACT_TYPES: Final[dict[str, TypeAdapter[Any]]] = {
    type_: TypeAdapter(model)
    for type_, model in (
        ("jiesuan.clearing.part.v1", ClearingPart),
        ("jiesuan.clearing.drawn.v1", Drawn),
        ("jiesuan.clearing.confirmed.v1", Confirmed),
        ("jiesuan.clearing.unconfirmed.v1", Unconfirmed),
        ("jiesuan.clearing.declared.v1", StatementsDeclared),
        ("jiesuan.clearing.withdrawn.v1", Withdrawn),
        ("jiesuan.clearing.accepted.v1", Accepted),
        ("jiesuan.clearing.audited.v1", Audited),
        ("jiesuan.clearing.audit-finished.v1", AuditFinished),
        ("jiesuan.clearing.cleared.v1", Cleared),
        ("jiesuan.clearing.paid.v1", StatementPaid),
        ("jiesuan.clearing.rejected.v1", StatementRejected),
        ("jiesuan.clearing.fined.v1", Fined),
        ("jiesuan.prepay.quota-set.v1", QuotaSet),
    )
}
