"""``evolve``: what an entry changes of a person. Pure and total: it may not refuse."""

from typing import assert_never

from jiesuan_domain.person import registered, settled
from jiesuan_domain.person.state import ChainPlace, Change, Head, Person, SeenRequest
from jiesuan_ledger import facts
from jiesuan_ledger.facts import Fact

REQUEST_OF = {
    facts.Enrolled: "jiesuan.enrol.v1",
    facts.Qualified: "jiesuan.qualify.v1",
    facts.Disqualified: "jiesuan.disqualify.v1",
    facts.Designated: "jiesuan.designate.v1",
    facts.Undesignated: "jiesuan.undesignate.v1",
    facts.Filed: "jiesuan.file.v1",
    facts.Unfiled: "jiesuan.unfile.v1",
    facts.Admitted: "jiesuan.admit.v1",
    facts.Discharged: "jiesuan.discharge.v1",
    facts.InpatientReported: "jiesuan.inpatient.v1",
    facts.Settled: "jiesuan.settle.v1",
    facts.Claimed: "jiesuan.claim.v1",
    facts.Refunded: "jiesuan.refund.v1",
    facts.GapRefunded: "jiesuan.gap-refund.v1",
    facts.Compensated: "jiesuan.compensate.v1",
    facts.CompensatedByReversal: "jiesuan.compensate.v1",
}
"""Which request each fact answers."""


_SETTLEMENTS = (facts.Settled, facts.Claimed)
RegisteredFact = (
    facts.Enrolled
    | facts.Qualified
    | facts.Disqualified
    | facts.Designated
    | facts.Undesignated
    | facts.Filed
    | facts.Unfiled
    | facts.Admitted
    | facts.Discharged
)
"""What an agency or a hospital registered."""


def evolve(person: Person, fact: Fact, *, at: ChainPlace) -> Change:
    """Return what a fact entered at a place changes of its person."""
    was = person.head
    head = Head(
        at.version,
        at.hash,
        was.enrolments,
        was.qualifications,
        was.filings,
        was.admissions,
        was.designations,
        was.claims,
        was.pools,
    )
    change = Change(head, {}, {}, {})
    settlement_id = fact.settlement_id if isinstance(fact, _SETTLEMENTS) else None
    seen = SeenRequest(
        fact.request_source,
        REQUEST_OF[type(fact)],
        fact.content,
        at.version,
        at.hash,
        at.offset,
        settlement_id,
    )
    person.put_request(change, fact.request_id, seen=seen)
    return _remember(fact, person, change=change)


def _remember(fact: Fact, person: Person, *, change: Change) -> Change:
    """Remember a fact by its kind; mypy names the kind that is forgotten here."""
    match fact:
        case facts.Settled() | facts.Claimed():
            return settled.settled(fact, person, change=change)
        case facts.Refunded() | facts.CompensatedByReversal():
            return settled.refunded(fact, person, change=change)
        case facts.GapRefunded():
            return settled.gap_refunded(fact, person, change=change)
        case facts.Compensated():
            return settled.compensated(fact, person, change=change)
        case facts.InpatientReported():
            return settled.inpatient_reported(fact, person, change=change)
        case _:
            return _of_registered(fact, person, change=change)


def _of_registered(fact: RegisteredFact, person: Person, *, change: Change) -> Change:
    """Remember a fact that moves no money."""
    match fact:
        case facts.Enrolled():
            changed = registered.enrolled(fact, person, change=change)
        case facts.Qualified():
            changed = registered.qualified(fact, person, change=change)
        case facts.Disqualified():
            changed = registered.disqualified(fact, person, change=change)
        case facts.Designated():
            changed = registered.designated(fact, person, change=change)
        case facts.Undesignated():
            changed = registered.undesignated(fact, person, change=change)
        case facts.Filed():
            changed = registered.filed(fact, person, change=change)
        case facts.Unfiled():
            changed = registered.unfiled(fact, person, change=change)
        case facts.Admitted():
            changed = registered.admitted(fact, person, change=change)
        case facts.Discharged():
            changed = registered.discharged(fact, person, change=change)
        case _:
            assert_never(fact)
    return changed
