"""The last chronic settlement before a day: a pause of treatment begins with it."""

from datetime import date
from itertools import permutations
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.domain import asking
from tests.domain.refusal_cases import CHRONIC, ENROLLED, QUALIFIED, bill, last, start

from jiesuan_domain.gates.qualification import last_settled
from jiesuan_domain.person.state import Effective, MemoryPerson, PersonYear

DISEASE = "M00500"
UNTIL = date(2023, 12, 1)
OLD, OLDER, RECENT = date(2022, 3, 1), date(2022, 1, 5), date(2023, 2, 1)


def effective(
    day: date | None, care: str = "14", *, of: str | None = DISEASE
) -> Effective:
    """Let a settlement stand."""
    return Effective("S", "s", "H", care, of, day)


def found(*standings: Effective, since: date = date(2021, 1, 1)) -> date | None:
    """Look for the last settlement of the disease in a year in which these stand."""
    pool = (asking.HOME, "310", "2022")
    person = MemoryPerson(years={pool: PersonYear(newest=standings)})
    person.head = replace(person.head, pools=(pool,))
    return last_settled(
        person,
        "310",
        diseases=frozenset((DISEASE,)),
        since=since,
        until=UNTIL,
        pause=1,
    )


@pytest.mark.parametrize(
    "newer",
    [
        effective(RECENT, "11"),
        effective(RECENT, of="M07801"),
        effective(None),
        effective(date(2024, 1, 1)),
    ],
)
def test_other_settlements_are_passed_over(newer: Effective) -> None:
    """Other care, another disease, no day or a later one: the search goes on below."""
    assert found(effective(OLD), newer) == OLD


def test_the_latest_day_counts_in_any_order() -> None:
    """Of several that leave a pause the latest by its day counts, not by its place."""
    for days in permutations((OLD, OLDER, date(2022, 2, 2))):
        assert found(*map(effective, days)) == OLD


def test_what_lies_before_the_qualification_does_not_count() -> None:
    """A settlement from before the qualification began is not of it."""
    assert found(effective(OLDER), since=OLD) is None


def test_a_region_without_a_pack_is_told_no_more_than_that(tmp_path: Path) -> None:
    """Of one who is qualified, and insured where no policy is known, that is all."""
    elsewhere = asking.enrol("E2", insuplc_admdvs="990000", begndate="2022-02-01")
    asked = bill(asking.line("1", 100), insuplc_admdvs="990000", **CHRONIC)
    data = last(start(tmp_path, {}), ENROLLED, QUALIFIED, elsewhere, asked)
    assert [one["code"] for one in data["refusals"]] == ["policy-not-in-force"]
