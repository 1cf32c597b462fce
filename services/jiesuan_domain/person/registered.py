"""What registrations change of a person: enrolment, qualification, filing, stays."""

from datetime import date

from msgspec.structs import replace

from jiesuan_domain.person.state import (
    Admission,
    Change,
    Designation,
    Enrolment,
    Filing,
    Person,
    Qualification,
)
from jiesuan_events.words.codes import NORMAL
from jiesuan_ledger import facts


def enrolled(fact: facts.Enrolled, person: Person, *, change: Change) -> Change:
    """Remember an enrolment; one that began the same day is replaced."""
    new = Enrolment(
        fact.scheme,
        fact.insured_region,
        fact.person_category,
        fact.birth_date,
        fact.begin_date,
        fact.end_date,
        fact.enrolment_status or NORMAL,
        fact.sex,
    )
    kept = tuple(
        one
        for one in person.head.enrolments
        if (one.scheme, one.begin) != (new.scheme, new.begin)
    )
    return change.with_head(enrolments=(*kept, new))


def qualified(fact: facts.Qualified, person: Person, *, change: Change) -> Change:
    """Remember a qualification; the same from the same day on is replaced."""
    new = Qualification(
        fact.scheme, fact.qualified_disease, fact.begin_date, fact.end_date
    )
    kept = tuple(
        one
        for one in person.head.qualifications
        if (one.scheme, one.disease, one.begin) != (new.scheme, new.disease, new.begin)
    )
    return change.with_head(qualifications=(*kept, new))


def disqualified(fact: facts.Disqualified, person: Person, *, change: Change) -> Change:
    """Remember the end of qualifications that were entered before."""

    reached = {fact.qualified_disease, *fact.ended_diseases}

    def ended(one: Qualification) -> Qualification:
        if one.scheme != fact.scheme or one.disease not in reached:
            return one
        return replace(one, revoked_after=_earlier(one.revoked_after, fact.end_date))

    ended_all = tuple(ended(one) for one in person.head.qualifications)
    return change.with_head(qualifications=ended_all)


def designated(fact: facts.Designated, person: Person, *, change: Change) -> Change:
    """Remember a choice of institution; the same from the same day is replaced."""
    new = Designation(
        fact.scheme,
        fact.institution_id,
        fact.qualified_disease,
        fact.begin_date,
        fact.end_date,
    )
    kept = (
        one
        for one in person.head.designations
        if (_choice(one), one.begin) != (_choice(new), new.begin)
    )
    return change.with_head(designations=(*kept, new))


def _choice(one: Designation) -> tuple[str, str, str | None]:
    return one.scheme, one.institution_id, one.disease


def undesignated(fact: facts.Undesignated, person: Person, *, change: Change) -> Change:
    """Remember the end of choices that were entered before."""

    def ended(one: Designation) -> Designation:
        of_fact = (fact.scheme, fact.institution_id, fact.qualified_disease)
        if _choice(one) != of_fact:
            return one
        return replace(one, ended_after=_earlier(one.ended_after, fact.end_date))

    return change.with_head(designations=tuple(map(ended, person.head.designations)))


def _earlier(one: date | None, other: date) -> date:
    return other if one is None else min(one, other)


def filed(fact: facts.Filed, person: Person, *, change: Change) -> Change:
    """Remember a filing; one of the same type, place and day is replaced."""
    new = Filing(
        fact.scheme,
        fact.filing_type,
        fact.filed_region,
        fact.begin_date,
        fact.end_date,
    )
    kept = (one for one in person.head.filings if _filed_as(one) != _filed_as(new))
    return change.with_head(filings=(*kept, new))


def _filed_as(one: Filing) -> tuple[str, str, str, date]:
    """Return what a filing is replaced by: one of the same type, place and begin."""
    return one.scheme, one.type, one.region, one.begin


def unfiled(fact: facts.Unfiled, person: Person, *, change: Change) -> Change:
    """Remember the end of filings of a place that were entered before."""

    def ended(one: Filing) -> Filing:
        if (one.scheme, one.region) != (fact.scheme, fact.filed_region):
            return one
        return replace(one, unfiled_after=_earlier(one.unfiled_after, fact.end_date))

    return change.with_head(filings=tuple(map(ended, person.head.filings)))


def admitted(fact: facts.Admitted, person: Person, *, change: Change) -> Change:
    """Remember an admission; the same visit begins anew."""
    new = Admission(fact.visit_id, fact.institution_id, fact.begin_time)
    return change.with_head(admissions=(*_other_stays(person, new), new))


def _other_stays(person: Person, stay: Admission) -> tuple[Admission, ...]:
    return tuple(
        one
        for one in person.head.admissions
        if (one.visit_id, one.institution_id) != (stay.visit_id, stay.institution_id)
    )


def discharged(fact: facts.Discharged, person: Person, *, change: Change) -> Change:
    """Remember a discharge."""

    def left(one: Admission) -> Admission:
        if (one.visit_id, one.institution_id) != (fact.visit_id, fact.institution_id):
            return one
        return replace(one, discharged_at=fact.end_time)

    return change.with_head(admissions=tuple(map(left, person.head.admissions)))
