"""A bill as it is looked over: what a settlement's fact says, or what a quote asks."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec import Struct

from jiesuan_domain.benefit.lines.supplies import supplies
from jiesuan_domain.checks.rules import LOOKBACK_DAYS
from jiesuan_domain.gates.case import Case
from jiesuan_domain.person.state import KeptSettlement
from jiesuan_events.words.instants import BEIJING, moment
from jiesuan_ledger.facts import Supplied
from jiesuan_ledger.parts.block import Block


class Dispensed(Struct, frozen=True, gc=False, array_like=True):
    """An item that was to last so many days; the quantity in ten-thousandths."""

    item: str
    days: int
    quantity: int


class CheckedBill(Struct, frozen=True, gc=False, array_like=True):
    """One bill that stands, or one that is quoted (no settlement id).

    ``at`` and ``since`` are the times of its latest and earliest line, None where the
    fact is from before they were kept.
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
    at: datetime | None
    since: datetime | None
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
        return timedelta(LOOKBACK_DAYS if self.is_lasting else 1)


def of_kept(kept: KeptSettlement) -> CheckedBill:
    """Return the bill of a settlement that is kept."""
    said = kept.particulars
    at = None if said.incurred_at is None else moment(said.incurred_at)
    since = at if said.incurred_from is None else moment(said.incurred_from)
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
        times=(case.last_at, case.first_at),
        prescription=_prescription(bill.prescribing_institution, bill.prescription_id),
        supplied=supplies(bill),
    )


def _of_block(
    block: Block,
    *,
    is_claim: bool,
    times: tuple[datetime | None, datetime | None],
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
        tuple((line.item, line.line_total) for line in block.lines),
        prescription,
        tuple(
            Dispensed(one.item, one.supply_days, one.quantity_supplied)
            for one in supplied
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
    return (bill.since,) if bill.since == bill.at else (bill.since, bill.at)


def clock(at: datetime) -> str:
    """Write a moment as a clerk reads it: Beijing's day and minute."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
