"""A statement as a double-entry book: what is owed, kept back, returned, paid, fined.

The facts of a month carry sums, deductions and fines; each of them is one posting
here. Debits are positive, credits negative, and a posting that does not come to nothing
cannot be made.
"""

from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct

from jiesuan_domain.clearing.state.row import INSTITUTION
from jiesuan_ledger.clearing.facts import StatementRow

Account = Literal["fund", "due", "bank", "fine-due", "fines"]
"""The payer's fund; what the payee is owed; the payer's bank; what an institution owes
its care place for fines; the care place's income from fines.
"""
PostedFor = Literal["care", "deduction", "recovery", "payment", "fine"]
FUND: Final[Account] = "fund"
DUE: Final[Account] = "due"
BANK: Final[Account] = "bank"
FINE_DUE: Final[Account] = "fine-due"
FINES: Final[Account] = "fines"
OF_PAYEE: Final[frozenset[Account]] = frozenset({DUE, FINE_DUE})


class Leg(Struct, frozen=True, gc=False):
    """One side of a posting: an account, whose it is, and fen (debit positive)."""

    account: Account
    party: str
    amount: int


class Posting(Struct, frozen=True):
    """One entry of a statement's book, of a row where it is about one."""

    posted_for: PostedFor
    settlement_id: str | None
    legs: tuple[Leg, ...]

    def __post_init__(self) -> None:
        assert len(self.legs) > 1, "a posting has two sides"
        assert sum(leg.amount for leg in self.legs) == 0, "a posting balances"


class StatementBook(Struct, frozen=True):
    """The postings of a statement; they come to what is still to be paid."""

    statement_id: str
    outstanding: int
    """What the payee is owed still, in fen; nothing once it was paid."""
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        due = [
            leg.amount
            for posting in self.postings
            for leg in posting.legs
            if leg.account == DUE
        ]
        assert -sum(due) == self.outstanding, "the payee is owed what the book says"


def book_of(
    statement: StatementRow,
    deducted: Iterable[tuple[str, int]],
    *,
    fines: Iterable[int] = (),
) -> StatementBook:
    """Return a statement's book; ``deducted`` names each row with its deduction in it.

    What is deducted or recovered goes back into the fund that paid (118号 六(二):
    按原渠道返回参保地): from the institution to the region of care, and by the
    statement between the regions to the insured place. ``fines`` stay with the
    region of care (由就医地医保部门按规定处理): no part of what the payee is owed.
    """
    payer, payee = parties(statement)
    made: list[Posting] = []

    def post(
        what: PostedFor, amount: int, *, sides: tuple[Account, Account], of: str | None
    ) -> None:
        if amount:
            legs = tuple(
                Leg(account, payee if account in OF_PAYEE else payer, signed)
                for account, signed in zip(sides, (amount, -amount), strict=True)
            )
            made.append(Posting(what, of, legs))

    post("care", statement.fund_pay_total, sides=(FUND, DUE), of=None)
    for settlement_id, amount in deducted:
        post("deduction", amount, sides=(DUE, FUND), of=settlement_id)
    post("recovery", statement.recovered, sides=(DUE, FUND), of=None)
    post("payment", statement.paid or 0, sides=(DUE, BANK), of=None)
    for amount in fines:
        post("fine", amount, sides=(FINE_DUE, FINES), of=None)
    outstanding = statement.payable - (statement.paid or 0)
    return StatementBook(statement.statement_id, outstanding, tuple(made))


def parties(statement: StatementRow) -> tuple[str, str]:
    """Return who pays a statement, and whom it pays."""
    if statement.kind == INSTITUTION:
        assert statement.institution_id is not None, "an institution is paid"
        return statement.care_region, statement.institution_id
    assert statement.insured_region is not None, "an insured region pays"
    return statement.insured_region, statement.care_region
