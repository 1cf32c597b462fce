"""A bill as it is looked over: what a settlement's fact says, or what a quote asks."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from msgspec import Struct

from jiesuan_domain.asked.commands import time_text
from jiesuan_domain.benefit.lines.supplies import supplies
from jiesuan_domain.checks.rules import LOOKBACK_DAYS
from jiesuan_domain.gates.case import Case
from jiesuan_domain.person.state import KeptSettlement
from jiesuan_events.words.instants import BEIJING, moment
from jiesuan_ledger.facts import Supplied
from jiesuan_ledger.parts.block import Block

_NEAR: Final = timedelta(1)
_FAR: Final = timedelta(LOOKBACK_DAYS)


class Dispensed(Struct, frozen=True, gc=False, array_like=True):
    """An item that was to last so many days; the quantity in ten-thousandths."""

    item: str
    days: int
    quantity: int


class CheckedBill(Struct, frozen=True, gc=False, array_like=True):
    """One bill that stands, or one that is quoted (no settlement id).

    ``at`` and ``since`` are the times of its latest and earliest line as they were
    sent, None where the fact is from before they were kept. Few are ever read.
    """

    settlement_id: str
    institution_id: str
    visit_id: str
    scheme: str
    insured_region: str
    care_type: str
    disease: str | None
    service_day: date
    age: int
    is_claim: bool
    at: str | None
    since: str | None
    items: tuple[tuple[str, int], ...]
    prescription: tuple[str, str] | None
    dispensed: tuple[Dispensed, ...]

    @property
    def is_lasting(self) -> bool:
        """Whether it was prescribed, or is to last."""
        return self.prescription is not None or bool(self.dispensed)

    @property
    def reach(self) -> timedelta:
        """How far from its service day bills lie that it can be held against.

        Only one that lasts asks for more than its own day and those next to it.
        """
        return _FAR if self.is_lasting else _NEAR


def of_kept(kept: KeptSettlement) -> CheckedBill:
    """Return the bill of a settlement that is kept."""
    said = kept.particulars
    at = said.incurred_at
    since = at if said.incurred_from is None else said.incurred_from
    return _of_block(
        kept.block,
        is_claim=kept.claimed_by is not None,
        times=(at, since),
        prescription=_prescription(said.prescribing_institution, said.prescription_id),
        supplied=said.supplies,
    )


def of_quote(block: Block, case: Case) -> CheckedBill:
    """Return the bill that a quote asks for."""
    bill = case.bill
    return _of_block(
        block,
        is_claim=False,
        times=(time_text(case.last_at), time_text(case.first_at)),
        prescription=_prescription(bill.prescribing_institution, bill.prescription_id),
        supplied=supplies(bill),
    )


def _of_block(
    block: Block,
    *,
    is_claim: bool,
    times: tuple[str | None, str | None],
    prescription: tuple[str, str] | None,
    supplied: Iterable[Supplied],
) -> CheckedBill:
    return CheckedBill(
        block.settlement_id,
        block.institution_id,
        block.visit_id,
        block.scheme,
        block.insured_region,
        block.care_type,
        block.disease,
        block.service_day,
        block.age,
        is_claim,
        *times,
        # Of lists: a generator costs more than what it makes here.
        tuple([(line.item, line.line_total) for line in block.lines]),
        prescription,
        tuple(
            [
                Dispensed(one.item, one.supply_days, one.quantity_supplied)
                for one in supplied
            ]
        ),
    )


def _prescription(
    institution: str | None, number: str | None
) -> tuple[str, str] | None:
    if institution is None or number is None:
        return None
    return institution, number


def times_of(bill: CheckedBill) -> tuple[datetime, ...]:
    """List the times of a bill's lines that are known: its earliest and its latest."""
    if bill.at is None or bill.since is None:
        return ()
    if bill.since == bill.at:
        return (moment(bill.at),)
    return moment(bill.since), moment(bill.at)


def ends_at_once(bill: CheckedBill, other: CheckedBill) -> bool:
    """Whether the latest lines of two bills are of one moment."""
    at, then = bill.at, other.at
    is_one_form = at and then and len(at) == len(then) and at[-6:] == then[-6:]
    if at is None or then is None or is_one_form:
        return at == then  # Two texts of one form and offset are two moments.
    return moment(at) == moment(then)


def clock(at: datetime) -> str:
    """Write a moment as a clerk reads it: Beijing's day and minute."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
