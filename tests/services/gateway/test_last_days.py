"""The last day that 5301 shows of a qualification, and the law's word on the next."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiesuan_domain.person.enrolment import due_since
from jiesuan_domain.person.state import Qualification
from jiesuan_services.gateway.transactions.persons.qualifications_5301 import (
    FAR,
    last_day,
)
from jiesuan_services.runtime.packs import load_packs

PACK = load_packs().find("429900", "310")
assert PACK is not None
RULES = PACK.on(date(2022, 3, 1))
NATIONAL, LOCAL, OTHER = "M01600", "M01609", "M00500"
DAYS = st.dates(date(2014, 1, 1), date(2030, 12, 31))


def said(begin: date, end: date | None = None, *, disease: str = NATIONAL) -> Any:
    """Return a qualification as the register has it."""
    return {
        "insutype": "310",
        "opsp_dise_code": disease,
        "begndate": begin,
        "enddate": end,
    }


def treatment(day: date, *, disease: str = NATIONAL, insutype: str = "310") -> Any:
    """Return until when a disease was treated."""
    return {"insutype": insutype, "dise_codg": disease, "service_day": day}


@pytest.mark.parametrize(
    ("begin", "end", "treated", "last"),
    [
        # Begun before the pack knows a number of years: its rules of today count.
        ("2021-06-01", None, [], "2026-05-31"),
        ("2016-02-29", None, [], "2021-02-28"),
        ("2021-06-01", "2023-05-31", [], "2023-05-31"),
        ("2021-06-01", "2099-12-31", [], "2026-05-31"),
        ("2022-01-01", None, [treatment(date(2022, 2, 1))], "2023-01-31"),
        (
            "2022-01-01",
            None,
            [treatment(date(2022, 2, 1), disease=LOCAL)],
            "2023-01-31",
        ),
        (
            "2022-01-01",
            None,
            [treatment(date(2022, 2, 1), disease=OTHER)],
            "2026-12-31",
        ),
        (
            "2022-01-01",
            None,
            [treatment(date(2022, 2, 1), insutype="390")],
            "2026-12-31",
        ),
        # What was treated before it was verified again starts no clock of this one.
        ("2022-01-01", None, [treatment(date(2021, 12, 31))], "2026-12-31"),
        ("2098-01-01", None, [], "2099-12-31"),
    ],
)
def test_a_qualification_lasts_until_the_day_before_it_is_due(
    begin: str, end: str | None, treated: list[Any], last: str
) -> None:
    """The earliest of its end, five years, and one year after the last treatment."""
    until = None if end is None else date.fromisoformat(end)
    row = said(date.fromisoformat(begin), until)
    assert last_day(row, RULES, treated=treated) == date.fromisoformat(last)


def test_where_no_pack_is_known_an_end_is_all_there_is() -> None:
    """Without rules there is no clock; a client is always given a day."""
    for end, last in ((None, FAR), (date.max, FAR), (date(2023, 1, 1),) * 2):
        assert last_day(said(date(2020, 1, 1), end), None, treated=[]) == last


@given(DAYS, st.none() | DAYS, st.none() | DAYS)
def test_the_day_after_the_last_is_the_first_that_the_law_refuses(
    begin: date, end: date | None, settled: date | None
) -> None:
    """On the last day nothing is due by the law, on the next day it is."""
    treated = [] if settled is None else [treatment(settled)]
    last = last_day(said(begin, end), RULES, treated=treated)
    counted = settled if settled is not None and settled >= begin else None
    one = Qualification("310", NATIONAL, begin, end)
    for day, is_due in ((last, False), (last + timedelta(days=1), True)):
        due = due_since(one, day, last_settled=counted, rules=RULES)
        assert (due is not None) == is_due
