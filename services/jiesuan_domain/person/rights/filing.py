"""Which filing for care away from home counts on a day, and why one counts no more.

A filing counts only if the person is enrolled on its first day, and ends for good with
the first of: its own last day, an unfiling, a move of the enrolment to another region,
its suspension or its end (118号四(一)、(三)).
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from jiesuan_domain.person.enrolment import enrolment_on, first_break
from jiesuan_domain.person.state import Admission, Filing, Head
from jiesuan_domain.policy.model import Rules
from jiesuan_events.words.codes import NORMAL, TEMPORARY
from jiesuan_events.words.instants import plus_months, policy_date
from jiesuan_events.words.regions import covers

Reason = Literal["expired", "moved", "suspended", "ended", "unfiled"]
_DAY: Final = timedelta(days=1)


class CarePlace(NamedTuple):
    """Where care takes place: the region and the institution."""

    region: str
    institution_id: str


class FilingEnd(NamedTuple):
    """The last day on which a filing counts, and what ended it."""

    day: date
    reason: Reason


def last_day(filing: Filing, rules: Rules) -> date | None:
    """Return a filing's own last day; temporary ones are configured (118号四(一)).

    The day before so many months later, or where that month has no such day its last.
    """
    months = rules.temporary_filing_months
    if filing.end is not None or filing.type not in TEMPORARY or months is None:
        return filing.end
    later = plus_months(filing.begin, months)
    return later - _DAY if later.day == filing.begin.day else later


def end_of(
    filing: Filing, head: Head, *, rules: Rules, stays: Iterable[Admission]
) -> FilingEnd | None:
    """Return when and why a filing stops counting; None while nothing ends it."""
    ends: list[FilingEnd] = []
    if filing.unfiled_after is not None:
        ends.append(FilingEnd(filing.unfiled_after, "unfiled"))
    over = first_break(head, filing.scheme, since=filing.begin)
    if over is not None:
        ends.append(FilingEnd(over.first_day - _DAY, over.reason))
    expiry = _prolonged(filing, last_day(filing, rules), rules=rules, stays=stays)
    if expiry is not None:
        ends.append(FilingEnd(expiry, "expired"))
    return min(ends, key=lambda end: end.day, default=None)


def _prolonged(
    filing: Filing, last: date | None, *, rules: Rules, stays: Iterable[Admission]
) -> date | None:
    """Let a temporary filing last to the end of a stay that began within it (A27)."""
    if last is None or not rules.stay_extends_filing or filing.type not in TEMPORARY:
        return last
    expiry = last
    for stay in stays:
        if not filing.begin <= policy_date(stay.begin) <= last:
            continue
        if stay.end is None:
            return None
        expiry = max(expiry, policy_date(stay.end))
    return expiry


def counts_from_its_first_day(filing: Filing, head: Head) -> bool:
    """Whether the person is enrolled on the first day of a filing."""
    then = enrolment_on(head, filing.scheme, on=filing.begin)
    return then is not None and then.status == NORMAL


def _covering(
    head: Head, scheme: str, *, place: CarePlace, rules: Rules
) -> Iterator[tuple[Filing, FilingEnd | None]]:
    """Return the filings that ever cover a place, in ledger order, and their ends."""
    stays = [
        stay for stay in head.admissions if stay.institution_id == place.institution_id
    ]
    for filing in head.filings:
        if filing.scheme != scheme or not covers(filing.region, place.region):
            continue
        if counts_from_its_first_day(filing, head):
            yield filing, end_of(filing, head, rules=rules, stays=stays)


def filings_on(
    head: Head, scheme: str, *, place: CarePlace, rules: Rules, on: date
) -> Iterator[Filing]:
    """Return the filings that cover a place on a day, in ledger order."""
    for filing, end in _covering(head, scheme, place=place, rules=rules):
        if filing.begin <= on and (end is None or on <= end.day):
            yield filing


def last_end(
    head: Head, scheme: str, *, place: CarePlace, rules: Rules, before: date
) -> FilingEnd | None:
    """Return the end of the filing for a place that ended last before a day."""
    ends = [
        end
        for filing, end in _covering(head, scheme, place=place, rules=rules)
        if end is not None and filing.begin <= end.day < before
    ]
    return max(ends, key=lambda end: end.day, default=None)
