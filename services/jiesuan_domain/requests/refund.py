"""Refunds (2208): one settlement at a time, newest first (50号三(二): 时间倒序).

Order is the ledger's, never a clock's. A refund of a settlement cleared long ago is
allowed; it restores the accumulators of the original year (A18).
"""

from collections.abc import Iterator

from msgspec import Struct

from jiesuan_domain.asked.asked import Asked, caused
from jiesuan_domain.gates.needed import first_missing
from jiesuan_domain.in_force import InForce, institutions_called
from jiesuan_domain.outcome import Decided, Outcome, Refused, refused
from jiesuan_domain.person.identity import settlement_id
from jiesuan_domain.person.state import (
    Effective,
    KeptSettlement,
    Person,
    PersonYear,
    totals_region,
)
from jiesuan_domain.refusals.of_person import policy_not_in_force
from jiesuan_domain.refusals.of_request import unknown_institution
from jiesuan_domain.refusals.of_undoing import (
    Blocking,
    already_refunded,
    later_settlements_first,
    not_your_settlement,
    unknown_settlement,
)
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_domain.requests.mirror import mirror_fields
from jiesuan_events.requests import Refund
from jiesuan_events.words.codes import ORDINARY
from jiesuan_ledger.accumulators import totals
from jiesuan_ledger.accumulators.pools import PoolYear
from jiesuan_ledger.facts import Refunded

SCHEME_YEAR = "scheme-year"
INSTITUTION = "institution"
CARE_TYPE = "care-type"


class Target(Struct, frozen=True):
    """The settlement that a refund is asked for, and the year it stands on."""

    bill: KeptSettlement
    pool: PoolYear
    person_year: PersonYear

    def totals_region(self, person: Person) -> str | None:
        """Return the region that a fact names beside its accumulators, if any."""
        return totals_region(person.head, self.pool)


def decide_refund(person: Person, asked: Asked, *, in_force: InForce) -> Outcome:
    """Decide a refund: known, the sender's own, not refunded, and nothing above it."""
    target = find(person, asked, in_force=in_force)
    if isinstance(target, Refused):
        return target
    waits = out_of_turn(person, target, in_force=in_force)
    if waits is not None:
        return refused(waits)
    fields = mirror_fields(
        target.bill.block,
        settlement_id=settlement_id(person.head, asked.content),
        sender_id=asked.id,
    )
    after = totals.take_back(target.person_year.totals, target.bill.block)
    return Decided(
        Refunded(
            **fields,
            **caused(asked),
            totals=after,
            totals_region=target.totals_region(person),
        )
    )


def find(person: Person, asked: Asked, *, in_force: InForce) -> Target | Refused:
    """Return what is to be refunded, or the refusal: unknown, not yours, refunded."""
    command = asked.command
    assert isinstance(command, Refund)
    if command.institution_id not in in_force.institutions:
        return refused(unknown_institution())
    bill = _named(person, asked, command=command)
    if bill is None:
        return refused(
            unknown_settlement(command.settlement_id, command.sender_settlement_id)
        )
    if not is_senders(bill, asked, institution_id=command.institution_id):
        block, here = bill.block, in_force.institutions
        where = institutions_called((block.institution_id,), here)
        return refused(
            not_your_settlement(
                block.settlement_id, where=where, claimed_by=bill.claimed_by
            )
        )
    if bill.is_refunded:
        return refused(
            already_refunded(
                bill.block.settlement_id,
                replaced_by=bill.replaced_by,
                now=_what_stands_now(bill, person),
            )
        )
    return target_of(bill, person)


def target_of(bill: KeptSettlement, person: Person) -> Target:
    """Return a settlement with the year of the pool that it stands on."""
    block = bill.block
    pool = (block.insured_region, block.scheme, block.year)
    return Target(bill, pool, person.year_of(pool))


def _what_stands_now(bill: KeptSettlement, person: Person) -> str | None:
    """Follow the gap refunds of a refunded settlement to what stands in its place."""
    while bill.is_refunded and bill.replaced_by is not None:
        bill = person.settlements[bill.replaced_by]
    return None if bill.is_refunded else bill.block.settlement_id


def _named(person: Person, asked: Asked, *, command: Refund) -> KeptSettlement | None:
    """Look a settlement up by its id, or by its sender's id, the sender's own first."""
    if command.settlement_id is not None:
        return person.settlements.get(command.settlement_id)
    requests = person.requests.get(command.sender_settlement_id or "", ())
    ranked = sorted(requests, key=lambda seen: seen.source != asked.source)
    for seen in ranked:
        if seen.settlement_id is not None:
            return person.settlements.get(seen.settlement_id)
    return None


def is_senders(bill: KeptSettlement, asked: Asked, *, institution_id: str) -> bool:
    """Whether the sender made the settlement; a claim is its agency's."""
    block = bill.block
    if block.institution_id != institution_id:
        return False
    if bill.claimed_by is not None:
        return bill.claimed_by == asked.source
    return not asked.agency


def out_of_turn(person: Person, target: Target, *, in_force: InForce) -> Refusal | None:
    """Return the refusal where the order of refunds forbids this one, else None.

    Later settlements must be refunded first, or the region's order is not configured.
    """
    block = target.bill.block
    pack = in_force.packs.find(block.insured_region, block.scheme)
    rules = None if pack is None else pack.on(block.service_day)
    if first_missing(rules, ("refund_scope",)) is not None:
        return policy_not_in_force("refund_scope", block.service_day)
    scope = SCHEME_YEAR if rules is None else rules.refund_scope or SCHEME_YEAR
    blocking = list(_blockers(person, target, scope=scope))
    if not blocking:
        return None
    claims = {one.settlement_id for one in person.head.claims}
    return later_settlements_first(
        [
            Blocking(
                one,
                institutions_called((one.institution_id,), in_force.institutions),
                person.settlements[one.settlement_id].claimed_by
                if one.settlement_id in claims
                else None,
            )
            for one in blocking
        ]
    )


def _blockers(person: Person, target: Target, *, scope: str) -> Iterator[Effective]:
    """Return the later effective settlements that stand on it, newest first (A19)."""
    block = target.bill.block
    for effective in person.newest_standing(target.pool):
        if effective.settlement_id == block.settlement_id:
            return
        if effective.settlement_id and _in_scope(effective, target, scope=scope):
            yield effective


def _in_scope(effective: Effective, target: Target, *, scope: str) -> bool:
    block = target.bill.block
    if scope == INSTITUTION:
        return effective.institution_id == block.institution_id
    if scope == CARE_TYPE:
        care, theirs = block.care_type, effective.care_type
        return theirs == care or (theirs in ORDINARY and care in ORDINARY)
    return True
