"""What agencies and hospitals register: enrolment, qualification, filing, stays."""

from datetime import date
from typing import Final, assert_never

from jiesuan_domain.asked.asked import Asked, caused
from jiesuan_domain.asked.commands import Registration
from jiesuan_domain.gates.needed import first_missing
from jiesuan_domain.in_force import InForce
from jiesuan_domain.outcome import Decided, Outcome, Refused, refused
from jiesuan_domain.person.diseases import is_listed, same_as
from jiesuan_domain.person.enrolment import enrolment_on, home_of, home_on
from jiesuan_domain.person.state import Person, totals_region
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals.of_person import (
    not_enrolled,
    not_qualified,
    policy_not_in_force,
)
from jiesuan_domain.refusals.of_place import disease_not_in_list, unknown_admission
from jiesuan_domain.refusals.of_request import malformed, unknown_institution
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_domain.requests.registering import places
from jiesuan_domain.requests.registering.entitled import foreign_agency
from jiesuan_events import requests
from jiesuan_events.words.codes import NORMAL, SUSPENDED
from jiesuan_events.words.instants import as_sent, moment, policy_date
from jiesuan_ledger.accumulators import totals
from jiesuan_ledger.facts import (
    Admitted,
    Discharged,
    Disqualified,
    Enrolled,
    Fact,
    InpatientReported,
    Qualified,
)

IDENTIFYING_LEVELS: Final = frozenset(("2", "3"))
"""The levels at which a chronic disease may be diagnosed (67号第十一条)."""
Verdict = Fact | Refused


def decide_registration(
    command: Registration, person: Person, *, asked: Asked, in_force: InForce
) -> Outcome:
    """Decide a request that registers something and moves no money."""
    foreign = foreign_agency(person, asked) if asked.agency else None
    if foreign is not None:
        return refused(foreign)
    verdict = _decide(command, person, asked=asked, in_force=in_force)
    return verdict if isinstance(verdict, Refused) else Decided(verdict)


def _decide(
    command: Registration, person: Person, *, asked: Asked, in_force: InForce
) -> Verdict:
    match command:
        case requests.Enrol():
            verdict: Verdict = _enrol(command, asked)
        case requests.Qualify():
            verdict = _qualify(command, person, asked=asked, in_force=in_force)
        case requests.Disqualify():
            verdict = _disqualify(command, person, asked=asked, in_force=in_force)
        case requests.File():
            verdict = places.file(command, person, asked=asked, in_force=in_force)
        case requests.Unfile():
            verdict = places.unfile(command, person, asked=asked, in_force=in_force)
        case requests.Designate():
            verdict = places.designate(command, person, asked=asked, in_force=in_force)
        case requests.Undesignate():
            verdict = places.undesignate(
                command, person, asked=asked, in_force=in_force
            )
        case requests.Admit():
            verdict = _admit(command, asked, in_force=in_force)
        case requests.Discharge():
            verdict = _discharge(command, person, asked=asked, in_force=in_force)
        case requests.ReportInpatient():
            verdict = _report(command, person, asked=asked)
        case _:
            assert_never(command)
    return verdict


def _enrol(command: requests.Enrol, asked: Asked) -> Verdict:
    if command.birth_date > policy_date(moment(asked.time)):
        zh = "出生日期晚于办理日期"
        return refused(malformed("data.brdy", "born after the request's day", zh=zh))
    return Enrolled(
        **caused(asked),
        scheme=command.scheme,
        person_category=command.person_category,
        insured_region=command.insured_region,
        birth_date=command.birth_date,
        begin_date=command.begin_date,
        end_date=command.end_date,
        enrolment_status=command.enrolment_status,
        sex=command.sex,
    )


def _qualify(
    command: requests.Qualify, person: Person, *, asked: Asked, in_force: InForce
) -> Verdict:
    wrong = _misidentified(command, in_force=in_force)
    if wrong is not None:
        return refused(wrong)
    rules = _rules_of_home(command, person, in_force=in_force)
    if isinstance(rules, Refused):
        return rules
    if not is_listed(rules, command.qualified_disease):
        return refused(
            disease_not_in_list(
                command.qualified_disease, by="qualification", rules=rules
            )
        )
    return Qualified(
        **caused(asked),
        scheme=command.scheme,
        qualified_disease=command.qualified_disease,
        begin_date=command.begin_date,
        end_date=command.end_date,
        identified_on=command.identified_on,
        identified_by=command.identified_by,
    )


