"""``evolve``: what an entry changes of a person. Pure and total: it may not refuse."""

from collections.abc import Callable
from typing import Final

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
    return _REMEMBER[type(fact)](fact, person, change=change)


_REMEMBER: Final[dict[type[Fact], Callable[..., Change]]] = {
    facts.Enrolled: registered.enrolled,
    facts.Qualified: registered.qualified,
    facts.Disqualified: registered.disqualified,
    facts.Designated: registered.designated,
    facts.Undesignated: registered.undesignated,
    facts.Filed: registered.filed,
    facts.Unfiled: registered.unfiled,
    facts.Admitted: registered.admitted,
    facts.Discharged: registered.discharged,
    facts.InpatientReported: settled.inpatient_reported,
    facts.Settled: settled.settled,
    facts.Claimed: settled.settled,
    facts.Refunded: settled.refunded,
    facts.CompensatedByReversal: settled.refunded,
    facts.Compensated: settled.compensated,
    facts.GapRefunded: settled.gap_refunded,
}
"""How each fact is remembered; one that is not among them breaks loudly."""
