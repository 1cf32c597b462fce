"""The gates of chronic care: a qualification, a disease on the lists (第十、十五条)."""

from collections.abc import Iterable, Iterator
from datetime import date

from jiesuan_domain.gates.case import Case, Reach
from jiesuan_domain.person.diseases import is_listed, national, same_as
from jiesuan_domain.person.enrolment import (
    Due,
    due_since,
    qualifications_on,
    revoked_after,
)
from jiesuan_domain.person.state import Effective, Person, Qualification
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals.of_person import not_qualified, reverification_required
from jiesuan_domain.refusals.of_place import disease_not_in_list
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import CHRONIC, THE_TWO, TWO_DISEASES
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
    regions = {region for region, of, _ in person.head.pools if of == scheme}
    for year in range(until.year, since.year - 1, -1):
        latest: date | None = None
        for effective in _latest_first(person, scheme, year=year, regions=regions):
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


def _latest_first(
    person: Person, scheme: str, *, year: int, regions: Iterable[str]
) -> Iterator[Effective]:
    """Return what stands on a year, in any pool; of each pool the latest first."""
    for region in regions:
        yield from person.newest_standing((region, scheme, str(year)))


def qualified(case: Case) -> Refusal | None:
    """Refuse chronic care without a qualification in force (第十五条, A21).

    A local code and its national one are one disease: either qualifies for the other,
    and it is enough that one of them is not due for verification.
    """
    bill, rules = case.bill, case.rules
    if bill.care_type != CHRONIC or bill.disease is None:
        return None
    codes = frozenset((bill.disease,))
    diseases = codes if rules is None else same_as(rules, bill.disease)
    head, scheme = case.person.head, bill.scheme
    in_force = qualifications_on(head, scheme, diseases=diseases, on=case.day)
    if not in_force:
        ended = revoked_after(head, scheme, diseases=diseases, on=case.day)
        return not_qualified(bill.disease, ended, rules=rules)
    if rules is None:
        return None
    found: list[Due] = []
    for one in in_force:
        due = _due(case, one, diseases=diseases, rules=rules)
        if due is None:
            return None
        found.append(due)
    return reverification_required(bill.disease, found[0], rules=rules)


def _due(
    case: Case, one: Qualification, *, diseases: frozenset[str], rules: Rules
) -> Due | None:
    settled = None
    if rules.interruption_years is not None:
        settled = last_settled(
            case.person,
            case.bill.scheme,
            diseases=diseases,
            since=one.begin,
            until=case.day,
            pause=rules.interruption_years,
        )
    return due_since(one, case.day, last_settled=settled, rules=rules)


def listed(case: Case) -> Refusal | None:
    """Refuse a disease that the region does not have on the day (67号第十条).

    Recognised elsewhere, or before the list changed, it is none of its diseases.
    Across provinces its national code is one of the ten (50号附件1, 问答二), except for
    a claim: what could not be settled on the spot is claimed (A33).
    """
    bill, rules = case.bill, case.rules
    if bill.care_type != CHRONIC or bill.disease is None or rules is None:
        return None
    if rules.chronic_diseases is not None and not is_listed(rules, bill.disease):
        return disease_not_in_list(bill.disease, by="region", rules=rules)
    if case.is_claim or case.reach is not Reach.CROSS_PROVINCE:
        return None
    if national(rules, bill.disease) not in rules.cross_province_diseases:
        return disease_not_in_list(bill.disease, by="nation", rules=rules)
    return None


def one_of_the_two(case: Case) -> Refusal | None:
    """Refuse “两病” care of a disease that is neither of the two (118号三(二)6).

    It needs no qualification: whoever takes drugs for one of them may have it.
    On a day that knows no local codes nobody can say which disease a code is.
    """
    bill, rules = case.bill, case.rules
    if bill.care_type != TWO_DISEASES or bill.disease is None or rules is None:
        return None
    if "local_disease_codes" in rules.missing:
        return None
    if national(rules, bill.disease) in THE_TWO:
        return None
    return disease_not_in_list(bill.disease, by="two", rules=rules)
