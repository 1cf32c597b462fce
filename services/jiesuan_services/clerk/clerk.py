"""The clerk: reads, decides and enters requests, for `try` and the decider.

It holds no log and no store: persons come from whoever keeps them, and what comes of
a request is written by its caller.
"""

from typing import Any, Protocol, assert_never

from msgspec import UNSET

from jiesuan_domain.answer.render import decided, quoted
from jiesuan_domain.answer.rendered import RenderedPlace
from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.decide import decide
from jiesuan_domain.in_force import InForce, registered
from jiesuan_domain.outcome import Again, Decided, Quoted, Refused
from jiesuan_domain.person.evolve import evolve
from jiesuan_domain.person.state import ChainPlace, Change, Person, SeenRequest
from jiesuan_domain.refusals.of_request import too_large
from jiesuan_events.entries.chain import entry_hash
from jiesuan_events.entries.entry import Entry
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.requests import Institution, ReferenceMessage
from jiesuan_events.words.topics import MAX_VALUE_BYTES
from jiesuan_ledger.facts import TYPE_OF, Fact, write_fact
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_ledger.ours import reference_key, with_checksum
from jiesuan_ledger.reader import (
    NO_HEAD,
    ChainHead,
    Fork,
    accept,
    accepted,
    person_of,
)
from jiesuan_services.clerk.answers import (
    Answer,
    encode,
    refusal_data,
    to_malformed,
    to_request,
)
from jiesuan_services.clerk.handled import (
    AnswerAlone,
    AnsweredDeadLetter,
    Handled,
    NewEntry,
    Registered,
    Repeated,
    Ruled,
)
from jiesuan_services.clerk.waiting import WaitingEntries, WaitingEntry
from jiesuan_services.intake.read import Malformed
from jiesuan_services.intake.record import DeadLetter, Poison, Read, read_record


class Persons(Protocol):
    """Where the persons of a partition are kept."""

    def get(self, person_id: str) -> Person:
        """Return a person, empty if nothing is known of one."""
        ...

    def touched(self, person_id: str, change: Change) -> None:
        """Note what changed of a person."""
        ...


