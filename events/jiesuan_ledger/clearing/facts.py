"""The facts of clearing as its rules handle them: those of the contracts, for speed.

Field for field those of `jiesuan_events.clearing.facts` (a test holds them equal);
what does not apply is left out on the wire.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from jiesuan_events.clearing.requests import (
    INSTITUTION_STATEMENT_ID,
    MONTH,
    STATEMENT_ID,
    QuotaBasis,
)
from jiesuan_events.clearing.rows import USED_RATIO
from jiesuan_events.entries.block import SETTLEMENT_ID
from jiesuan_events.words import fields
from jiesuan_events.words.codes import ClearingState, FineKind, StatementKind
from jiesuan_events.words.instants import moment
from jiesuan_events.words.money import MAX_FEN
from jiesuan_ledger.facts import NotAFact
from jiesuan_ledger.parts.block import Count, Fen, PolicyRef, Said
from jiesuan_ledger.parts.words import words_of

Id = Annotated[str, Meta(pattern=rf"\A{fields.ID}\Z")]
Code = Annotated[str, Meta(pattern=rf"\A{fields.CODE}\Z")]
Region = Annotated[str, Meta(pattern=rf"\A{fields.REGION}\Z")]
Year = Annotated[str, Meta(pattern=rf"\A{fields.YEAR}\Z")]
Month = Annotated[str, Meta(pattern=rf"\A{MONTH}\Z")]
Digest = Annotated[str, Meta(pattern=rf"\A{fields.DIGEST}\Z")]
Instant = Annotated[str, Meta(pattern=rf"\A{fields.INSTANT}\Z")]
SettlementId = Annotated[str, Meta(pattern=rf"\A{SETTLEMENT_ID}\Z")]
StatementId = Annotated[str, Meta(pattern=rf"\A(?:{STATEMENT_ID})\Z", max_length=100)]
InstitutionStatementId = Annotated[
    str, Meta(pattern=rf"\A(?:{INSTITUTION_STATEMENT_ID})\Z", max_length=100)
]
UsedRatio = Annotated[str, Meta(pattern=rf"\A{USED_RATIO}\Z")]
Ratio = Annotated[str, Meta(pattern=rf"\A(?:{fields.RATE})\Z")]
Words = Annotated[str, Meta(min_length=1, max_length=500)]
Article = Annotated[str, Meta(min_length=1, max_length=200)]
FenAboveZero = Annotated[int, Meta(ge=1, le=MAX_FEN)]
PositiveFen = Annotated[int, Meta(ge=0, le=MAX_FEN)]
Offset = Annotated[int, Meta(ge=-1, le=MAX_FEN)]

CLEARING_REQUEST_OF: Final[Mapping[str, str]] = {
    "jiesuan.clearing.drawn.v1": "jiesuan.clearing.draw.v1",
    "jiesuan.clearing.confirmed.v1": "jiesuan.clearing.confirm.v1",
    "jiesuan.clearing.unconfirmed.v1": "jiesuan.clearing.unconfirm.v1",
    "jiesuan.clearing.declared.v1": "jiesuan.clearing.declare.v1",
    "jiesuan.clearing.withdrawn.v1": "jiesuan.clearing.withdraw.v1",
    "jiesuan.clearing.accepted.v1": "jiesuan.clearing.accept.v1",
    "jiesuan.clearing.audited.v1": "jiesuan.clearing.audit.v1",
    "jiesuan.clearing.audit-finished.v1": "jiesuan.clearing.finish-audit.v1",
    "jiesuan.clearing.cleared.v1": "jiesuan.clearing.clear.v1",
    "jiesuan.clearing.paid.v1": "jiesuan.clearing.pay.v1",
    "jiesuan.clearing.rejected.v1": "jiesuan.clearing.reject.v1",
    "jiesuan.clearing.fined.v1": "jiesuan.clearing.fine.v1",
    "jiesuan.prepay.quota-set.v1": "jiesuan.prepay.quota.v1",
}
"""Which request each fact answers."""


class StatementRow(Said, frozen=True, kw_only=True):
    """A statement as `clearing_statement` shows it."""

    statement_id: StatementId
    kind: StatementKind
    clearing_month: Month
    care_region: Region
    insured_region: Region | None = None
    institution_id: Id | None = None
    scheme: Code
    clearing_category: Code
    clearing_state: ClearingState
    settlement_count: Count
    refund_count: Count
    total_charge: Fen
    fund_pay_total: Fen
    account_pay: Fen
    cash_pay: Fen
    deducted: Fen
    recovered: Fen
    payable: Fen
    paid: Fen | None = None
    declare_by: date
    latest_on: date
    hard_stop: date
    drawn_on: date
    declared_on: date | None = None
    paid_on: date | None = None
    late: bool
    overdue: bool
    exception: Words | None = None
    reason: Words | None = None
    digest: Digest


class StatementLine(Said, frozen=True, kw_only=True):
    """A row of the ledger in a statement, as `clearing_row` shows it."""

    statement_id: StatementId
    settlement_id: SettlementId
    confirmed: fields.Flag | None = None
    deducted: Fen
    carried_from: StatementId | None = None
    carried_to: StatementId | None = None


class Recovery(Said, frozen=True, kw_only=True):
    """What the next statement of a key recovers, as `clearing_recovery` shows it."""

    kind: StatementKind
    care_region: Region
    insured_region: Region | None = None
    institution_id: Id | None = None
    scheme: Code
    clearing_category: Code
    pending: Fen


class PrepaymentRow(Said, frozen=True, kw_only=True):
    """A prepayment account as `prepayment` shows it."""

    care_region: Region
    insured_region: Region
    scheme: Code
    year: Year
    quota: PositiveFen | None = None
    used: Fen
    paid: Fen
    deducted: Fen
    used_ratio: UsedRatio | None = None
    warned: bool


class PrepaymentMove(Said, frozen=True, kw_only=True):
    """What a payment moves on one prepayment account."""

    insured_region: Region
    scheme: Code
    year: Year
    used: Fen
    paid: Fen
    deducted: Fen


class Deduction(Said, frozen=True, kw_only=True):
    """What a payer does not pay of one row."""

    settlement_id: SettlementId
    amount: FenAboveZero
    article: Article
    reason: Words


class Fine(Said, frozen=True, kw_only=True):
    """What an institution owes its care place: how much, of what kind, and why."""

    amount: FenAboveZero
    kind: FineKind
    article: Article
    reason: Words


class PartitionRead(Said, frozen=True, kw_only=True):
    """How far a partition of the ledger was read."""

    partition: Count
    offset: Offset


class RowMark(Said, frozen=True, kw_only=True):
    """A row, and whether it is to be cleared now."""

    settlement_id: SettlementId
    confirmed: fields.Flag


class ClearingCaused(Said, frozen=True, kw_only=True):
    """What every fact of clearing says of its request, and the day that counts."""

    care_region: Region
    request_source: str
    request_id: Id
    request_time: Instant
    content: Digest
    counted_on: date
    policy: PolicyRef

    def __post_init__(self) -> None:
        moment(self.request_time)


class ClearingPart(ClearingCaused, frozen=True, kw_only=True):
    """Rows that did not fit into the fact that follows."""

    statements: tuple[StatementRow, ...] = ()
    statement_lines: tuple[StatementLine, ...] = ()


class ChangedRows(ClearingCaused, frozen=True, kw_only=True):
    """What a fact changed: whole rows, the first thousand statements by id."""

    parts: Count = 0
    statement_count: Count = 0
    statements: tuple[StatementRow, ...] = ()
    statement_lines: tuple[StatementLine, ...] = ()
    recoveries: tuple[Recovery, ...] = ()


class Drawn(ChangedRows, frozen=True, kw_only=True):
    """All statements of a care region and month were drawn, from rows read so far."""

    clearing_month: Month
    read_to: tuple[PartitionRead, ...]


class Confirmed(ChangedRows, frozen=True, kw_only=True):
    """An institution confirmed rows."""

    clearing_month: Month
    institution_id: Id
    confirmation_rows: tuple[RowMark, ...]


class Unconfirmed(ChangedRows, frozen=True, kw_only=True):
    """An institution took a confirmation back."""

    clearing_month: Month
    institution_id: Id
    confirmation_id: Id


class StatementsDeclared(ChangedRows, frozen=True, kw_only=True):
    """A payee declared statements."""

    statement_ids: tuple[StatementId, ...]
    exception: Words | None = None


class OfStatement(ChangedRows, frozen=True, kw_only=True):
    """A fact about one statement."""

    statement_id: StatementId


class Withdrawn(OfStatement, frozen=True, kw_only=True):
    """A payee took its declaration back."""


class Accepted(OfStatement, frozen=True, kw_only=True):
    """A payer took a declared statement in."""


class Audited(OfStatement, frozen=True, kw_only=True):
    """A payer audited a statement, with these deductions."""

    deductions: tuple[Deduction, ...]


class AuditFinished(OfStatement, frozen=True, kw_only=True):
    """A payer was done with the audit of a statement."""


class Cleared(OfStatement, frozen=True, kw_only=True):
    """A payer cleared a statement."""


class StatementPaid(OfStatement, frozen=True, kw_only=True):
    """A payer paid a statement in full."""

    paid: Fen
    paid_on: date
    prepayment_moves: tuple[PrepaymentMove, ...] = ()


class StatementRejected(OfStatement, frozen=True, kw_only=True):
    """A payer sent a statement back."""

    reason: Words


class Fined(ChangedRows, frozen=True, kw_only=True):
    """A care agency set all fines beside an institution's statement."""

    statement_id: InstitutionStatementId
    fines: tuple[Fine, ...]


