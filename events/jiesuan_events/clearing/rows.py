"""The rows that answers, facts and read models of clearing share."""

from typing import Annotated, Final

from pydantic import Field

from jiesuan_events.clearing.requests import (
    KeptWords,
    Month,
    RowCount,
    StatementId,
    StatementSums,
)
from jiesuan_events.entries.block import SettlementId
from jiesuan_events.words.codes import ClearingState, StatementKind
from jiesuan_events.words.fields import (
    Code,
    Contract,
    Day,
    Digest,
    Flag,
    Id,
    Region,
    Year,
)
from jiesuan_events.words.money import PositiveFen, StrictFen

USED_RATIO: Final = r"-?[0-9]{1,16}\.[0-9]{4}"
UsedRatio = Annotated[str, Field(pattern=f"^{USED_RATIO}$")]


class StatementKey(Contract):
    """Who owes whom, in which scheme and category, whatever the month."""

    kind: StatementKind
    care_region: Region
    insured_region: Region | None = None
    institution_id: Id | None = None
    scheme: Code
    clearing_category: Code


class StatementRow(StatementKey, StatementSums):
    """A statement as `clearing_statement` shows it; absent is null."""

    statement_id: StatementId
    clearing_month: Month
    clearing_state: ClearingState
    refund_count: RowCount
    deducted: StrictFen
    recovered: StrictFen
    payable: StrictFen
    paid: StrictFen | None = None
    declare_by: Day
    latest_on: Day
    hard_stop: Day
    drawn_on: Day
    declared_on: Day | None = None
    paid_on: Day | None = None
    late: bool
    overdue: bool
    exception: KeptWords | None = None
    reason: KeptWords | None = None
    digest: Digest


class StatementLine(Contract):
    """A row of the ledger in a statement, as `clearing_row` shows it."""

    statement_id: StatementId
    settlement_id: SettlementId
    confirmed: Flag | None = None
    deducted: StrictFen
    carried_from: StatementId | None = None
    carried_to: StatementId | None = None


class Recovery(StatementKey):
    """What the next statement of a key recovers, as `clearing_recovery` shows it."""

    pending: StrictFen


class PrepaymentRow(Contract):
    """A prepayment account as `prepayment` shows it; without a quota no ratio."""

    care_region: Region
    insured_region: Region
    scheme: Code
    year: Year
    quota: PositiveFen | None = None
    used: StrictFen
    paid: StrictFen
    deducted: StrictFen
    used_ratio: UsedRatio | None = None
    warned: bool


class PrepaymentMove(Contract):
    """What a payment moves on one prepayment account."""

    insured_region: Region
    scheme: Code
    year: Year
    used: StrictFen
    paid: StrictFen
    deducted: StrictFen
