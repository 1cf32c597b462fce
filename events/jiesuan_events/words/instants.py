"""Moments and days: aware instants, Beijing's calendar, completed years."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, TypeVar

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS: Final = (datetime(2, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_LAST_MS: Final = (datetime(9998, 12, 31, tzinfo=UTC) - _EPOCH) // timedelta(
    milliseconds=1
)
"""A year from either end of the calendar: no offset leads out of it."""
_EIGHT_HOURS: Final = timedelta(hours=8)
BEIJING: Final = timezone(_EIGHT_HOURS)
"""Fixed: China has kept no summer time since 1991."""
D = TypeVar("D", bound=datetime)
_PLAIN: Final = len("2022-03-01T08:50:00+08:00")
_FINER: Final = re.compile(r"[.,][0-9]{6}([0-9]{1,3})")


class Moment(datetime):
    """An instant as it was sent: with its text, and with every digit of its second.

    A datetime ends at the microsecond; what is finer is kept beside it and compared.

    >>> moment("2022-03-01T08:00:00.0000001Z") < moment("2022-03-01T08:00:00.0000002Z")
    True
    """

    __slots__ = ("rest", "text")

    text: str
    rest: int
    """The nanoseconds beyond the microsecond."""

    def __lt__(self, other: datetime, /) -> bool:  # type: ignore[override]
        return super().__lt__(other) or self._is_beside(other, below=True)

    def __gt__(self, other: datetime, /) -> bool:  # type: ignore[override]
        return super().__gt__(other) or self._is_beside(other, below=False)

    def __le__(self, other: datetime, /) -> bool:  # type: ignore[override]
        return not self > other

    def __ge__(self, other: datetime, /) -> bool:  # type: ignore[override]
        return not self < other

    def __eq__(self, other: object, /) -> bool:
        return super().__eq__(other) is True and self.rest == _rest(other)

    def __ne__(self, other: object, /) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return super().__hash__()

    def _is_beside(self, other: object, *, below: bool) -> bool:
        """Whether it lies in the same microsecond, below or above."""
        if super().__eq__(other) is not True:
            return False
        return self.rest < _rest(other) if below else self.rest > _rest(other)


def _rest(other: object) -> int:
    return other.rest if isinstance(other, Moment) else 0


def moment(text: str) -> datetime:
    """Read an ISO 8601 instant with offset, every digit of it, or raise ValueError."""
    instant = _checked(Moment.fromisoformat(text))
    instant.text = text
    finer = _FINER.search(text) if len(text) > _PLAIN else None
    instant.rest = int(finer[1].ljust(3, "0")) if finer else 0
    return instant


def is_moment(text: str) -> bool:
    """Whether a text of the right form is an instant that there is."""
    try:
        _checked(datetime.fromisoformat(text))
    except ValueError:
        return False
    return True


def _checked(instant: D) -> D:
    """Refuse the first and the last year: some of their moments, seen from Beijing,
    lie outside the calendar."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset")
    if not date.min.year < instant.year < date.max.year:
        raise ValueError("an instant needs a year that every offset knows")
    return instant


def as_sent(instant: datetime) -> str:
    """Return the text that an instant was read from, or one that reads the same."""
    return instant.text if isinstance(instant, Moment) else instant.isoformat()


def appended_at(milliseconds: int) -> datetime:
    """Read the timestamp that Kafka gave a record: any 64 bits, held in the calendar.

    >>> appended_at(-(10**15)).year, appended_at(2**63 - 1).year
    (2, 9998)
    """
    held = min(max(milliseconds, _FIRST_MS), _LAST_MS)
    return _EPOCH + timedelta(milliseconds=held)


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