class QuotaSet(ClearingCaused, frozen=True, kw_only=True):
    """An insured region set a prepayment; the account as it stood then."""

    insured_region: Region
    scheme: Code
    year: Year
    quota: PositiveFen
    basis: QuotaBasis
    warn_ratio: Ratio | None = None
    prepayment: PrepaymentRow


StatementFact = (
    Withdrawn
    | Accepted
    | Audited
    | AuditFinished
    | Cleared
    | StatementPaid
    | StatementRejected
    | Fined
)
ChangingFact = Drawn | Confirmed | Unconfirmed | StatementsDeclared | StatementFact
ClearingFact = ChangingFact | QuotaSet | ClearingPart

CLEARING_TYPE_OF: Final[dict[type[Any], str]] = {
    ClearingPart: "jiesuan.clearing.part.v1",
    Drawn: "jiesuan.clearing.drawn.v1",
    Confirmed: "jiesuan.clearing.confirmed.v1",
    Unconfirmed: "jiesuan.clearing.unconfirmed.v1",
    StatementsDeclared: "jiesuan.clearing.declared.v1",
    Withdrawn: "jiesuan.clearing.withdrawn.v1",
    Accepted: "jiesuan.clearing.accepted.v1",
    Audited: "jiesuan.clearing.audited.v1",
    AuditFinished: "jiesuan.clearing.audit-finished.v1",
    Cleared: "jiesuan.clearing.cleared.v1",
    StatementPaid: "jiesuan.clearing.paid.v1",
    StatementRejected: "jiesuan.clearing.rejected.v1",
    Fined: "jiesuan.clearing.fined.v1",
    QuotaSet: "jiesuan.prepay.quota-set.v1",
}
_READERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    type_: msgspec.json.Decoder(fact) for fact, type_ in CLEARING_TYPE_OF.items()
}
_POLICY_HAS_WORDS: Final = words_of(PolicyRef)
_WRITER: Final = msgspec.json.Encoder()


def write_clearing_fact(fact: ClearingFact) -> bytes:
    """Write a fact as the bytes that `jiesuan.clearing` stores and hashes."""
    return _WRITER.encode(fact)


def read_clearing_fact(type_: str, value: bytes) -> ClearingFact:
    """Read a stored fact of clearing, or raise NotAFact."""
    try:
        fact: ClearingFact = _READERS[type_].decode(value)
    except (KeyError, ValueError, msgspec.DecodeError) as wrong:
        raise NotAFact(f"{type_}: {wrong}") from wrong
    if not _POLICY_HAS_WORDS.one(fact.policy):
        raise NotAFact(f"{type_}: the policy is none")
    return fact
