"""Limits in working days (A26): the statutory calendar, make-up workdays included.

A day that the calendar does not know is an error, not a guess.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from chinese_calendar import holidays, is_workday

FIRST_KNOWN: Final = date(min(holidays).year, 1, 1)
LAST_KNOWN: Final = date(max(holidays).year, 12, 24)
"""The notice for a year moves days of the December before it, never earlier than the
29th so far: the last week of the last year is open until the next notice."""
_DAYS_KEPT: Final = 10_000
_DAY: Final = timedelta(days=1)


class UnknownDay(ValueError):
    """A day that the calendar does not know: which, and what to do."""

    def __init__(self, day: date) -> None:
        super().__init__(
            f"法定工作日历没有{day}的安排（已知{FIRST_KNOWN}至{LAST_KNOWN}），"
            "请核对日期，或在放假通知公布后更新日历。"
        )
        self.day = day


@lru_cache(maxsize=_DAYS_KEPT)
def is_working_day(day: date) -> bool:
    """Whether people work on a day, or raise UnknownDay.

    >>> is_working_day(date(2022, 10, 8)), is_working_day(date(2022, 10, 7))
    (True, False)
    """
    if not FIRST_KNOWN <= day <= LAST_KNOWN:
        raise UnknownDay(day)
    return bool(is_workday(day))


def working_days_after(day: date, count: int) -> date:
    """Return the last day of a limit of working days; the day itself is not counted.

    >>> working_days_after(date(2022, 9, 30), 3)
    datetime.date(2022, 10, 10)
    """
    assert count > 0, "a limit has days"
    while count:
        day += _DAY
        count -= is_working_day(day)
    return day


def passed(day: date, count: int, *, on: date) -> date | None:
    """Return the last day of a limit if it lies before a day, else None.

    Asks the calendar for no day that does not matter: on the last known day a limit
    of tomorrow has certainly not passed.
    """
    assert count > 0, "a limit has days"
    for ordinal in range(day.toordinal() + 1, on.toordinal()):
        last = date.fromordinal(ordinal)
        count -= is_working_day(last)
        if not count:
            return last
    return None


def working_days_between(day: date, last: date) -> int:
    """Count the working days after a day, up to and including the last.

    >>> working_days_between(date(2022, 9, 30), date(2022, 10, 8))
    1
    """
    days = (last - day).days
    return sum(is_working_day(day + _DAY * n) for n in range(1, days + 1))
