"""The invented year: the same for the same number, and with every kind of event."""

from collections import Counter
from pathlib import Path

import orjson
import pytest

from jiesuan_services.clerk.trial import Trial
from jiesuan_services.demo.town.overlay import write_overlay
from jiesuan_services.demo.town.places import PLACES
from jiesuan_services.demo.town.year import TownYear, make_year
from jiesuan_services.runtime.packs import load_packs

REQUESTS = 3_000


@pytest.fixture(scope="module")
def year() -> TownYear:
    """One year of a town."""
    return make_year(7, requests=REQUESTS)


def test_same_number_same_year(year: TownYear) -> None:
    """A town's number alone decides its year, message for message."""
    assert make_year(7, requests=REQUESTS) == year


def test_other_number_shares_no_name(year: TownYear) -> None:
    """Two towns share institutions, and neither persons nor names of requests."""
    other = make_year(8, requests=REQUESTS)
    names = {one.message["id"] for one in year.posted}
    assert names.isdisjoint(one.message["id"] for one in other.posted)
    subjects = {one.message["subject"] for one in year.posted}
    shared = subjects & {one.message["subject"] for one in other.posted}
    assert shared == {place.code for place in PLACES}


def test_has_at_least_as_many_requests_as_asked(year: TownYear) -> None:
    """A year holds at least the requests asked for, and not many more."""
    assert REQUESTS <= len(year.posted) < REQUESTS + 100


@pytest.mark.parametrize(("town", "requests"), [(7, REQUESTS), (0, 22_000)])
def test_every_outcome_is_the_one_foretold(
    town: int, requests: int, tmp_path: Path
) -> None:
    """The law decides every request of a year as the town says; the demo's year too."""
    year = make_year(town, requests=requests)
    trial = Trial(load_packs(write_overlay(tmp_path)))
    first: dict[tuple[str, str], str] = {}
    for number, one in enumerate(year.posted, 1):
        answer = trial.answer(orjson.dumps(one.message).decode(), number)
        name = (one.message["source"], one.message["id"])
        if one.expects == "again":
            assert answer == first[name]
            continue
        first.setdefault(name, answer)
        data = orjson.loads(answer)["data"]
        outcome = data["outcome"]
        if outcome == "refused":
            outcome = data["refusals"][0]["code"]
        assert outcome == one.expects, one


def test_every_kind_of_event_happens(year: TownYear) -> None:
    """No kind of request that the demo tells of is missing from a year."""
    kinds = Counter(one.kind for one in year.posted)
    assert set(kinds) == {
        "institution",
        "enrolment",
        "qualification",
        "filing",
        "moving",
        "ordinary",
        "emergency",
        "chronic",
        "pharmacy",
        "quote",
        "inpatient",
        "refund",
        "skipping-refund",
        "gap-refund",
        "compensation",
        "duplicate",
        "duplicate-different",
        "malformed",
        "no-prescription",
        "unqualified",
        "unregistered",
        "unfiled",
    }
