"""What agencies and hospitals register: enrolment, qualification, filing, stays."""

from datetime import date
from functools import singledispatch

from jiesuan_domain.asked.asked import Asked, caused
from jiesuan_domain.asked.commands import Command
from jiesuan_domain.gates.needed import first_missing
from jiesuan_domain.in_force import InForce
from jiesuan_domain.outcome import Decided, Outcome, Refused, refused
from jiesuan_domain.person import totals
from jiesuan_domain.person.diseases import is_listed
from jiesuan_domain.person.enrolment import enrolment_on
from jiesuan_domain.person.state import Person
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals.of_person import (
    not_enrolled,
    not_qualified,
    policy_not_in_force,
)
from jiesuan_domain.refusals.of_place import disease_not_in_list, unknown_admission
from jiesuan_domain.refusals.of_request import malformed, unknown_institution
from jiesuan_events import requests
from jiesuan_events.words.codes import NORMAL, SUSPENDED
from jiesuan_events.words.instants import as_sent
from jiesuan_ledger.facts import (
    Admitted,
    Discharged,
    Disqualified,
    Enrolled,
    Fact,
    Filed,
    InpatientReported,
    Qualified,
)

Verdict = Fact | Refused


def decide_registration(person: Person, asked: Asked, *, in_force: InForce) -> Outcome:
    """Decide a request that registers something and moves no money."""
    verdict = _decide(asked.command, person, asked=asked, in_force=in_force)
    return verdict if isinstance(verdict, Refused) else Decided(verdict)


@singledispatch
def _decide(
    command: Command, person: Person, *, asked: Asked, in_force: InForce
) -> Verdict:
    raise AssertionError(f"{type(command).__name__} registers nothing")


@_decide.register
def _(
    command: requests.Enrol, person: Person, *, asked: Asked, in_force: InForce
) -> Verdict:
    return Enrolled(
        **caused(asked),
        scheme=command.scheme,
        person_category=command.person_category,
        insured_region=command.insured_region,
        birth_date=command.birth_date,
        begin_date=command.begin_date,
        end_date=command.end_date,
        enrolment_status=command.enrolment_status,
    )


@_decide.register
def _(
    command: requests.Qualify, person: Person, *, asked: Asked, in_force: InForce
) -> Verdict:
    rules = _rules_of_home(command, person, in_force=in_force)
    if isinstance(rules, Refused):
        return rules
    if not is_listed(rules, command.qualified_disease):
        return refused(disease_not_in_list(command.qualified_disease, to_qualify=True))
    return Qualified(
        **caused(asked),
        scheme=command.scheme,
        qualified_disease=command.qualified_disease,
        begin_date=command.begin_date,
        end_date=command.end_date,
        identified_on=command.identified_on,
    )


def _rules_of_home(
    command: requests.Qualify, person: Person, *, in_force: InForce
) -> Rules | Refused:
    """Find the rules on the later of the begin date and the pack's first day."""
    mine = [one for one in person.head.enrolments if one.scheme == command.scheme]
    packless: date | None = None
    for region in {one.region: None for one in reversed(mine)}:
        pack = in_force.packs.find(region, command.scheme)
        day = command.begin_date
        if pack is not None:
            day = max(day, pack.first_day)
        enrolment = enrolment_on(person.head, command.scheme, on=day)
        if enrolment is None or enrolment.region != region:
            continue
        if enrolment.status not in (NORMAL, SUSPENDED):
            continue
        if pack is None:
            packless = day
            continue
        rules = pack.on(day)
        lacking = first_missing(rules, ("local_disease_codes",))
        if rules.chronic_diseases is None:
            lacking = "chronic_diseases"
        if lacking is not None:
            return refused(policy_not_in_force(lacking, day))
        return rules
    if packless is not None:
        return refused(policy_not_in_force(None, packless))
    region = mine[-1].region if mine else ""
    return refused(not_enrolled(region, to_qualify=True))


@_decide.register
def _(
    command: requests.Disqualify, person: Person, *, asked: Asked, in_force: InForce
) -> Verdict:
    if not any(
        one.scheme == command.scheme and one.disease == command.qualified_disease
        for one in person.head.qualifications
    ):
        disease = command.qualified_disease
        return refused(not_qualified(disease, None, to_disqualify=True))
    return Disqualified(
        **caused(asked),
        scheme=command.scheme,
        qualified_disease=command.qualified_disease,
        end_date=command.end_date,
        memo=command.memo,
    )


@_decide.register
def _(
    command: requests.File, person: Person, *, asked: Asked, in_force: InForce
) -> Verdict:
    return Filed(
        **caused(asked),
        scheme=command.scheme,
        filing_type=command.filing_type,
        filed_region=command.filed_region,
        begin_date=command.begin_date,
        end_date=command.end_date,
    )


@_decide.register
def _(
    command: requests.Admit, person: Person, *, asked: Asked, in_force: InForce
) -> Verdict:
    if command.institution_id not in in_force.institutions:
        return refused(unknown_institution())
    return Admitted(
        **caused(asked),
        visit_id=command.visit_id,
        institution_id=command.institution_id,
        begin_time=as_sent(command.begin_time),
    )


@_decide.register
def _(
    command: requests.Discharge, person: Person, *, asked: Asked, in_force: InForce
) -> Verdict:
    if command.institution_id not in in_force.institutions:
        return refused(unknown_institution())
    for stay in person.head.admissions:
        if (stay.visit_id, stay.institution_id) != (
            command.visit_id,
            command.institution_id,
        ):
            continue
        if command.end_time < stay.begin:
            return refused(
                malformed(
                    "endtime", "discharge before admission", zh="出院时间早于入院时间"
                )
            )
        return Discharged(
            **caused(asked),
            visit_id=command.visit_id,
            institution_id=command.institution_id,
            end_time=as_sent(command.end_time),
        )
    return refused(unknown_admission(command.visit_id))


@_decide.register
def _(
    command: requests.ReportInpatient,
    person: Person,
    *,
    asked: Asked,
    in_force: InForce,
) -> Verdict:
    person_year = person.year_of(command.scheme, command.year)
    reported = sum(
        one.reported for one in person_year.effective if not one.settlement_id
    )
    if reported + command.in_scope < 0:
        return refused(
            malformed(
                "inscp_scp_amt_fen",
                "takes back more than was reported",
                zh="冲减金额超过已报送的住院政策范围内金额",
            )
        )
    return InpatientReported(
        **caused(asked),
        scheme=command.scheme,
        visit_id=command.visit_id,
        year=command.year,
        in_scope=command.in_scope,
        totals=totals.report(person_year.totals, command.in_scope),
    )
