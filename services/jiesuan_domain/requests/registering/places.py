"""What a person registers for places of care: filings and choices of institutions."""

from datetime import date

from jiesuan_domain.asked.asked import Asked, caused
from jiesuan_domain.gates.needed import first_missing
from jiesuan_domain.in_force import InForce
from jiesuan_domain.outcome import Refused, refused
from jiesuan_domain.person.diseases import same_as
from jiesuan_domain.person.enrolment import enrolment_on
from jiesuan_domain.person.rights.designation import FOR_ORDINARY_CARE, most_at_once
from jiesuan_domain.person.state import Designation, Person
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals.of_person import policy_not_in_force
from jiesuan_domain.refusals.of_place import (
    institution_not_designated,
    no_filing,
    too_many_designations,
)
from jiesuan_domain.refusals.of_request import malformed
from jiesuan_events import requests
from jiesuan_events.words.codes import REFERRED
from jiesuan_ledger.facts import Designated, Filed, Undesignated, Unfiled


def file(
    command: requests.File, person: Person, *, asked: Asked, in_force: InForce
) -> Filed | Refused:
    """File care in another region; who may refer is the region's to say (四(五))."""
    rules = rules_on(person, command.scheme, on=command.begin_date, in_force=in_force)
    if command.filing_type == REFERRED and rules is not None:
        no = _referral(command, rules)
        if no is not None:
            return no
    return Filed(
        **caused(asked),
        scheme=command.scheme,
        filing_type=command.filing_type,
        filed_region=command.filed_region,
        begin_date=command.begin_date,
        end_date=command.end_date,
        referring_institution=command.referring_institution,
    )


def _referral(command: requests.File, rules: Rules) -> Refused | None:
    """Refuse a referral by nobody whom the region lists (118号四(五))."""
    if first_missing(rules, ("referral_institutions",)) is not None:
        return refused(policy_not_in_force("referral_institutions", command.begin_date))
    listed = rules.referral_institutions
    if listed is None or command.referring_institution in listed:
        return None
    return refused(
        malformed(
            "data.refl_fixmedins_code",
            "not one of the institutions that may refer",
            zh="异地转诊备案应填参保地公布的转诊机构编号",
        )
    )


def rules_on(
    person: Person, scheme: str, *, on: date, in_force: InForce
) -> Rules | None:
    """Return the rules of the region in which a person is enrolled on a day.

    What begins before the pack does is judged by its first day.
    """
    enrolment = enrolment_on(person.head, scheme, on=on)
    if enrolment is None:
        return None
    pack = in_force.packs.find(enrolment.region, scheme)
    return None if pack is None else pack.on(max(on, pack.first_day))


def unfile(
    command: requests.Unfile, person: Person, *, asked: Asked, in_force: InForce
) -> Unfiled | Refused:
    """End the filings of exactly one place; there must be one (118号四(一)、(三))."""
    if not any(
        one.scheme == command.scheme and one.region == command.filed_region
        for one in person.head.filings
    ):
        return refused(no_filing(command.filed_region, to_unfile=True))
    return Unfiled(
        **caused(asked),
        scheme=command.scheme,
        filed_region=command.filed_region,
        end_date=command.end_date,
        memo=command.memo,
    )


def designate(
    command: requests.Designate, person: Person, *, asked: Asked, in_force: InForce
) -> Designated | Refused:
    """Choose an institution, within the number that the region allows (50号二(三))."""
    rules = rules_on(person, command.scheme, on=command.begin_date, in_force=in_force)
    if rules is not None:
        no = _beyond_limit(command, person, rules=rules, in_force=in_force)
        if no is not None:
            return no
    return Designated(
        **caused(asked),
        scheme=command.scheme,
        institution_id=command.institution_id,
        qualified_disease=command.qualified_disease,
        begin_date=command.begin_date,
        end_date=command.end_date,
    )


def _beyond_limit(
    command: requests.Designate, person: Person, *, rules: Rules, in_force: InForce
) -> Refused | None:
    if first_missing(rules, ("designation_limit",)) is not None:
        return refused(policy_not_in_force("designation_limit", command.begin_date))
    disease = command.qualified_disease
    care = "ordinary" if disease is None else "chronic"
    limit = (rules.designation_limit or {}).get(care)
    if limit is None:
        return None
    diseases = FOR_ORDINARY_CARE
    if disease is not None:
        diseases = frozenset(same_as(rules, disease))
    new = Designation(
        command.scheme,
        command.institution_id,
        disease,
        command.begin_date,
        command.end_date,
    )
    others = most_at_once(person.head, new, diseases=diseases)
    if len(others) < limit:
        return None
    return refused(
        too_many_designations(limit, others, institutions=in_force.institutions)
    )


def undesignate(
    command: requests.Undesignate, person: Person, *, asked: Asked, in_force: InForce
) -> Undesignated | Refused:
    """End a choice of institution; there must be one."""
    wanted = (command.scheme, command.institution_id, command.qualified_disease)
    chosen = [
        one
        for one in person.head.designations
        if (one.scheme, one.institution_id, one.disease) == wanted
    ]
    if not chosen:
        codes = sorted(
            {
                one.institution_id
                for one in person.head.designations
                if (one.scheme, one.disease) == (wanted[0], wanted[2])
            }
        )
        return refused(
            institution_not_designated(
                codes, institutions=in_force.institutions, to_undesignate=True
            )
        )
    return Undesignated(
        **caused(asked),
        scheme=command.scheme,
        institution_id=command.institution_id,
        qualified_disease=command.qualified_disease,
        end_date=command.end_date,
        memo=command.memo,
    )
