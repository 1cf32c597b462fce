"""A statement: what one payer owes one payee for one month, scheme and category."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import Final

from msgspec import Struct

from jiesuan_domain.clearing.state.row import INSTITUTION, Row, StatementKey
from jiesuan_events.words.codes import ClearingState, StatementKind
from jiesuan_ledger.clearing.facts import StatementRow

DRAWN: Final[ClearingState] = "00"
DECLARED: Final[ClearingState] = "10"
ACCEPTED: Final[ClearingState] = "20"
IN_AUDIT: Final[ClearingState] = "30"
AUDITED: Final[ClearingState] = "40"
CLEARED: Final[ClearingState] = "50"
PAID: Final[ClearingState] = "60"
REJECTED: Final[ClearingState] = "70"
DONE: Final[frozenset[ClearingState]] = frozenset({AUDITED, CLEARED, PAID})
"""States in which what is deducted from now on goes into the next statement."""


class Sums(Struct, frozen=True, gc=False):
    """What the standing rows of a statement come to."""

    settlement_count: int
    refund_count: int
    total_charge: int
    fund_pay_total: int
    account_pay: int
    cash_pay: int
    digest: str
    oldest: str
    """The oldest month among the rows; without rows the statement's own."""


class Statement(Struct, frozen=True, gc=False):
    """A statement as the rules know it."""

    id: str
    month: str
    care_region: str
    key: StatementKey
    sums: Sums
    declare_by: date
    latest_on: date
    hard_stop: date
    drawn_on: date
    named_at: str
    """The time of the latest decided request that named the statement."""
    state: ClearingState = DRAWN
    deducted: int = 0
    recovered: int = 0
    paid: int | None = None
    declared_on: date | None = None
    paid_on: date | None = None
    rejected_on: date | None = None
    is_met: bool = False
    """Whether a declaration stands that was not withdrawn: it met the deadlines."""
    is_met_now: bool = False
    """Whether that is the latest declaration, so that withdrawing it undoes it."""
    late: bool = False
    overdue: bool = False
    exception: str | None = None
    reason: str | None = None

    @property
    def kind(self) -> StatementKind:
        """Return the kind of statement."""
        return self.key[0]

    @property
    def party(self) -> str:
        """Return the other party: the institution, or the insured region."""
        return self.key[1]

    @property
    def payable(self) -> int:
        """Return what is to be paid: negative where refunds and deductions prevail."""
        return self.sums.fund_pay_total - self.deducted - self.recovered


def summed(rows: Sequence[Row], month: str) -> Sums:
    """Sum rows in ledger order: count, refunds, four amounts, digest, oldest month."""
    return Sums(
        settlement_count=len(rows),
        refund_count=sum([row.is_refund for row in rows]),
        total_charge=sum([row.total_charge for row in rows]),
        fund_pay_total=sum([row.fund_pay for row in rows]),
        account_pay=sum([row.account_pay for row in rows]),
        cash_pay=sum([row.cash_pay for row in rows]),
        digest=rows_digest([row.settlement_id for row in rows]),
        oldest=min([row.month for row in rows], default=month),
    )


def rows_digest(settlement_ids: Sequence[str]) -> str:
    """Return the digest of rows by their ids in ledger order (contracts §10)."""
    text = "".join([f"{id_}\n" for id_ in settlement_ids])
    return sha256(text.encode()).hexdigest()


def statement_row(statement: Statement) -> StatementRow:
    """Show a statement as the read model does."""
    sums = statement.sums
    kind, party, scheme, category = statement.key
    return StatementRow(
        statement_id=statement.id,
        kind=kind,
        clearing_month=statement.month,
        care_region=statement.care_region,
        insured_region=None if kind == INSTITUTION else party,
        institution_id=party if kind == INSTITUTION else None,
        scheme=scheme,
        clearing_category=category,
        clearing_state=statement.state,
        settlement_count=sums.settlement_count,
        refund_count=sums.refund_count,
        total_charge=sums.total_charge,
        fund_pay_total=sums.fund_pay_total,
        account_pay=sums.account_pay,
        cash_pay=sums.cash_pay,
        deducted=statement.deducted,
        recovered=statement.recovered,
        payable=statement.payable,
        paid=statement.paid,
        declare_by=statement.declare_by,
        latest_on=statement.latest_on,
        hard_stop=statement.hard_stop,
        drawn_on=statement.drawn_on,
        declared_on=statement.declared_on,
        paid_on=statement.paid_on,
        late=statement.late,
        overdue=statement.overdue,
        exception=statement.exception,
        reason=statement.reason,
        digest=sums.digest,
    )
