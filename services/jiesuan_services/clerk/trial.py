"""`jiesuan try`: decide a file of requests in memory, in order; no broker, no clock."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from jiesuan_domain.answer.render import total_fields
from jiesuan_domain.in_force import InForce
from jiesuan_domain.person.state import Change, MemoryPerson
from jiesuan_domain.policy.model import Packs
from jiesuan_events.requests import ReferenceMessage
from jiesuan_events.words.topics import LEDGER, REFERENCE, REQUESTS
from jiesuan_services.clearing.memory import Keep, MemoryClearing
from jiesuan_services.clearing.read import is_of_clearing
from jiesuan_services.clerk.answers import to_malformed
from jiesuan_services.clerk.clerk import Clerk, reference_record
from jiesuan_services.clerk.handled import NewEntry, Repeated
from jiesuan_services.intake.lines import WHITE_SPACE
from jiesuan_services.intake.read import Malformed, parse_line, read_request


class MemoryPersons:
    """Persons kept in memory, for ever."""

    def __init__(self) -> None:
        self.known: dict[str, MemoryPerson] = {}

    def get(self, person_id: str) -> MemoryPerson:
        """Return a person, empty if nothing is known of one."""
        person = self.known.get(person_id)
        if person is None:
            person = self.known[person_id] = MemoryPerson()
        return person

    def touched(self, person_id: str, change: Change) -> None:
        """Do nothing: persons in memory are not written anywhere."""


class Trial:
    """Decides lines one by one; the time of each answer is its request's."""

    def __init__(self, packs: Packs, *, keep: Keep | None = None) -> None:
        self.persons = MemoryPersons()
        self._keep = keep
        self._clerk = Clerk(
            in_force=InForce(packs, {}),
            persons=self.persons,
            partitions=1,
            writer="try",
        )
        self.clearing = MemoryClearing(packs, keep=keep)
        self._first_answers: dict[tuple[str, str, str], str] = {}

    def answer(self, text: str, number: int) -> str:
        """Answer one line; ``number`` counts lines from 1."""
        parsed = parse_line(text)
        if isinstance(parsed, Malformed):
            return to_malformed(parsed, time=parsed.time, line=number).line()
        if is_of_clearing(parsed.envelope.get("type")):
            return self.clearing.answer(parsed, number)
        asked = read_request(parsed.envelope, parsed.data, raw=parsed.raw)
        if isinstance(asked, Malformed):
            return to_malformed(asked, time=asked.time, line=number).line()
        if isinstance(asked.command, ReferenceMessage):
            if self._keep is not None:
                cause = f"{REQUESTS}/0/{number}"
                record = reference_record(asked, parsed.raw, cause=cause)
                self._keep(REFERENCE, record, time=asked.time)
            return self._clerk.register(asked, recorded_at=asked.time).line()
        name = (asked.person_id, asked.source, asked.id)
        ruled = self._clerk.rule(asked, recorded_at=asked.time)
        if isinstance(ruled, Repeated):
            return self._first_answers[name]
        line = ruled.answer.line()
        if isinstance(ruled, NewEntry):
            self._first_answers[name] = line
            self.clearing.note(ruled.fact, asked.time)
            if self._keep is not None:
                self._keep(LEDGER, ruled.record(), time=asked.time)
        return line

    def answers(self, lines: Iterable[str]) -> Iterator[str]:
        """Answer every line that is not blank, in order."""
        for number, line in enumerate(lines, 1):
            if line.strip(WHITE_SPACE):
                yield self.answer(line, number)

    def states(self) -> Iterator[str]:
        """Render each person's state, one line a person, in the order of their ids."""
        for person_id, person in sorted(self.persons.known.items()):
            if person.head.version:
                yield orjson.dumps(person_state(person_id, person)).decode()

    def clearing_views(self) -> Iterator[str]:
        """Render the read models of settlements and clearing, one line a row."""
        return self.clearing.views()


def person_state(person_id: str, person: MemoryPerson) -> dict[str, Any]:
    """Render what the ledger holds of a person: chain head and accumulators by year."""
    return {
        "psn_no": person_id,
        "version": person.head.version,
        "hash": person.head.hash.hex(),
        "years": [
            {
                "insuplc_admdvs": region,
                "insutype": scheme,
                "year": year,
                "cum": total_fields(person_year.totals),
                "effective": [
                    one.settlement_id
                    for one in person.standing((region, scheme, year))
                    if one.settlement_id
                ],
            }
            for (region, scheme, year), person_year in sorted(person.years.items())
        ],
    }
