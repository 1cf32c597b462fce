"""The rows of facts as the values of statements: in the order of their columns."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any, Final

from jiesuan_events.words.money import rate_of
from jiesuan_ledger.clearing.facts import (
    Fined,
    QuotaSet,
    Recovery,
    StatementLine,
    StatementPaid,
    StatementRow,
)

STATEMENT_WORDS: Final = (
    "statement_id",
    "kind",
    "clearing_month",
    "care_region",
    "insured_region",
    "institution_id",
    "scheme",
    "clearing_category",
    "clearing_state",
    "settlement_count",
    "refund_count",
    "total_charge",
    "fund_pay_total",
    "account_pay",
    "cash_pay",
    "deducted",
    "recovered",
    "payable",
    "paid",
    "declare_by",
    "latest_on",
    "hard_stop",
    "drawn_on",
    "declared_on",
    "paid_on",
    "late",
    "overdue",
    "exception",
    "reason",
    "digest",
)
_statement: Final = attrgetter(*STATEMENT_WORDS)
_line: Final = attrgetter(
    "statement_id",
    "settlement_id",
    "confirmed",
    "deducted",
    "carried_from",
    "carried_to",
)
_recovery: Final = attrgetter(
    "kind",
    "care_region",
    "insured_region",
    "institution_id",
    "scheme",
    "clearing_category",
)


def statement_values(row: StatementRow) -> tuple[Any, ...]:
    """Return the columns of `clearing_statement`."""
    values: tuple[Any, ...] = _statement(row)
    return values


def line_values(line: StatementLine) -> tuple[Any, ...]:
    """Return the columns of `clearing_row` that a fact may change."""
    values: tuple[Any, ...] = _line(line)
    return values


def fine_values(fact: Fined) -> Iterator[tuple[Any, ...]]:
    """Return the columns of `clearing_fine`, a fine after the other."""
    for seq, one in enumerate(fact.fines):
        yield (
            fact.statement_id,
            seq,
            one.amount,
            one.kind,
            one.article,
            one.reason,
            fact.counted_on,
        )


def recovery_key(recovery: Recovery) -> tuple[Any, ...]:
    """Return the key of `clearing_recovery`."""
    values: tuple[Any, ...] = _recovery(recovery)
    return values


def prepayment_values(fact: StatementPaid) -> Iterator[tuple[Any, ...]]:
    """Return what a payment moves on each account."""
    care_region = fact.statement_id.split(":")[2]
    for move in fact.prepayment_moves:
        yield (
            care_region,
            move.insured_region,
            move.scheme,
            move.year,
            move.used,
            move.paid,
            move.deducted,
        )


def warn_ratio(fact: QuotaSet) -> int | None:
    """Return the ratio, in ten-thousandths, at which an account is warned of."""
    return None if fact.warn_ratio is None else rate_of(fact.warn_ratio)
