"""The gate of chronic care: a qualification in force (67号第十、十五、二十条)."""

from datetime import date

from jiesuan_domain.gates.case import Case
from jiesuan_domain.person.diseases import same_as
from jiesuan_domain.person.enrolment import due_since, is_revoked, qualification_on
from jiesuan_domain.person.state import Person
from jiesuan_domain.policy.model import INTERRUPTION_YEARS
from jiesuan_domain.refusals.of_person import not_qualified, reverification_required
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import CHRONIC
from jiesuan_events.words.instants import plus_years


def last_settled(
    person: Person,
    scheme: str,
    *,
    diseases: frozenset[str],
    since: date,
    until: date,
    pause: int,
) -> date | None:
    """Find the latest service day of an effective chronic settlement of a disease.

    Looks from the newest back and is content with one that leaves no pause of so many
    years, the latest or not: neither a full year nor a long life costs anything.
    """
    for year in range(until.year, since.year - 1, -1):
        latest: date | None = None
        for effective in reversed(person.year_of(scheme, str(year)).effective):
            day = effective.service_day
            if effective.care_type != CHRONIC or effective.disease not in diseases:
                continue
            if day is None or not since <= day <= until:
                continue
            if plus_years(day, pause) > until:
                return day
            latest = day if latest is None else max(latest, day)
        if latest is not None:
            return latest
    return None


def qualified(case: Case) -> Refusal | None:
    """Refuse chronic care without a qualification in force (第十五条, A21)."""
    bill, rules = case.bill, case.rules
    if bill.care_type != CHRONIC or bill.disease is None:
        return None
    codes = frozenset((bill.disease,))
    diseases = codes if rules is None else same_as(rules, bill.disease)
    found = qualification_on(
        case.person.head, bill.scheme, diseases=diseases, on=case.day
    )
    if found is None or is_revoked(found, case.day):
        return not_qualified(
            bill.disease, None if found is None else found.revoked_after
        )
    settled = last_settled(
        case.person,
        bill.scheme,
        diseases=diseases,
        since=found.begin,
        until=case.day,
        pause=INTERRUPTION_YEARS if rules is None else rules.interruption_years,
    )
    since = due_since(found, case.day, last_settled=settled, rules=rules)
    if since is not None:
        return reverification_required(bill.disease, since)
    return None
