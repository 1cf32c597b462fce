"""3201 and 3202: the days that are reconciled at once."""

from datetime import date, datetime

import pytest

from jiesuan_events.words.instants import BEIJING
from jiesuan_services.gateway.faults import MOST_CHARACTERS, CounterFault
from jiesuan_services.gateway.transactions.reconciliation.totals_3201 import (
    TOO_LONG,
    span,
)


def test_days_lie_in_the_months_of_beijing() -> None:
    """A span is from its first midnight to the one after its last day, and its months
    are those of its days."""
    days = span(date(2025, 12, 31), date(2026, 1, 1))
    assert days == (
        datetime(2025, 12, 31, tzinfo=BEIJING),
        datetime(2026, 1, 2, tzinfo=BEIJING),
        "202512",
        "202601",
    )


def test_a_year_is_reconciled_at_once_and_no_day_more() -> None:
    """Any year is taken whole; a day more is refused with what to do."""
    assert span(date(2028, 1, 1), date(2028, 12, 31)).last_month == "202812"
    with pytest.raises(CounterFault) as refused:
        span(date(2028, 1, 1), date(2029, 1, 1))
    assert refused.value.sentence == TOO_LONG.format(367, 366)
    assert len(refused.value.sentence) <= MOST_CHARACTERS
