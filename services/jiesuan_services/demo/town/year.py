"""One year of the town, in the order in which it happens."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jiesuan_services.demo.town.lives import Life, someone
from jiesuan_services.demo.town.messages import Posted, Registrar, Someone, stamp
from jiesuan_services.demo.town.places import AGENCY, PLACES
from jiesuan_services.demo.town.stories import PROTAGONISTS, STORIES, YEAR


@dataclass(frozen=True, slots=True)
class TownYear:
    """The requests of a year; ``protagonists`` are the persons of the stories."""

    number: int
    people: int
    protagonists: tuple[str, ...]
    posted: tuple[Posted, ...]


def make_year(number: int, *, requests: int) -> TownYear:
    """Invent the town of a number, of as many people as make so many requests."""
    clerk = Registrar(number, random.Random(f"town {number}"))
    posted = [posted for story in STORIES for posted in story(clerk)]
    people = [
        Someone(clerk.person(at), *story)
        for at, story in enumerate(PROTAGONISTS, start=1)
    ]
    opening = list(_registrations(clerk))
    for person in people:
        opening += _arrival(clerk, person)
    while len(opening) + len(posted) < requests:
        person = someone(clerk, len(people) + 1)
        people.append(person)
        opening += _arrival(clerk, person)
        posted += Life(clerk, person).days()
    posted.sort(key=lambda one: one.at)
    protagonists = tuple(person.id for person in people[: len(PROTAGONISTS)])
    return TownYear(number, len(people), protagonists, (*opening, *posted))


def _registrations(clerk: Registrar) -> list[Posted]:
    return [
        Posted(
            _opening(),
            "institution",
            "recorded",
            clerk.write(
                "institution",
                AGENCY,
                subject=place.code,
                at=_opening(),
                data=place.registration(),
            ),
        )
        for place in PLACES
    ]


def _arrival(clerk: Registrar, person: Someone) -> list[Posted]:
    at = _opening() + timedelta(hours=1)
    arrived = [Posted(at, "enrolment", "decided", clerk.enrol(person, at))]
    if person.disease is not None:
        later = at + timedelta(hours=1)
        qualified = clerk.qualify(person, later)
        arrived.append(Posted(later, "qualification", "decided", qualified))
    return arrived


def _opening() -> datetime:
    return stamp(date(YEAR, 1, 1), 0)
