"""What agencies and institutions ask of a month: one model per request type."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from jiesuan_events.entries.block import SettlementId
from jiesuan_events.words.codes import FineKind
from jiesuan_events.words.fields import (
    CODE,
    ID,
    REGION,
    Code,
    Contract,
    Day,
    Flag,
    Id,
    Region,
    Year,
)
from jiesuan_events.words.money import MAX_FEN, PositiveFen, StrictFen

MONTH: Final = r"[0-9]{4}(0[1-9]|1[0-2])"
_OF_INSTITUTION: Final = rf"institution:{MONTH}:{REGION}:{ID}"
_OF_REGION: Final = rf"region:{MONTH}:{REGION}:{REGION}"
STATEMENT_ID: Final = rf"({_OF_INSTITUTION}|{_OF_REGION}):{CODE}:{CODE}"
"""``<kind>:<clr_ym>:<mdtrtarea_admvs>:<the other party>:<insutype>:<clr_type>``."""
INSTITUTION_STATEMENT_ID: Final = rf"{_OF_INSTITUTION}:{CODE}:{CODE}"
Month = Annotated[str, Field(pattern=f"^{MONTH}$")]
StatementId = Annotated[str, Field(max_length=100, pattern=f"^{STATEMENT_ID}$")]
InstitutionStatementId = Annotated[
    str, Field(max_length=100, pattern=f"^{INSTITUTION_STATEMENT_ID}$")
]
RowCount = Annotated[int, Field(strict=True, ge=0, le=MAX_FEN)]
Words = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
KeptWords = Annotated[str, Field(min_length=1, max_length=500)]
"""As the ledger may hold them: blanks were taken once, and stay taken."""
Article = Annotated[str, Field(min_length=1, max_length=200)]
QuotaBasis = Literal["annual", "adjust", "emergency"]
FenAboveZero = Annotated[int, Field(strict=True, ge=1, le=MAX_FEN)]
MAX_ROWS: Final = 1000
MAX_STATEMENTS: Final = 20


class Draw(Contract):
    """A care region draws all statements of a month (清分)."""

    clearing_month: Month
    care_region: Region


class ConfirmedRow(Contract):
    """One row as an institution sees it, and whether it is to be cleared now."""

    settlement_id: SettlementId
    confirmed: Flag
    total_charge: StrictFen
    fund_pay_total: StrictFen


def _each_row_once(rows: list[ConfirmedRow]) -> list[ConfirmedRow]:
    if len({row.settlement_id for row in rows}) != len(rows):
        raise ValueError("a row is confirmed twice")
    return rows


def _each_statement_once(ids: list[str]) -> list[str]:
    if len(set(ids)) != len(ids):
        raise ValueError("a statement is named twice")
    return ids


class Confirm(Contract):
    """An institution confirms rows of its statements of a month (3261)."""

    clearing_month: Month
    institution_id: Id
    confirmation_rows: Annotated[
        list[ConfirmedRow],
        Field(min_length=1, max_length=MAX_ROWS),
        AfterValidator(_each_row_once),
    ]


class Unconfirm(Contract):
    """An institution takes a confirmation back (3262)."""

    clearing_month: Month
    institution_id: Id
    request_id: Id


class StatementSums(Contract):
    """What the payee believes the rows of its statements come to together."""

    settlement_count: RowCount
    total_charge: StrictFen
    fund_pay_total: StrictFen
    account_pay: StrictFen
    cash_pay: StrictFen


class Declare(StatementSums):
    """A payee declares statements to be cleared (3203)."""

    statement_ids: Annotated[
        list[StatementId],
        Field(min_length=1, max_length=MAX_STATEMENTS),
        AfterValidator(_each_statement_once),
    ]
    exception: Words | None = None


class _OfStatement(Contract):
    statement_id: StatementId


class Withdraw(_OfStatement):
    """A payee takes its declaration back (3204)."""


class Accept(_OfStatement):
    """A payer takes a declared statement in (受理)."""


class Deduction(Contract):
    """What a payer does not pay of one row: how much, by which article, and why."""

    settlement_id: SettlementId
    amount: FenAboveZero
    article: Article
    reason: KeptWords


class Audit(_OfStatement):
    """A payer audits a statement, with deductions or without (审核)."""

    deductions: list[Deduction] = Field(max_length=MAX_ROWS)


class FinishAudit(_OfStatement):
    """A payer is done with the audit of a statement (审核完成)."""


class Clear(_OfStatement):
    """A payer clears a statement (清算)."""


class Pay(_OfStatement):
    """A payer paid a statement in full (拨付)."""

    paid: StrictFen
    paid_on: Day


class Reject(_OfStatement):
    """A payer sends a statement back (驳回); it may be declared again."""

    reason: Words


class Fine(Contract):
    """What an institution owes its care place: how much, of what kind, and why."""

    amount: FenAboveZero
    kind: FineKind
    article: Article
    reason: KeptWords


class SetFines(Contract):
    """A care agency sets all fines beside an institution's statement (处罚入账)."""

    statement_id: InstitutionStatementId
    fines: list[Fine] = Field(max_length=MAX_ROWS)


class SetQuota(Contract):
    """An insured region sets what it prepays a care region for a year (预付金额度)."""

    care_region: Region
    insured_region: Region
    scheme: Code
    year: Year
    quota: PositiveFen
    basis: QuotaBasis


OfPayee = Declare | Withdraw
OfPayer = Accept | Audit | FinishAudit | Clear | Pay | Reject | SetFines
ClearingRequest = Draw | Confirm | Unconfirm | OfPayee | OfPayer | SetQuota

CLEARING_REQUEST_TYPES: Final[dict[str, type[ClearingRequest]]] = {
    "jiesuan.clearing.draw.v1": Draw,
    "jiesuan.clearing.confirm.v1": Confirm,
    "jiesuan.clearing.unconfirm.v1": Unconfirm,
    "jiesuan.clearing.declare.v1": Declare,
    "jiesuan.clearing.withdraw.v1": Withdraw,
    "jiesuan.clearing.accept.v1": Accept,
    "jiesuan.clearing.audit.v1": Audit,
    "jiesuan.clearing.finish-audit.v1": FinishAudit,
    "jiesuan.clearing.clear.v1": Clear,
    "jiesuan.clearing.pay.v1": Pay,
    "jiesuan.clearing.reject.v1": Reject,
    "jiesuan.clearing.fine.v1": SetFines,
    "jiesuan.prepay.quota.v1": SetQuota,
}

CONFIRMING_TYPES: Final = frozenset(
    {"jiesuan.clearing.confirm.v1", "jiesuan.clearing.unconfirm.v1"}
)
"""Types that come from the institution that they name."""
PAYEE_TYPES: Final = frozenset(
    {"jiesuan.clearing.declare.v1", "jiesuan.clearing.withdraw.v1"}
)
"""Types that come from whom a statement pays: an institution or a care agency."""
