"""A statement's money as postings: each balanced, all of them what is owed."""

from collections import Counter
from functools import cache
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.domain.clearing.random_months import RandomMonths

from jiesuan_domain.clearing.showing.postings import (
    Leg,
    Posting,
    StatementBook,
    book_of,
)
from jiesuan_domain.clearing.showing.results import lines_of
from jiesuan_domain.clearing.state.region import Region
from jiesuan_domain.clearing.state.row import INSTITUTION, KINDS, REGION
from jiesuan_domain.clearing.state.statement import PAID, statement_row
from jiesuan_events.words.codes import StatementKind
from jiesuan_ledger.clearing.facts import StatementRow

STEPS = 250


def regions_of(seed: int) -> list[Region]:
    """Live through random months; give what is known of their regions."""
    life = RandomMonths(Random(seed))
    life.live(STEPS)
    return list(life.months.trial.clearing.regions.values())


def deducted(region: Region) -> dict[str, list[tuple[str, int]]]:
    """Return what each statement of a region deducts of each of its rows."""
    found: dict[str, list[tuple[str, int]]] = {}
    for row_id, months in region.placed.items():
        for month in months:
            for line in lines_of(region.draft(), region.rows[row_id], month=month):
                one = (line.settlement_id, line.deducted)
                found.setdefault(line.statement_id, []).append(one)
    return found


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_books_come_to_what_is_owed_and_money_goes_back_where_it_came_from(
    seed: int,
) -> None:
    """A paid statement owes nothing; the payer's fund gets back all that is in force.

    What audits deducted of a row that was drawn is in the payer's fund again, by this
    statement, an earlier or a later one, or waits for the next: in both kinds.
    """
    for region in regions_of(seed):
        returned: Counter[str] = Counter()
        for id_, statement in region.statements.items():
            book = book_of(statement_row(statement), deducted(region).get(id_, ()))
            owed = 0 if statement.state == PAID else statement.payable
            assert book.outstanding == owed
            returned[statement.kind] += given_back(book)
        for kind in KINDS:
            pending = sum(
                amount for key, amount in region.pending.items() if key[0] == kind
            )
            assert returned[kind] + pending == in_force(region, kind)


def given_back(book: StatementBook) -> int:
    """Return what deductions and recoveries put back into the payer's fund."""
    return -sum(
        leg.amount
        for posting in book.postings
        for leg in posting.legs
        if posting.posted_for in ("deduction", "recovery") and leg.account == "fund"
    )


def in_force(region: Region, kind: StatementKind) -> int:
    """Return what audits deducted of rows that stand, or recovered of others."""
    draft = region.draft()
    return sum(
        draft.due(row)
        if draft.standing_in(row) is not None
        else region.recovered.get((kind, row.settlement_id), 0)
        for row in (region.rows[id_] for id_ in region.placed)
        if kind in row.kinds
    )


def test_what_an_insured_region_gets_back_leaves_its_statement_alone() -> None:
    """The fund that a deduction goes back to is the insured place's, not another's."""
    for region in regions_of(310):
        for id_, statement in region.statements.items():
            book = book_of(statement_row(statement), deducted(region).get(id_, ()))
            parties = {
                leg.party
                for posting in book.postings
                for leg in posting.legs
                if leg.account != "due"
            }
            payer = (
                statement.party if statement.kind == REGION else statement.care_region
            )
            assert parties <= {payer}


def test_a_posting_that_does_not_balance_is_none() -> None:
    """One fen too much, or one side alone, cannot be posted."""
    with pytest.raises(AssertionError):
        Posting("care", None, (Leg("fund", "a", 2), Leg("due", "b", -1)))
    with pytest.raises(AssertionError):
        Posting("care", None, (Leg("fund", "a", 0),))


def test_what_is_recovered_goes_back_into_the_fund_that_paid() -> None:
    """A recovery lessens what is due, and stands in the fund; the rows must add up."""
    statements = [
        one for region in regions_of(310) for one in region.statements.values()
    ]
    shown = statement_row(next(one for one in statements if one.kind == REGION))
    row = replace(shown, deducted=0, recovered=7, payable=shown.fund_pay_total - 7)
    (recovery,) = [
        one for one in book_of(row, ()).postings if one.posted_for == "recovery"
    ]
    assert recovery.legs == (
        Leg("due", row.care_region, 7),
        Leg("fund", row.insured_region or "", -7),
    )
    with pytest.raises(AssertionError):
        book_of(row, [("S", 1)])


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 10**9), max_size=5))
def test_fines_are_postings_beside_what_is_owed(seed: int, fines: list[int]) -> None:
    """Each is one balanced posting; without them the book is the same, all taken back.

    What the payee is owed and what the payer's fund and bank say stays as it was.
    """
    statement = Random(seed).choice(of_institutions())
    row = replace(statement, deducted=0, recovered=0, payable=statement.fund_pay_total)
    book, before = book_of(row, (), fines=fines), book_of(row, ())
    assert book_of(row, (), fines=()) == before
    assert book.outstanding == before.outstanding
    assert book.postings[: len(before.postings)] == before.postings
    assert [one.legs for one in book.postings[len(before.postings) :]] == [
        (
            Leg("fine-due", row.institution_id or "", amount),
            Leg("fines", row.care_region, -amount),
        )
        for amount in fines
    ]


@cache
def of_institutions() -> list[StatementRow]:
    """Return statements of institutions as random months left them."""
    return [
        statement_row(one)
        for region in regions_of(310)
        for one in region.statements.values()
        if one.kind == INSTITUTION
    ]
