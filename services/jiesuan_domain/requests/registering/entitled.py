"""Which agency may register what of whom (`contracts.md` §1).

An agency acts for the regions that begin with its code. Where a request names no
region, the region is that of the person's enrolment in the scheme.
"""

from datetime import date

from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.asked.commands import Command
from jiesuan_domain.person.enrolment import home_of, home_on
from jiesuan_domain.person.state import Person
from jiesuan_domain.refusals.of_request import malformed
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events import requests
from jiesuan_events.words.regions import called, covers

AGENCY = "/agency/"


def foreign_agency(person: Person, asked: Asked) -> Refusal | None:
    """Refuse an agency that does not act for the person's region of enrolment.

    Nobody enrolled anywhere belongs to no agency: the other rules decide.
    """
    region = _region_of(person, asked.command)
    if not region or covers(asked.source.removeprefix(AGENCY), region):
        return None
    return not_its_region(region)


def not_its_region(region: str) -> Refusal:
    """Say that an agency does not act for a region."""
    return malformed(
        "source",
        "the agency does not act for the region of enrolment",
        zh=f"该经办机构不办理参保地{called(region)}的业务",
    )


def _region_of(person: Person, command: Command) -> str:
    """Return the region of enrolment that a request is about; empty if none is."""
    match command:
        case requests.Qualify() | requests.File() | requests.Designate():
            return _home_on(person, command.scheme, day=command.begin_date)
        case requests.Disqualify() | requests.Unfile() | requests.Undesignate():
            return _home_on(person, command.scheme, day=command.end_date)
        case requests.ReportInpatient():
            return command.insured_region or home_of(person.head, command.scheme)
        case _:
            return ""


def _home_on(person: Person, scheme: str, *, day: date) -> str:
    enrolment = home_on(person.head, scheme, on=day)
    return "" if enrolment is None else enrolment.region
