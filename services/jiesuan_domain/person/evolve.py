"""``evolve``: what an entry changes of a person. Pure and total: it may not refuse."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from jiesuan_domain.person.state import (
    Admission,
    ChainPlace,
    Change,
    Effective,
    Enrolment,
    Filing,
    Head,
    KeptSettlement,
    Person,
    PersonYear,
    Qualification,
    SeenRequest,
    YearKey,
)
from jiesuan_events.words.codes import NORMAL
from jiesuan_ledger import facts
from jiesuan_ledger.facts import Block, Fact, Totals

REQUEST_OF = {
    facts.Enrolled: "jiesuan.enrol.v1",
    facts.Qualified: "jiesuan.qualify.v1",
    facts.Disqualified: "jiesuan.disqualify.v1",
    facts.Filed: "jiesuan.file.v1",
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
    """Give what a fact entered at a place changes of its person."""
    was = person.head
    head = Head(
        at.version,
        at.hash,
        was.enrolments,
        was.qualifications,
        was.filings,
        was.admissions,
    )
    change = Change(head, {}, {}, {})
    settled = fact.settlement_id if isinstance(fact, _SETTLEMENTS) else None
    seen = SeenRequest(
        fact.request_source,
        REQUEST_OF[type(fact)],
        fact.content,
        at.version,
        at.hash,
        at.offset,
        settled,
    )
    _put_request(change, person, id_=fact.request_id, seen=seen)
    return _REMEMBER[type(fact)](fact, person, change=change)


def _put_request(
    change: Change, person: Person, *, id_: str, seen: SeenRequest
) -> None:
    """Put a request among those of the same id, in place of its former self."""
    known = change.requests.get(id_) or person.requests.get(id_, ())
    others = tuple(one for one in known if one.source != seen.source)
    change.requests[id_] = (*others, seen)


def _enrolled(fact: facts.Enrolled, person: Person, *, change: Change) -> Change:
    new = Enrolment(
        fact.scheme,
        fact.insured_region,
        fact.person_category,
        fact.birth_date,
        fact.begin_date,
        fact.end_date,
        fact.enrolment_status or NORMAL,
    )
    kept = tuple(
        one
        for one in person.head.enrolments
        if (one.scheme, one.begin) != (new.scheme, new.begin)
    )
    return _with_head(change, enrolments=(*kept, new))


def _with_head(change: Change, **fields: object) -> Change:
    return replace(change, head=replace(change.head, **fields))


def _qualified(fact: facts.Qualified, person: Person, *, change: Change) -> Change:
    new = Qualification(
        fact.scheme, fact.qualified_disease, fact.begin_date, fact.end_date
    )
    kept = tuple(
        one
        for one in person.head.qualifications
        if (one.scheme, one.disease, one.begin) != (new.scheme, new.disease, new.begin)
    )
    return _with_head(change, qualifications=(*kept, new))


def _disqualified(
    fact: facts.Disqualified, person: Person, *, change: Change
) -> Change:
    def ended(one: Qualification) -> Qualification:
        if (one.scheme, one.disease) != (fact.scheme, fact.qualified_disease):
            return one
        after = min(one.revoked_after or fact.end_date, fact.end_date)
        return replace(one, revoked_after=after)

    ended_all = tuple(ended(one) for one in person.head.qualifications)
    return _with_head(change, qualifications=ended_all)


def _filed(fact: facts.Filed, person: Person, *, change: Change) -> Change:
    new = Filing(
        fact.scheme,
        fact.filing_type,
        fact.filed_region,
        fact.begin_date,
        fact.end_date,
    )
    return _with_head(change, filings=(*person.head.filings, new))


def _admitted(fact: facts.Admitted, person: Person, *, change: Change) -> Change:
    new = Admission(fact.visit_id, fact.institution_id, fact.begin_time)
    return _with_head(change, admissions=(*_other_stays(person, new), new))


def _other_stays(person: Person, stay: Admission) -> tuple[Admission, ...]:
    return tuple(
        one
        for one in person.head.admissions
        if (one.visit_id, one.institution_id) != (stay.visit_id, stay.institution_id)
    )


def _discharged(fact: facts.Discharged, person: Person, *, change: Change) -> Change:
    def left(one: Admission) -> Admission:
        if (one.visit_id, one.institution_id) != (fact.visit_id, fact.institution_id):
            return one
        return replace(one, discharged_at=fact.end_time)

    return _with_head(change, admissions=tuple(map(left, person.head.admissions)))


def _inpatient_reported(
    fact: facts.InpatientReported, person: Person, *, change: Change
) -> Change:
    key = (fact.scheme, fact.year)
    person_year = person.year_of(*key)
    report = Effective("", fact.request_id, "", "", None, None, reported=fact.in_scope)
    change.years[key] = PersonYear(fact.totals, (*person_year.effective, report))
    return change


def _effective(block: Block) -> Effective:
    return Effective(
        block.settlement_id,
        block.sender_settlement_id,
        block.institution_id,
        block.care_type,
        block.disease,
        block.service_day,
        block.pool_pay,
    )


def _settled(
    fact: facts.Settled | facts.Claimed, person: Person, *, change: Change
) -> Change:
    key = (fact.scheme, fact.year)
    person_year = person.year_of(*key)
    change.years[key] = PersonYear(
        fact.totals, (*person_year.effective, _effective(fact))
    )
    claimed_by = fact.request_source if isinstance(fact, facts.Claimed) else None
    change.settlements[fact.settlement_id] = KeptSettlement(fact, claimed_by)
    return change


def _refunded(
    fact: facts.Refunded | facts.CompensatedByReversal,
    person: Person,
    *,
    change: Change,
) -> Change:
    original = fact.original_settlement_id or ""
    key = (fact.scheme, fact.year)
    change.years[key] = _without(person, key, ids={original}, totals=fact.totals)
    _close(change, person, settlement_id=original, replaced_by=None)
    if isinstance(fact, facts.CompensatedByReversal):
        _bar(change, person, fact=fact)
    return change


def _without(
    person: Person, key: YearKey, *, ids: set[str], totals: Totals
) -> PersonYear:
    effective = person.year_of(*key).effective
    if effective and effective[-1].settlement_id in ids and len(ids) == 1:
        return PersonYear(totals, effective[:-1])
    return PersonYear(
        totals, tuple(one for one in effective if one.settlement_id not in ids)
    )


def _close(
    change: Change, person: Person, *, settlement_id: str, replaced_by: str | None
) -> None:
    """Mark a bill as refunded; a fact may name one that we never saw."""
    bill = person.settlements.get(settlement_id)
    if bill is not None:
        change.settlements[settlement_id] = replace(
            bill, is_refunded=True, replaced_by=replaced_by
        )


def _bar(
    change: Change,
    person: Person,
    *,
    fact: facts.Compensated | facts.CompensatedByReversal,
) -> None:
    """Bar a name for ever, whether its request had arrived or not."""
    id_ = fact.compensated_message
    at = change.head
    seen = person.request(fact.request_source, id_) or SeenRequest(
        fact.request_source, "", "", at.version, at.hash, -1
    )
    _put_request(change, person, id_=id_, seen=replace(seen, barred=True))


def _compensated(fact: facts.Compensated, person: Person, *, change: Change) -> Change:
    _bar(change, person, fact=fact)
    return change


def _gap_refunded(fact: facts.GapRefunded, person: Person, *, change: Change) -> Change:
    key = (fact.scheme, fact.year)
    by_old = {block.replaces_settlement_id: block for block in fact.resettled}
    effective: list[Effective] = []
    for one in person.year_of(*key).effective:
        if one.settlement_id == fact.target_settlement_id:
            continue
        block = by_old.get(one.settlement_id)
        effective.append(one if block is None else _effective(block))
    change.years[key] = PersonYear(fact.totals, tuple(effective))
    _close(change, person, settlement_id=fact.target_settlement_id, replaced_by=None)
    for block in fact.resettled:
        _replace_bill(change, person, block=block)
    return change


def _replace_bill(change: Change, person: Person, *, block: Block) -> None:
    """Put a re-settled bill in the place of the old one, under the same name."""
    old_id = block.replaces_settlement_id or ""
    old = person.settlements.get(old_id)
    claimed_by = None if old is None else old.claimed_by
    _close(change, person, settlement_id=old_id, replaced_by=block.settlement_id)
    change.settlements[block.settlement_id] = KeptSettlement(block, claimed_by)
    id_ = block.sender_settlement_id
    for seen in change.requests.get(id_) or person.requests.get(id_, ()):
        if seen.settlement_id == old_id:
            renamed = replace(seen, settlement_id=block.settlement_id)
            _put_request(change, person, id_=id_, seen=renamed)


_REMEMBER: Final[dict[type[Fact], Callable[..., Change]]] = {
    facts.Enrolled: _enrolled,
    facts.Qualified: _qualified,
    facts.Disqualified: _disqualified,
    facts.Filed: _filed,
    facts.Admitted: _admitted,
    facts.Discharged: _discharged,
    facts.InpatientReported: _inpatient_reported,
    facts.Settled: _settled,
    facts.Claimed: _settled,
    facts.Refunded: _refunded,
    facts.CompensatedByReversal: _refunded,
    facts.Compensated: _compensated,
    facts.GapRefunded: _gap_refunded,
}
"""How each fact is remembered; one that is not among them breaks loudly."""
