"""Which enrolment and qualification count on a day."""

from datetime import date, timedelta
from operator import attrgetter
from typing import Final, Literal, NamedTuple

from jiesuan_domain.person.state import Enrolment, Head, Qualification
from jiesuan_domain.policy.model import Rules
from jiesuan_events.words.codes import NORMAL, SUSPENDED
from jiesuan_events.words.instants import plus_years

_DAY: Final = timedelta(days=1)
Over = Literal["moved", "suspended", "ended"]

Clock = Literal["expired", "enjoyed", "interrupted"]
"""Its end date, the years since it began, the pause since the last treatment."""


class Break(NamedTuple):
    """The first day on which an enrolment is another region's, suspended or over."""

    first_day: date
    reason: Over


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


def first_break(head: Head, scheme: str, *, since: date) -> Break | None:
    """Find where an enrolment that is in force on a day ends for good, or None.

    Retirement and a new term without a gap break nothing; a return mends nothing.
    """
    current = enrolment_on(head, scheme, on=since)
    if current is None:
        return Break(since, "ended")
    home = current.region
    for later in _beginning_after(head, scheme, day=since):
        if current.end is not None and current.end + _DAY < later.begin:
            return Break(current.end + _DAY, "ended")
        if later.region != home:
            return Break(later.begin, "moved")
        if later.status != NORMAL:
            reason: Over = "suspended" if later.status == SUSPENDED else "ended"
            return Break(later.begin, reason)
        current = later
    if current.end is None or current.end == date.max:
        return None
    return Break(current.end + _DAY, "ended")


def moved_after(head: Head, scheme: str, *, since: date) -> date | None:
    """Find the first day after another on which the enrolment is another region's.

    Somebody not enrolled on that day is at home where he is enrolled first after it.
    """
    later = _beginning_after(head, scheme, day=since)
    current = enrolment_on(head, scheme, on=since) or next(iter(later), None)
    if current is None:
        return None
    home = current.region
    return next((one.begin for one in later if one.region != home), None)


def _beginning_after(head: Head, scheme: str, *, day: date) -> list[Enrolment]:
    later = (one for one in head.enrolments if one.scheme == scheme and one.begin > day)
    return sorted(later, key=lambda one: one.begin)


def latest_enrolment(head: Head, scheme: str) -> Enrolment | None:
    """Find the enrolment that begins last, in force or not."""
    found: Enrolment | None = None
    for enrolment in head.enrolments:
        if enrolment.scheme == scheme and (
            found is None or enrolment.begin >= found.begin
        ):
            found = enrolment
    return found


def home_of(head: Head, scheme: str) -> str:
    """Return the region of the latest enrolment in a scheme; empty without one."""
    latest = latest_enrolment(head, scheme)
    return "" if latest is None else latest.region


def home_on(head: Head, scheme: str, *, on: date) -> Enrolment | None:
    """Return the enrolment of a day, or else the latest there is (contracts §1).

    The latest is that with the greatest begin date, of one day the last entered.
    """
    found = enrolment_on(head, scheme, on=on)
    if found is not None:
        return found
    return latest_enrolment(head, scheme)


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
    """Whether a disqualification has ended it before the day."""
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
        due.append(Due(end + _DAY, "expired"))
    if years is not None:
        due.append(Due(plus_years(begin, years), "enjoyed"))
    if last_settled is not None and pause is not None:
        due.append(Due(plus_years(last_settled, pause), "interrupted"))
    first = min(due, key=attrgetter("since"), default=None)
    return first if first is not None and first.since <= on else None
