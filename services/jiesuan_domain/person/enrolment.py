"""Which enrolment, qualification and filing count on a day."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from jiesuan_domain.person.state import (
    Admission,
    Enrolment,
    Filing,
    Head,
    Qualification,
)
from jiesuan_domain.policy.model import (
    INTERRUPTION_YEARS,
    REVERIFICATION_YEARS,
    Rules,
)
from jiesuan_events.words.codes import TEMPORARY
from jiesuan_events.words.instants import plus_months, plus_years, policy_date


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


def qualification_on(
    head: Head, scheme: str, *, diseases: frozenset[str], on: date
) -> Qualification | None:
    """Find the qualification that counts: the latest begin not after the day."""
    found: Qualification | None = None
    for one in head.qualifications:
        if one.scheme != scheme or one.disease not in diseases or one.begin > on:
            continue
        if found is None or one.begin >= found.begin:
            found = one
    return found


def is_revoked(qualification: Qualification, on: date) -> bool:
    """Tell whether a disqualification has ended it before the day."""
    after = qualification.revoked_after
    return after is not None and on > after


def due_since(
    qualification: Qualification,
    on: date,
    *,
    last_settled: date | None,
    rules: Rules | None,
) -> date | None:
    """Give the first day on which re-verification is due, or None (67号第十五条, A21).

    The day after its end date; so many years after it began, on that day; or so many
    after the last chronic settlement of that disease. The pack says how many.
    """
    years = REVERIFICATION_YEARS if rules is None else rules.reverification_years
    pause = INTERRUPTION_YEARS if rules is None else rules.interruption_years
    begin, end = qualification.begin, qualification.end
    due: list[date] = []
    if end is not None and on > end:
        due.append(end + timedelta(days=1))
    verified_anew = plus_years(begin, years)
    if on >= verified_anew:
        due.append(verified_anew)
    if last_settled is not None:
        interrupted = plus_years(last_settled, pause)
        if on >= interrupted:
            due.append(interrupted)
    return min(due) if due else None


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
