"""Instants: every digit of a second counts, and an offset is one that there is."""

from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiesuan_events.facts import Admitted
from jiesuan_events.requests import Admit
from jiesuan_events.words.fields import read_instant, read_kept_instant
from jiesuan_events.words.instants import as_sent, moment, policy_date

NANOS = st.integers(0, 10**9 - 1)
OFFSETS = st.sampled_from(["Z", "+00:00", "+08:00", "-03:30", "+14:00"])
SHIFT = {"Z": 0, "+00:00": 0, "+08:00": 480, "-03:30": -210, "+14:00": 840}
MINUTES = st.integers(0, 2_000)


def text(minute: int, nanos: int, offset: str) -> str:
    """Write the same minute of the world with an offset."""
    at = datetime.fromisoformat("2022-02-28") + timedelta(
        minutes=minute + SHIFT[offset]
    )
    fraction = f".{nanos:09}".rstrip("0").rstrip(".")
    return f"{at.isoformat()}{fraction}{offset}"


@given(MINUTES, NANOS, OFFSETS, MINUTES, NANOS, OFFSETS)
def test_instants_compare_to_the_nanosecond(
    minute: int, nanos: int, offset: str, later: int, more: int, other: str
) -> None:
    """Two instants are before, at or after each other as their numbers are."""
    one, two = moment(text(minute, nanos, offset)), moment(text(later, more, other))
    ours, theirs = (minute, nanos), (later, more)
    assert (one < two, one <= two, one == two, one != two, one >= two, one > two) == (
        ours < theirs,
        ours <= theirs,
        ours == theirs,
        ours != theirs,
        ours >= theirs,
        ours > theirs,
    )
    if one == two:
        assert hash(one) == hash(two)


@given(MINUTES, NANOS, OFFSETS)
def test_a_plain_datetime_is_one_without_finer_digits(
    minute: int, nanos: int, offset: str
) -> None:
    """Beside a datetime an instant is later by what the datetime has no room for."""
    fine = moment(text(minute, nanos, offset))
    plain = datetime.fromisoformat(text(minute, nanos - nanos % 1000, offset))
    assert (plain < fine, fine > plain) == (nanos % 1000 > 0,) * 2
    assert (plain == fine, fine == plain) == (nanos % 1000 == 0,) * 2


@given(MINUTES, NANOS, OFFSETS)
def test_an_instant_is_kept_as_it_was_sent(
    minute: int, nanos: int, offset: str
) -> None:
    """What is read from a text is written as that text."""
    sent = text(minute, nanos, offset)
    assert as_sent(read_instant(sent)) == sent
    data = {"psn_no": "P1", "mdtrt_id": "V1", "fixmedins_code": "H1", "begntime": sent}
    assert Admit.model_validate(data).wire()["begntime"] == sent


def test_a_day_ends_with_its_last_nanosecond() -> None:
    """The last nanosecond of a year in Beijing belongs to that year."""
    assert policy_date(moment("2022-12-31T15:59:59.999999999Z")).year == 2022
    assert policy_date(moment("2022-12-31T16:00:00Z")).year == 2023


@pytest.mark.parametrize("digits", range(1, 10))
def test_a_second_has_up_to_nine_digits(digits: int) -> None:
    """One to nine digits are read, ten are none of ours."""
    sent = f"2022-03-01T08:50:00.{'1' * digits}+08:00"
    assert as_sent(read_instant(sent)) == sent
    with pytest.raises(ValueError, match="not an instant"):
        read_instant(f"2022-03-01T08:50:00.{'1' * 10}+08:00")


WRONG = (
    "2022-03-01T08:50:00+08:60",
    "2022-03-01T08:50:00+24:00",
    "2022-03-01T08:50:00-08:99",
    "2022-03-01T24:00:00+08:00",
    "2022-03-01T08:60:00+08:00",
    "2022-03-01T23:59:60+08:00",
    "2022-03-01T08:50:00.+08:00",
    "2022-03-01T08:50:00,5+08:00",
    "2022-03-01t08:50:00z",
    "2022-03-01 08:50:00Z",
    "２０２２-03-01T08:50:00Z",
    "2022-03-01T08:50:00+08:00\n",
    "2022-02-29T08:50:00+08:00",
    "0001-06-01T00:00:00Z",
    "9999-06-01T00:00:00Z",
)


@pytest.mark.parametrize("sent", WRONG)
def test_what_is_no_instant_is_refused(sent: str) -> None:
    """An offset that there is not, a sixtieth second, a thirtieth of February."""
    with pytest.raises(ValueError):  # noqa: PT011 the reason differs
        read_instant(sent)


@pytest.mark.parametrize(
    ("hours", "minutes"), list(product(("00", "23"), ("00", "59")))
)
def test_every_offset_of_the_standard_is_read(hours: str, minutes: str) -> None:
    """Offsets go from -23:59 to +23:59."""
    for sign in "+-":
        assert read_instant(f"2022-03-01T08:50:00{sign}{hours}:{minutes}").tzinfo


def test_what_the_ledger_took_once_stays_taken() -> None:
    """An offset of sixty minutes, taken before, still reads in an entry."""
    sent = "2022-03-01T08:50:00+08:60"
    assert read_kept_instant(sent) == moment("2022-03-01T08:50:00+09:00")
    data = {"psn_no": "P1", "mdtrt_id": "V1", "fixmedins_code": "H1"}
    data |= {"request_source": "/medins/H1", "request_id": "R1", "begntime": sent}
    data |= {"request_time": sent, "content": "0" * 64}
    assert Admitted.model_validate(data).wire()["begntime"] == sent
