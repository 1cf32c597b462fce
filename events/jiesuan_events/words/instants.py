"""Moments and days: aware instants, Beijing's calendar, completed years."""

from datetime import date, datetime, timedelta, timezone
from typing import Final

_EIGHT_HOURS: Final = timedelta(hours=8)
BEIJING: Final = timezone(_EIGHT_HOURS)
"""Fixed: China has kept no summer time since 1991."""


def moment(text: str) -> datetime:
    """Read an ISO 8601 instant with offset, or raise ValueError.

    The first and the last year are refused: seen from Beijing some of their moments
    lie outside the calendar.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset")
    if not date.min.year < instant.year < date.max.year:
        raise ValueError("an instant needs a year that every offset knows")
    return instant


def policy_date(instant: datetime) -> date:
    """Return the Beijing date that a moment belongs to."""
    if instant.utcoffset() == _EIGHT_HOURS:
        return instant.date()
    return instant.astimezone(BEIJING).date()


def completed_years(birth: date, on: date) -> int:
    """Count the years of age completed on a day (周岁).

    >>> completed_years(date(1972, 3, 1), date(2022, 2, 28))
    49
    """
    before_birthday = (on.month, on.day) < (birth.month, birth.day)
    return on.year - birth.year - before_birthday


def plus_months(day: date, months: int) -> date:
    """Add months; a day that the month lacks becomes its last day.

    Never past the end of the calendar, which stands for ever.

    >>> plus_months(date(2023, 8, 31), 6)
    datetime.date(2024, 2, 29)
    """
    at = day.year * 12 + day.month - 1 + months
    year, month = divmod(at, 12)
    if year >= date.max.year:
        return date.max
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def plus_years(day: date, years: int) -> date:
    """Add years; 29 February becomes 1 March where there is none.

    A year from it is over only when its last day has passed, as with a birthday.
    Never past the end of the calendar, which stands for ever.

    >>> plus_years(date(2024, 2, 29), 1), plus_years(date(2024, 2, 29), 4)
    (datetime.date(2025, 3, 1), datetime.date(2028, 2, 29))
    """
    year = day.year + years
    if year >= date.max.year:
        return date.max
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def clearing_month(recorded_at: str) -> str:
    """Return the Beijing month in which an entry was recorded, ``YYYYMM``."""
    return policy_date(moment(recorded_at)).strftime("%Y%m")
