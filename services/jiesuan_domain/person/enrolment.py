"""Which enrolment, qualification and filing count on a day."""

from collections.abc import Iterable
from datetime import date, timedelta
from operator import attrgetter
from typing import Literal, NamedTuple

from jiesuan_domain.person.state import (
    Admission,
    Enrolment,
    Filing,
    Head,
    Qualification,
)
from jiesuan_domain.policy.model import Rules
from jiesuan_events.words.codes import TEMPORARY
from jiesuan_events.words.instants import plus_months, plus_years, policy_date

Clock = Literal["expired", "enjoyed", "interrupted"]
"""Its end date, the years since it began, the pause since the last treatment."""


class CarePlace(NamedTuple):
    """Where care takes place: the region and the institution."""

    region: str
    institution_id: str


def enrolment_on(head: Head, scheme: str, *, on: date) -> Enrolment | None:
    """Find the enrolment in force: a later begin supersedes from that day on."""
    found: Enrolment | None = None
    for enrolment in head.enrolments:
        if enrolment.scheme != scheme or enrolment.begin > on:
            continue
        if found is None or enrolment.begin >= found.begin:
            found = enrolment
    if found is None or (found.end is not None and found.end < on):
        return None
    return found


def home_on(head: Head, scheme: str, *, on: date) -> Enrolment | None:
    """Return the enrolment of a day, or else the latest there is (contracts §1).

    The latest is that with the greatest begin date, of one day the last entered.
    """
    found = enrolment_on(head, scheme, on=on)
    if found is not None:
        return found
    mine = [one for one in head.enrolments if one.scheme == scheme]
    return max(reversed(mine), key=attrgetter("begin"), default=None)


def qualifications_on(
    head: Head, scheme: str, *, diseases: frozenset[str], on: date
) -> list[Qualification]:
    """Return what is in force of these codes on a day, the latest begun first.

    Of each code the latest begun counts, the later entered of one day. Whether it is
    due for verification is another question.
    """
    by_code: dict[str, Qualification] = {}
    for one in head.qualifications:
        if one.scheme != scheme or one.disease not in diseases or one.begin > on:
            continue
        if is_revoked(one, on):
            continue
        other = by_code.get(one.disease)
        if other is None or one.begin >= other.begin:
            by_code[one.disease] = one
    return sorted(by_code.values(), key=attrgetter("begin"), reverse=True)


def revoked_after(
    head: Head, scheme: str, *, diseases: frozenset[str], on: date
) -> date | None:
    """Return the last day of what had begun by a day and was ended, or None."""
    days = [
        one.revoked_after
        for one in head.qualifications
        if one.scheme == scheme and one.disease in diseases and one.begin <= on
        if one.revoked_after is not None
    ]
    return max(days, default=None)


def is_revoked(qualification: Qualification, on: date) -> bool:
    """Tell whether a disqualification has ended it before the day."""
    after = qualification.revoked_after
    return after is not None and on > after


class Due(NamedTuple):
    """A verification that is due: since when, and which clock of 第十五条 ran out."""

    since: date
    clock: Clock


def due_since(
    qualification: Qualification,
    on: date,
    *,
    last_settled: date | None,
    rules: Rules,
) -> Due | None:
    """Return the first day on which re-verification is due, or None (第十五条, A21).

    The day after its end date; so many years after it began, on that day; or so many
    after the last chronic settlement of that disease. The pack says how many.
    """
    years, pause = rules.reverification_years, rules.interruption_years
    begin, end = qualification.begin, qualification.end
    due: list[Due] = []
    if end is not None and end < on:
        due.append(Due(end + timedelta(days=1), "expired"))
    if years is not None:
        due.append(Due(plus_years(begin, years), "enjoyed"))
    if last_settled is not None and pause is not None:
        due.append(Due(plus_years(last_settled, pause), "interrupted"))
    first = min(due, key=attrgetter("since"), default=None)
    return first if first is not None and first.since <= on else None


def covers(filing: Filing, region: str) -> bool:
    """Tell whether a filed region covers a place: its trailing 00 pairs dropped."""
    filed = filing.region
    while filed.endswith("00"):
        filed = filed[:-2]
    return region.startswith(filed)


def filing_end(filing: Filing, rules: Rules) -> date | None:
    """Give the last day of a filing: temporary ones end by configuration (118号四)."""
    months = rules.temporary_filing_months
    if filing.end is not None or filing.type not in TEMPORARY or months is None:
        return filing.end
    return date.fromordinal(plus_months(filing.begin, months).toordinal() - 1)


def is_filed(
    filing: Filing, rules: Rules, *, on: date, stays: Iterable[Admission]
) -> bool:
    """Tell whether a filing is in force on a day.

    Where the region says so, a temporary one lasts until the end of a stay that began
    within it (118号四(一), A27).
    """
    end = filing_end(filing, rules)
    if on < filing.begin:
        return False
    if end is None or on <= end:
        return True
    if not rules.stay_extends_filing or filing.type not in TEMPORARY:
        return False
    return any(
        filing.begin <= policy_date(stay.begin) <= end
        and (stay.end is None or on <= policy_date(stay.end))
        for stay in stays
    )


def filings_on(
    head: Head, scheme: str, *, place: CarePlace, rules: Rules, on: date
) -> Iterable[Filing]:
    """Give the filings of a scheme that cover a place on a day, in ledger order.

    Whoever moved to another region of enrolment files again (118号四(三)).
    """
    stays = [
        stay for stay in head.admissions if stay.institution_id == place.institution_id
    ]
    for filing in head.filings:
        if filing.scheme != scheme or not covers(filing, place.region):
            continue
        if _has_moved(head, scheme, since=filing.begin, on=on):
            continue
        if is_filed(filing, rules, on=on, stays=stays):
            yield filing


def _has_moved(head: Head, scheme: str, *, since: date, on: date) -> bool:
    """Tell whether the region of enrolment is another than it was on a day before."""
    then = enrolment_on(head, scheme, on=since)
    now = enrolment_on(head, scheme, on=on)
    return then is not None and now is not None and then.region != now.region