def _misidentified(command: requests.Qualify, *, in_force: InForce) -> Refusal | None:
    """Refuse a diagnosis after it counts, or below 二级 (67号第十一、十二、二十条)."""
    on, by = command.identified_on, command.identified_by
    if on is not None and on > command.begin_date:
        reason = "identified after the qualification begins"
        zh = "医院鉴定日期晚于备案开始日期"
        return malformed("data.hosp_ide_date", reason, zh=zh)
    if by is None:
        return None
    institution = in_force.institutions.get(by)
    if institution is None:
        return unknown_institution(by)
    if institution.is_pharmacy or institution.level not in IDENTIFYING_LEVELS:
        reason = "identified below the second level"
        zh = "须由二级及以上定点医疗机构诊断"
        return malformed("data.ide_fixmedins_no", reason, zh=zh)
    return None


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


def _disqualify(
    command: requests.Disqualify, person: Person, *, asked: Asked, in_force: InForce
) -> Verdict:
    disease = command.qualified_disease
    reached = _reached(command, person, in_force=in_force)
    if isinstance(reached, Refused):
        return reached
    mine = {
        one.disease
        for one in person.head.qualifications
        if one.scheme == command.scheme and one.disease in reached
    }
    if not mine:
        return refused(not_qualified(disease, None, rules=None, to_disqualify=True))
    return Disqualified(
        **caused(asked),
        scheme=command.scheme,
        qualified_disease=disease,
        end_date=command.end_date,
        ended_diseases=tuple(sorted(mine - {disease})),
        memo=command.memo,
    )


def _reached(
    command: requests.Disqualify, person: Person, *, in_force: InForce
) -> frozenset[str] | Refused:
    """Return the codes of the disease, local and national, as home maps them then.

    A day that the pack does not know is taken for the nearest that it does.
    """
    disease = frozenset((command.qualified_disease,))
    home = home_on(person.head, command.scheme, on=command.end_date)
    pack = None if home is None else in_force.packs.find(home.region, command.scheme)
    if pack is None:
        return disease
    day = max(command.end_date, pack.first_day)
    day = day if pack.last_day is None else min(day, pack.last_day)
    rules = pack.on(day)
    lacking = first_missing(rules, ("local_disease_codes",))
    if lacking is not None:
        return refused(policy_not_in_force(lacking, day))
    return same_as(rules, command.qualified_disease)


def _admit(command: requests.Admit, asked: Asked, *, in_force: InForce) -> Verdict:
    if command.institution_id not in in_force.institutions:
        return refused(unknown_institution())
    return Admitted(
        **caused(asked),
        visit_id=command.visit_id,
        institution_id=command.institution_id,
        begin_time=as_sent(command.begin_time),
    )


def _discharge(
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
                    "data.endtime",
                    "discharge before admission",
                    zh="出院时间早于入院时间",
                )
            )
        return Discharged(
            **caused(asked),
            visit_id=command.visit_id,
            institution_id=command.institution_id,
            end_time=as_sent(command.end_time),
        )
    return refused(unknown_admission(command.visit_id))


def _report(
    command: requests.ReportInpatient, person: Person, *, asked: Asked
) -> Verdict:
    region = command.insured_region or home_of(person.head, command.scheme)
    if not region:
        return refused(not_enrolled(region))
    pool = (region, command.scheme, command.year)
    person_year = person.year_of(pool)
    reported = sum(
        one.reported
        for one in person.standing(pool)
        if not one.settlement_id and one.visit_id == command.visit_id
    )
    if reported + command.in_scope < 0:
        return refused(
            malformed(
                "data.inscp_scp_amt_fen",
                "takes back more than was reported of the visit",
                zh="冲减金额超过该次住院已报送的政策范围内金额",
            )
        )
    return InpatientReported(
        **caused(asked),
        scheme=command.scheme,
        visit_id=command.visit_id,
        year=command.year,
        in_scope=command.in_scope,
        insured_region=command.insured_region,
        totals=totals.report(person_year.totals, command.in_scope),
        totals_region=totals_region(person.head, pool),
    )
