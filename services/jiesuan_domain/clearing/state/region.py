"""What clearing knows of one care region: rows of the ledger, statements, accounts.

The mappings are whatever holds them: dicts in memory, a store elsewhere. A fact is
worked out on a `Draft`, layers over those mappings; `Region.apply` takes it over.
"""

from collections.abc import MutableMapping
from typing import Any

from msgspec import Struct

from jiesuan_domain.clearing.state.layer import Layer
from jiesuan_domain.clearing.state.row import Row, StatementKey
from jiesuan_domain.clearing.state.statement import Statement
from jiesuan_events.entries.chain import GENESIS
from jiesuan_events.words.codes import StatementKind
from jiesuan_events.words.fields import Flag

RequestName = tuple[str, str]
"""Source and id of a request."""
InMonth = tuple[str, str]
"""A row's id, and the month of a statement that it stands in or stood in."""
OfKind = tuple[StatementKind, str]
"""A kind of statement, and a row's id."""
AccountKey = tuple[str, str, str]
"""Insured region, scheme and year of a prepayment account."""


class ClearingHead(Struct, frozen=True, gc=False):
    """The region's place in its chain, and the latest month drawn."""

    version: int = 0
    hash: bytes = GENESIS
    drawn: str = ""


class ClearingRequestSeen(Struct, frozen=True, gc=False):
    """A request's name, taken for ever: what it said and where it was entered."""

    content: str
    version: int
    hash: bytes
    offset: int


class Mark(Struct, frozen=True, gc=False):
    """One confirmation of a row: by which request, and its flag."""

    by: RequestName
    flag: Flag


class Confirmation(Struct, frozen=True, gc=False):
    """A confirmation that was entered, until it is rolled back."""

    month: str
    row_ids: tuple[str, ...]
    is_rolled_back: bool = False


class DeductionInForce(Struct, frozen=True, gc=False):
    """A deduction in force: whose audit made it, and where it became a recovery."""

    by: str
    amount: int
    recovered_in: tuple[OfKind, ...] = ()


class Account(Struct, frozen=True, gc=False):
    """A prepayment account: the quota, what rows use of it, what was settled."""

    quota: int | None = None
    used: int = 0
    paid: int = 0
    deducted: int = 0


class Region:
    """The state of one care region; `draft` lays changes over it."""

    __slots__ = (
        "accounts",
        "audited",
        "care_region",
        "confirmations",
        "deductions",
        "head",
        "marks",
        "members",
        "mirrors",
        "pending",
        "placed",
        "recovered",
        "requests",
        "rows",
        "statements",
        "waiting",
    )

    def __init__(self, care_region: str) -> None:
        self.care_region = care_region
        self.head = ClearingHead()
        self.rows: MutableMapping[str, Row] = {}
        self.waiting: MutableMapping[str, Row] = {}
        self.mirrors: MutableMapping[str, str] = {}
        self.statements: MutableMapping[str, Statement] = {}
        self.members: MutableMapping[str, tuple[Row, ...]] = {}
        self.placed: MutableMapping[str, tuple[str, ...]] = {}
        self.marks: MutableMapping[InMonth, tuple[Mark, ...]] = {}
        self.confirmations: MutableMapping[RequestName, Confirmation] = {}
        self.deductions: MutableMapping[str, tuple[DeductionInForce, ...]] = {}
        self.audited: MutableMapping[str, tuple[str, ...]] = {}
        self.recovered: MutableMapping[OfKind, int] = {}
        self.pending: MutableMapping[StatementKey, int] = {}
        self.accounts: MutableMapping[AccountKey, Account] = {}
        self.requests: MutableMapping[RequestName, ClearingRequestSeen] = {}

    def hear(self, row: Row) -> None:
        """Take a row of the ledger in: it waits to be drawn."""
        self.rows[row.settlement_id] = row
        self.waiting[row.settlement_id] = row
        if row.original_id:
            self.mirrors[row.original_id] = row.settlement_id
        if row.insured_region != row.care_region:
            key = account_of(row)
            account = self.accounts.get(key, Account())
            self.accounts[key] = Account(
                account.quota,
                account.used + row.fund_pay,
                account.paid,
                account.deducted,
            )

    def draft(self) -> "Draft":
        """Begin a change."""
        return Draft(self)

    def apply(self, draft: "Draft") -> None:
        """Take a change over."""
        self.head = draft.head
        for layer in draft.layers():
            layer.settle()


def account_of(row: Row) -> AccountKey:
    """Return the prepayment account that a row uses, of the year of its month."""
    return (row.insured_region, row.scheme, row.month[:4])


class Draft:
    """What a fact changes of a region, seen as if it had happened already."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.head = region.head
        self.waiting = Layer(region.waiting)
        self.statements = Layer(region.statements)
        self.members = Layer(region.members)
        self.placed = Layer(region.placed)
        self.marks = Layer(region.marks)
        self.confirmations = Layer(region.confirmations)
        self.deductions = Layer(region.deductions)
        self.audited = Layer(region.audited)
        self.recovered = Layer(region.recovered)
        self.pending = Layer(region.pending)
        self.accounts = Layer(region.accounts)
        self.requests = Layer(region.requests)
        self.lines: dict[InMonth, None] = {}
        """The rows whose lines in their statements changed, in the order of change."""

    def layers(self) -> tuple[Layer[Any, Any], ...]:
        """List the layers."""
        return tuple(one for one in vars(self).values() if isinstance(one, Layer))

    def statement(self, id_: str) -> Statement:
        """Return a statement that is there."""
        found = self.statements.get(id_)
        assert found is not None, "only statements that were drawn are named"
        return found

    def flag(self, row: Row, month: str) -> Flag | None:
        """Return the flag of a row in a month's statements; None if unconfirmed."""
        marks = self.marks.get((row.settlement_id, month))
        return marks[-1].flag if marks else None

    def standing_in(self, row: Row) -> str | None:
        """Return the month whose statements a row stands in; None while it waits."""
        months = self.placed.get(row.settlement_id)
        if not months or self.flag(row, months[-1]) == "0":
            return None
        return months[-1]

    def due(self, row: Row) -> int:
        """Return a row's deduction; a mirror's is the opposite of its original's."""
        sign, original = (-1, row.original_id) if row.original_id else (1, "")
        in_force = self.deductions.get(original or row.settlement_id) or ()
        return sign * sum(one.amount for one in in_force)

    def booked(self, row: Row, kind: StatementKind) -> int:
        """Return a row's deduction less what later statements recover."""
        return self.due(row) - (self.recovered.get((kind, row.settlement_id)) or 0)

    def deducted_rows(self) -> set[str]:
        """List the rows of which anything is deducted or recovered, or was."""
        found = {row_id for _, row_id in self.region.recovered}
        for original in self.region.deductions:
            found.add(original)
            mirror = self.region.mirrors.get(original)
            if mirror is not None:
                found.add(mirror)
        return found