class Clerk:
    """Decides and enters the requests of one partition, one after the other."""

    def __init__(
        self,
        *,
        in_force: InForce,
        persons: Persons,
        partitions: int,
        writer: str,
        partition: int = 0,
    ) -> None:
        self.in_force = in_force
        self.waiting = WaitingEntries()
        self._persons = persons
        self._partition = partition
        self._partitions = partitions
        self._writer = writer

    def handle(
        self, incoming: Incoming, *, ledger_offset: int, recorded_at: str
    ) -> Handled:
        """Read one record and decide it; the offset is where its entry will stand."""
        self.reach(incoming.offset)
        read = self.read(incoming)
        match read:
            case Asked():
                return self._handle(
                    read, incoming, offset=ledger_offset, recorded_at=recorded_at
                )
            case Malformed():
                return AnswerAlone(
                    to_malformed(read, time=recorded_at, line=None),
                    (read.refusal.code.value,),
                )
            case Poison():
                answer = to_malformed(read.wrong, time=read.wrong.time, line=None)
                return AnsweredDeadLetter(read.reason, answer)
            case DeadLetter():
                return read
            case _:
                assert_never(read)

    def reach(self, request: int) -> None:
        """Apply the entries that wait for a request: its turn has come."""
        if self.waiting:
            for one in self.waiting.due(request):
                self.apply(one)

    def read(self, incoming: Incoming) -> Read:
        """Read one record."""
        return read_record(incoming, is_home=self._is_home)

    def _handle(
        self, asked: Asked, incoming: Incoming, *, offset: int, recorded_at: str
    ) -> Handled:
        if isinstance(asked.command, ReferenceMessage):
            answer = self.register(asked, recorded_at=recorded_at)
            return Registered(
                answer,
                reference_record(asked, incoming.value or b"", cause=incoming.cause),
            )
        return self.rule(
            asked,
            offset=offset,
            cause=incoming.cause,
            recorded_at=recorded_at,
        )

    def _is_home(self, person_id: str) -> bool:
        """Whether a person belongs here: whoever is known does."""
        if self._persons.get(person_id).head.version > 0:
            return True
        return partition_of(person_id, self._partitions) == self._partition

    def rule(
        self, asked: Asked, *, recorded_at: str, offset: int = -1, cause: str = ""
    ) -> Ruled:
        """Decide a request that read, and enter what was decided."""
        person = self._persons.get(asked.person_id)
        outcome = decide(person, asked, in_force=self.in_force)
        if isinstance(outcome, Decided) and asked.person_id in self.waiting:
            # Refused when its turn was, and by now the law or a hospital is another:
            # it is decided on top of what was entered since.
            for one in self.waiting.all_of(asked.person_id):
                self.apply(one)
            outcome = decide(person, asked, in_force=self.in_force)
        if isinstance(outcome, Decided):
            return self._enter(
                person,
                asked,
                fact=outcome.fact,
                offset=offset,
                cause=cause,
                recorded_at=recorded_at,
            )
        return self._without_entry(outcome, asked, recorded_at=recorded_at)

    def _enter(
        self,
        person: Person,
        asked: Asked,
        *,
        fact: Fact,
        offset: int,
        cause: str,
        recorded_at: str,
    ) -> NewEntry | AnswerAlone:
        head = person.head
        type_ = TYPE_OF[type(fact)]
        value = write_fact(fact)
        version = head.version + 1
        hash_ = entry_hash(head.hash, version, type_=type_, value=value)
        entry = Entry(
            fact.person_id,
            type_,
            version,
            head.hash,
            value,
            recorded_at,
            cause,
            self._writer,
        )
        place = ChainPlace(version, hash_, offset)
        size = len(value)
        if size <= MAX_VALUE_BYTES:
            data = self.decided(fact, at=place)
            size = max(size, len(data) - self._place_bytes(place))
        if size > MAX_VALUE_BYTES:
            # Neither entry nor answer: what cannot be answered must not be entered.
            refusal = Refused((too_large(size, MAX_VALUE_BYTES),))
            return self._refuse(refusal, asked, recorded_at=recorded_at)
        self._remember(person, asked.person_id, fact=fact, at=place)
        answer = Answer.of(asked, data, time=recorded_at)
        return NewEntry(answer, entry, hash_, fact)

    def _without_entry(
        self, outcome: Again | Quoted | Refused, asked: Asked, *, recorded_at: str
    ) -> Ruled:
        match outcome:
            case Again():
                return Repeated(outcome.seen)
            case Quoted():
                data = quoted(asked, outcome, packs=self.in_force.packs)
                return AnswerAlone(Answer.of(asked, encode(data), time=recorded_at), ())
            case Refused():
                return self._refuse(outcome, asked, recorded_at=recorded_at)
            case _:
                assert_never(outcome)

    def _place_bytes(self, at: ChainPlace) -> int:
        """Count what only an answer on Kafka says: where its entry stands."""
        if at.offset < 0:
            return 0
        return len(f'"partition":{self._partition},"offset":{at.offset},')

    def _refuse(
        self, outcome: Refused, asked: Asked, *, recorded_at: str
    ) -> AnswerAlone:
        seen = self._persons.get(asked.person_id).request(asked.source, asked.id)
        data = refusal_data(outcome.refusals)
        if seen is not None and seen.offset >= 0:
            _add_place(data, seen, partition=self._partition)
        codes = tuple(refusal.code.value for refusal in outcome.refusals)
        answer = to_request(asked, data, time=recorded_at)
        if len(answer.data) > MAX_VALUE_BYTES:
            # A refusal may name more than an answer takes, as what blocks a refund.
            refusal = too_large(len(answer.data), MAX_VALUE_BYTES)
            return self._refuse(Refused((refusal,)), asked, recorded_at=recorded_at)
        return AnswerAlone(answer, codes)

    def _remember(
        self, person: Person, person_id: str, *, fact: Fact, at: ChainPlace
    ) -> None:
        change = evolve(person, fact, at=at)
        person.apply(change)
        self._persons.touched(person_id, change)

    def decided(self, fact: Fact, *, at: ChainPlace) -> bytes:
        """Write the answer's data to a decided request from its fact and place."""
        is_on_kafka = at.offset >= 0
        entry = RenderedPlace(
            self._partition if is_on_kafka else UNSET,
            at.offset if is_on_kafka else UNSET,
            at.version,
            at.hash.hex(),
        )
        return encode(decided(fact, packs=self.in_force.packs, entry=entry))

    def check(self, record: Record, offset: int) -> WaitingEntry | Fork:
        """Take a ledger record for a person's next entry, or say why it is a fork."""
        head = self._head(person_of(record))
        one = accept(
            record, head, partition=self._partition, partitions=self._partitions
        )
        return one if isinstance(one, Fork) else WaitingEntry(one, offset)

    def _head(self, person_id: str | None) -> ChainHead:
        """Return where a person's chain stands, what waits included."""
        if person_id is None:
            return NO_HEAD
        last = self.waiting.last(person_id)
        if last is not None:
            return last.head(self._partition)
        head = self._persons.get(person_id).head
        if head.version == 0:
            return NO_HEAD
        return ChainHead(head.version, head.hash, self._partition)

    def apply(self, one: WaitingEntry) -> None:
        """Take an accepted entry over into what is known of its person."""
        entry = one.accepted.entry
        place = ChainPlace(entry.version, one.accepted.hash, one.offset)
        person = self._persons.get(entry.person_id)
        self._remember(person, entry.person_id, fact=one.accepted.fact, at=place)

    def answer_again(self, record: Record, offset: int) -> Answer:
        """Return the first answer again, byte for byte, from the entry it stands in."""
        one = accepted(record)
        place = ChainPlace(one.entry.version, one.hash, offset)
        data = self.decided(one.fact, at=place)
        return Answer.to_fact(one.fact, data, time=one.entry.recorded_at)

    def register(self, asked: Asked, *, recorded_at: str) -> Answer:
        """Take a reference message in: sent again it replaces."""
        if isinstance(asked.command, Institution):
            self.in_force.institutions[asked.person_id] = registered(asked.command)
        return to_request(asked, {"outcome": "recorded"}, time=recorded_at)


def reference_record(asked: Asked, value: bytes, *, cause: str) -> Record:
    """Write a reference message as the record that tells all others."""
    assert isinstance(asked.command, ReferenceMessage)
    made = Record(
        reference_key(asked.command).encode(),
        value,
        [("ce_type", asked.type.encode()), ("cause", cause.encode())],
    )
    return with_checksum(made)


def _add_place(data: dict[str, Any], seen: SeenRequest, *, partition: int) -> None:
    """Say where the first entry of a taken name stands in the log."""
    for refusal in data["refusals"]:
        first = refusal["details"].get("first_entry")
        if first is not None:
            first.update(partition=partition, offset=seen.offset)
