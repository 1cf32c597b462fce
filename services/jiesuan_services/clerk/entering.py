"""Entering facts: the next entry of each person, and the answer that tells of it."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import UNSET

from jiesuan_domain.answer.render import decided
from jiesuan_domain.answer.rendered import RenderedFact, RenderedPlace
from jiesuan_domain.in_force import InForce
from jiesuan_domain.outcome import Refused
from jiesuan_domain.person.evolve import evolve
from jiesuan_domain.person.state import ChainPlace, Change, Head, Person
from jiesuan_domain.refusals.of_request import too_large
from jiesuan_events.entries.entry import Entry
from jiesuan_events.words.topics import MAX_VALUE_BYTES
from jiesuan_ledger.facts import TYPE_OF, Fact, write_fact
from jiesuan_services.clerk.answers import Answer, encode
from jiesuan_services.clerk.handled import NewEntry
from jiesuan_services.clerk.runs import Ruling


class Persons(Protocol):
    """Where the persons of a partition are kept."""

    def get(self, person_id: str) -> Person:
        """Return a person, empty if nothing is known of one."""
        ...

    def touched(self, person_id: str, change: Change) -> None:
        """Note what changed of a person."""
        ...


class Entering:
    """Enters facts of different persons, each step for all before the next one is."""

    def __init__(
        self, *, in_force: InForce, persons: Persons, partition: int, writer: str
    ) -> None:
        self._in_force = in_force
        self._persons = persons
        self._partition = partition
        self._writer = writer

    def enter(
        self, rulings: Sequence[Ruling], *, offset: int, at: str
    ) -> list[NewEntry | Refused]:
        """Enter facts, one behind the other from an offset; -1 where there is no log.

        What is too large is refused, and the others move up.
        """
        done: list[NewEntry | Refused] = []
        while len(done) < len(rulings):
            entered = sum(isinstance(one, NewEntry) for one in done)
            next_offset = offset + entered if offset >= 0 else -1
            done += self._enter(rulings[len(done) :], next_offset, at=at)
        return done

    def _enter(
        self, rulings: Sequence[Ruling], offset: int, *, at: str
    ) -> list[NewEntry | Refused]:
        """Enter facts up to the first that is too large, which is refused.

        Neither entry nor answer: what cannot be answered must not be entered.
        """
        persons = [self._persons.get(one.fact.person_id) for one in rulings]
        entries = [
            self._entry(one, person.head, recorded_at=at)
            for one, person in zip(rulings, persons, strict=True)
        ]
        places = [
            ChainPlace(one.version, one.hash, offset + number if offset >= 0 else -1)
            for number, one in enumerate(entries)
        ]
        answers = self._answers(rulings, entries, places=places)
        sizes = [
            max(len(entry.value), len(data) - self._place_bytes(place))
            for entry, data, place in zip(entries, answers, places, strict=True)
        ]
        stop = next((n for n, size in enumerate(sizes) if size > MAX_VALUE_BYTES), None)
        done: list[NewEntry | Refused] = [
            NewEntry(Answer.of(one.asked, data, time=at), entry, place.hash, one.fact)
            for one, data, entry, place in zip(
                rulings[:stop], answers, entries, places, strict=False
            )
        ]
        for one, person, place in zip(rulings[:stop], persons, places, strict=False):
            self._remember(person, one.fact, at=place)
        if stop is not None:
            done.append(Refused((too_large(sizes[stop], MAX_VALUE_BYTES),)))
        return done

    def _entry(self, ruling: Ruling, head: Head, *, recorded_at: str) -> Entry:
        """Write a fact as the next entry of its person."""
        fact = ruling.fact
        return Entry(
            fact.person_id,
            TYPE_OF[type(fact)],
            head.version + 1,
            head.hash,
            write_fact(fact),
            recorded_at,
            ruling.cause,
            self._writer,
        )

    def _answers(
        self,
        rulings: Sequence[Ruling],
        entries: Sequence[Entry],
        *,
        places: Sequence[ChainPlace],
    ) -> list[bytes]:
        """Write the data of the answers; none to an entry that is too large itself."""
        rendered = [
            None
            if len(entry.value) > MAX_VALUE_BYTES
            else self._rendered(one.fact, at=place)
            for one, entry, place in zip(rulings, entries, places, strict=True)
        ]
        return [b"" if one is None else encode(one) for one in rendered]

    def _rendered(self, fact: Fact, *, at: ChainPlace) -> RenderedFact:
        """Render the answer's data to a decided request from its fact and place."""
        is_on_kafka = at.offset >= 0
        entry = RenderedPlace(
            self._partition if is_on_kafka else UNSET,
            at.offset if is_on_kafka else UNSET,
            at.version,
            at.hash.hex(),
        )
        return decided(fact, packs=self._in_force.packs, entry=entry)

    def _place_bytes(self, at: ChainPlace) -> int:
        """Count what only an answer on Kafka says: where its entry stands."""
        if at.offset < 0:
            return 0
        return len(f'"partition":{self._partition},"offset":{at.offset},')

    def answer(self, fact: Fact, *, at: ChainPlace) -> bytes:
        """Write the data of the answer that a fact was given at its place."""
        return encode(self._rendered(fact, at=at))

    def remember(self, fact: Fact, *, at: ChainPlace) -> None:
        """Take a fact over into what is known of its person."""
        self._remember(self._persons.get(fact.person_id), fact, at=at)

    def _remember(self, person: Person, fact: Fact, *, at: ChainPlace) -> None:
        change = evolve(person, fact, at=at)
        person.apply(change)
        self._persons.touched(fact.person_id, change)
