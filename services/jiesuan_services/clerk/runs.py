"""Runs of requests that may be decided side by side: none can change another.

They are of different persons, and nothing that counts for everybody, an institution or
a catalogue, is registered among them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeGuard

from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.outcome import Outcome, Refused
from jiesuan_events.requests import ReferenceMessage
from jiesuan_events.words.codes import RefusalCode
from jiesuan_ledger.facts import Fact
from jiesuan_ledger.log.record import Incoming
from jiesuan_services.intake.record import Read


class ReadRecord(NamedTuple):
    """A record of the requests, and what it reads as."""

    incoming: Incoming
    read: Read


Run = Sequence[ReadRecord]


class Ruling(NamedTuple):
    """A fact to be entered, the request that it answers, and that request's place."""

    asked: Asked
    fact: Fact
    cause: str


def is_of_person(read: Read) -> TypeGuard[Asked]:
    """Whether a record asks something about a person."""
    return isinstance(read, Asked) and not isinstance(read.command, ReferenceMessage)


def runs(records: Iterable[ReadRecord]) -> Iterator[Run]:
    """Cut records into runs, in their order; what registers is a run of its own."""
    run: list[ReadRecord] = []
    persons: set[str] = set()
    for one in records:
        read = one.read
        is_registration = isinstance(read, Asked) and not is_of_person(read)
        begins = isinstance(read, Asked) and (
            is_registration or read.person_id in persons
        )
        if begins and run:
            yield run
            run, persons = [], set()
        run.append(one)
        if is_registration:
            yield run
            run = []
        elif isinstance(read, Asked):
            persons.add(read.person_id)
    if run:
        yield run


def asks_for_institution(outcomes: Iterable[Outcome]) -> bool:
    """Whether a request was refused because nobody knows of an institution."""
    return any(
        no.code is RefusalCode.UNKNOWN_INSTITUTION
        for one in outcomes
        if isinstance(one, Refused)
        for no in one.refusals
    )
