"""Working days are those of the statutory calendar, and nobody guesses one (A26)."""

from datetime import date, timedelta

import pytest

from jiesuan_domain.duties.working_days import (
    FIRST_KNOWN,
    LAST_KNOWN,
    UnknownDay,
    is_working_day,
    passed,
    working_days_after,
    working_days_between,
)

TOMORROW = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "count", "last"),
    [
        ("2022-03-01", 3, "2022-03-04"),  # Tuesday to Friday
        ("2022-03-03", 3, "2022-03-08"),  # over a weekend
        ("2022-03-05", 3, "2022-03-09"),  # from a Saturday
        ("2022-09-30", 3, "2022-10-10"),  # National Day; 8 and 9 October are worked
        ("2022-09-30", 5, "2022-10-12"),
        ("2022-10-01", 1, "2022-10-08"),  # a make-up Saturday is a working day
        ("2022-01-28", 3, "2022-02-07"),  # 29 and 30 January worked, Spring Festival
        ("2022-12-30", 3, "2023-01-05"),  # over New Year: 2 January is free
        ("2018-12-28", 3, "2019-01-03"),  # 29 December worked, 31 free
    ],
)
def test_a_limit_counts_working_days(day: str, count: int, last: str) -> None:
    """The day of the event is not counted, holidays are not, make-up workdays are."""
    found = working_days_after(date.fromisoformat(day), count)
    assert found == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("on", "last"),
    [("2022-10-10", None), ("2022-10-11", date(2022, 10, 10))],
)
def test_a_limit_has_passed_the_day_after_its_last(on: str, last: date | None) -> None:
    """On its last day a limit is kept; from the next day on it is missed."""
    assert passed(date(2022, 9, 30), 3, on=date.fromisoformat(on)) == last


def test_a_limit_has_passed_on_exactly_the_days_after_its_last() -> None:
    """Every day of a year with every short limit agrees with the limit's last day."""
    for ordinal in range(date(2022, 1, 1).toordinal(), date(2023, 1, 1).toordinal()):
        day = date.fromordinal(ordinal)
        for count in (1, 3, 5):
            last = working_days_after(day, count)
            assert passed(day, count, on=last) is None
            assert passed(day, count, on=last + TOMORROW) == last
            assert working_days_between(day, last) == count


@pytest.mark.parametrize("day", [date(2003, 12, 31), LAST_KNOWN + TOMORROW, date.max])
def test_an_unknown_day_is_an_error(day: date) -> None:
    """A day before or after the calendar is named, with what is known."""
    with pytest.raises(
        UnknownDay, match=f"{day}.*{FIRST_KNOWN}至{LAST_KNOWN}"
    ) as refused:
        is_working_day(day)
    assert refused.value.day == day


def test_a_limit_into_the_unknown_is_an_error() -> None:
    """A limit whose last day the calendar does not know is not guessed."""
    with pytest.raises(UnknownDay):
        working_days_after(LAST_KNOWN, 1)
    with pytest.raises(UnknownDay):
        working_days_after(date(2003, 6, 1), 1)


def test_the_last_week_of_the_last_year_is_unknown() -> None:
    """The next year's notice may move the days before New Year: none is taken."""
    assert is_working_day(date(2018, 12, 29))
    assert not is_working_day(date(2018, 12, 31))
    with pytest.raises(UnknownDay):
        is_working_day(date(LAST_KNOWN.year, 12, 31))


def test_what_cannot_have_passed_asks_no_unknown_day() -> None:
    """On the last known day nothing that ends later needs to be known."""
    assert passed(LAST_KNOWN, 1, on=LAST_KNOWN + TOMORROW) is None
    assert passed(LAST_KNOWN - TOMORROW, 5, on=LAST_KNOWN) is None
    assert passed(date.max, 5, on=LAST_KNOWN) is None
