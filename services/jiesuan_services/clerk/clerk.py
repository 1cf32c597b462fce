"""The clerk: reads, decides and enters requests, for `try` and the decider.

It holds no log and no store: persons come from whoever keeps them, and what comes of
a request is written by its caller.
"""

from collections.abc import Iterable, Sequence
from typing import Any, assert_never

from jiesuan_domain.answer.render import quoted
from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.decide import decide, decide_each
from jiesuan_domain.in_force import InForce, registered
from jiesuan_domain.outcome import Again, Decided, Outcome, Quoted, Refused
from jiesuan_domain.person.state import ChainPlace, SeenRequest
from jiesuan_domain.refusals.of_request import too_large
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.requests import Institution, ReferenceMessage
from jiesuan_events.words.topics import MAX_VALUE_BYTES
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
from jiesuan_services.clerk.entering import Entering, Persons
from jiesuan_services.clerk.handled import (
    AnswerAlone,
    AnsweredDeadLetter,
    Handled,
    NewEntry,
    Registered,
    Repeated,
    Ruled,
)
from jiesuan_services.clerk.runs import ReadRecord, Ruling, Run, is_of_person
from jiesuan_services.clerk.waiting import WaitingEntries, WaitingEntry
from jiesuan_services.intake.read import Malformed
from jiesuan_services.intake.record import DeadLetter, Poison, Read, read_record


class Clerk:
    """Decides and enters the requests of one partition, run after run.

    A run is of different persons, so each step is taken for all of them before the
    next one is (`jiesuan bench --only law` shows what that saves).
    """

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
        self._entering = Entering(
            in_force=in_force, persons=persons, partition=partition, writer=writer
        )

    def handle(
        self, incoming: Incoming, *, ledger_offset: int, recorded_at: str
    ) -> Handled:
        """Read one record and decide it; the offset is where its entry will stand."""
        self.reach(incoming.offset)
        run = [ReadRecord(incoming, self.read(incoming))]
        outcomes = self.decide(run)
        (handled,) = self.enter(run, outcomes, offset=ledger_offset, at=recorded_at)
        return handled

    def reach(self, request: int) -> None:
        """Apply the entries that wait for a request: its turn has come."""
        if self.waiting:
            for one in self.waiting.due(request):
                self.apply(one)

    def read(self, incoming: Incoming) -> Read:
        """Read one record."""
        return read_record(incoming, is_home=self._is_home)

    def _is_home(self, person_id: str) -> bool:
        """Whether a person belongs here: whoever is known does."""
        if self._persons.get(person_id).head.version > 0:
            return True
        return partition_of(person_id, self._partitions) == self._partition

    def decide(self, run: Run) -> list[Outcome]:
        """Decide the requests of a run, those about a person; nothing is entered."""
        asked = [one.read for one in run if is_of_person(one.read)]
        return self._decide(asked)

    def _decide(self, asked: Sequence[Asked]) -> list[Outcome]:
        requests = [(self._persons.get(one.person_id), one) for one in asked]
        outcomes = decide_each(requests, in_force=self.in_force)
        if not self.waiting:
            return outcomes
        return [
            self._on_top(one, outcome)
            for one, outcome in zip(asked, outcomes, strict=True)
        ]

    def _on_top(self, asked: Asked, outcome: Outcome) -> Outcome:
        """Decide again on top of what waits: refused when its turn was.

        By now the law or a hospital is another.
        """
        if not isinstance(outcome, Decided) or asked.person_id not in self.waiting:
            return outcome
        for one in self.waiting.all_of(asked.person_id):
            self.apply(one)
        person = self._persons.get(asked.person_id)
        return decide(person, asked, in_force=self.in_force)

    def enter(
        self, run: Run, outcomes: Iterable[Outcome], *, offset: int, at: str
    ) -> list[Handled]:
        """Enter what was decided of a run, and answer; the first entry's offset."""
        left = iter(outcomes)
        ruled = [next(left) if is_of_person(one.read) else None for one in run]
        rulings = [
            Ruling(one.read, outcome.fact, one.incoming.cause)
            for one, outcome in zip(run, ruled, strict=True)
            if isinstance(outcome, Decided) and isinstance(one.read, Asked)
        ]
        entered = iter(self._entering.enter(rulings, offset=offset, at=at))
        return [
            self._handled(
                one,
                next(entered) if isinstance(outcome, Decided) else outcome,
                recorded_at=at,
            )
            for one, outcome in zip(run, ruled, strict=True)
        ]

    def _handled(
        self,
        one: ReadRecord,
        outcome: NewEntry | Again | Quoted | Refused | None,
        *,
        recorded_at: str,
    ) -> Handled:
        """Return what comes of a record."""
        incoming, read = one
        match read:
            case Asked() if outcome is not None:
                return self._ruled(outcome, read, recorded_at=recorded_at)
            case Asked():
                answer = self.register(read, recorded_at=recorded_at)
                record = reference_record(
                    read, incoming.value or b"", cause=incoming.cause
                )
                return Registered(answer, record)
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

    def rule(
        self, asked: Asked, *, recorded_at: str, offset: int = -1, cause: str = ""
    ) -> Ruled:
        """Decide a request that read, and enter what was decided."""
        (outcome,) = self._decide([asked])
        if not isinstance(outcome, Decided):
            return self._ruled(outcome, asked, recorded_at=recorded_at)
        ruling = Ruling(asked, outcome.fact, cause)
        (entered,) = self._entering.enter([ruling], offset=offset, at=recorded_at)
        return self._ruled(entered, asked, recorded_at=recorded_at)

    def _ruled(
        self,
        outcome: NewEntry | Again | Quoted | Refused,
        asked: Asked,
        *,
        recorded_at: str,
    ) -> Ruled:
        match outcome:
            case NewEntry():
                return outcome
            case Again():
                return Repeated(outcome.seen)
            case Quoted():
                data = quoted(asked, outcome, packs=self.in_force.packs)
                return AnswerAlone(Answer.of(asked, encode(data), time=recorded_at), ())
            case Refused():
                return self._refuse(outcome, asked, recorded_at=recorded_at)
            case _:
                assert_never(outcome)

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
        self._entering.remember(one.accepted.fact, at=place)

    def answer_again(self, record: Record, offset: int) -> Answer:
        """Return the first answer again, byte for byte, from the entry it stands in."""
        one = accepted(record)
        place = ChainPlace(one.entry.version, one.hash, offset)
        data = self._entering.answer(one.fact, at=place)
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
