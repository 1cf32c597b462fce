"""The desk: decides the requests of a partition in order, for `try` and the decider.

It holds no log and no store: persons come from whoever keeps them, and what it
returns is written by whoever called it.
"""

from typing import Any, Final, Protocol

import orjson
from msgspec import Struct

from jiesuan_domain.answer.render import decided, quoted
from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.asked.commands import Command
from jiesuan_domain.decide import decide
from jiesuan_domain.in_force import InForce, registered
from jiesuan_domain.outcome import Again, Decided, Outcome, Quoted, Refused
from jiesuan_domain.person.evolve import evolve
from jiesuan_domain.person.state import Change, EntryPlace, Person, SeenRequest
from jiesuan_domain.refusals import Code
from jiesuan_events.entries.chain import entry_hash, follows
from jiesuan_events.entries.entry import Entry, EntryError, entry_headers, read_entry
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.requests import CatalogueItem, Institution, ReferenceMessage
from jiesuan_ledger.facts import TYPE_OF, Fact, NoSuchFact, read_fact, write_fact
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_services.clerk.answers import (
    Answer,
    encode,
    refusal_data,
    to_malformed,
    to_request,
)
from jiesuan_services.clerk.waiting import Later, Next
from jiesuan_services.intake.read import ENVELOPE_FIELDS, Malformed, bad, read_request

MAX_REQUEST_BYTES: Final = 900_000
_FIELDS: Final = {f"ce_{name}": name for name in ENVELOPE_FIELDS}


class Handled(Struct, gc=False):
    """What came of one request."""

    answer: Record | None
    entry: Record | None = None
    reference: Record | None = None
    dead_letter: str | None = None
    refused: tuple[str, ...] = ()
    again: SeenRequest | None = None


class Persons(Protocol):
    """Where the persons of a partition are kept."""

    def get(self, person_id: str) -> Person:
        """Give a person, empty if nothing is known of one."""
        ...

    def touched(self, person_id: str, change: Change) -> None:
        """Hear what changed of a person."""
        ...


class Ruled(Struct, gc=False):
    """What the law made of a request that read: an answer, perhaps an entry."""

    answer: Answer | None
    entry: Entry | None = None
    hash: bytes = b""
    refused: tuple[str, ...] = ()
    again: SeenRequest | None = None


class Desk:
    """Decides requests against the persons of one partition, one after the other."""

    def __init__(
        self, *, in_force: InForce, persons: Persons, partitions: int, writer: str
    ) -> None:
        self.in_force = in_force
        self.later = Later()
        self._persons = persons
        self._partitions = partitions
        self._writer = writer

    def handle(
        self, incoming: Incoming, *, ledger_offset: int, recorded_at: str
    ) -> Handled:
        """Read one record and decide it; the offset is where its entry will stand."""
        if self.later:
            for one in self.later.due(incoming.offset):
                self.apply(one)
        asked = self._read(incoming)
        if isinstance(asked, Handled):
            return asked
        if isinstance(asked, Malformed):
            return self._malformed(asked, incoming, recorded_at=recorded_at)
        if isinstance(asked.command, ReferenceMessage):
            return self._record(asked, incoming, recorded_at=recorded_at)
        cause = incoming.cause
        ruled = self.rule(
            asked,
            offset=ledger_offset,
            partition=incoming.partition,
            cause=cause,
            recorded_at=recorded_at,
        )
        return Handled(
            _answer(ruled.answer, cause, source=asked.source),
            None if ruled.entry is None else _entry_record(ruled.entry, ruled.hash),
            refused=ruled.refused,
            again=ruled.again,
        )

    def rule(
        self,
        asked: Asked,
        *,
        recorded_at: str,
        offset: int = -1,
        partition: int = -1,
        cause: str = "",
    ) -> Ruled:
        """Decide a request that read, and remember what was decided."""
        person = self._persons.get(asked.person_id)
        outcome = decide(person, asked, in_force=self.in_force)
        if isinstance(outcome, Decided) and asked.person_id in self.later:
            # Refused when its turn was, and by now the law or a hospital is another:
            # it is decided on top of what was entered since.
            for one in self.later.all_of(asked.person_id):
                self.apply(one)
            outcome = decide(person, asked, in_force=self.in_force)
        if isinstance(outcome, Decided):
            entry, hash_ = self._enter(
                outcome.fact, person, cause=cause, recorded_at=recorded_at
            )
            place = EntryPlace(entry.version, hash_, offset)
            self._remember(person, asked.person_id, fact=outcome.fact, at=place)
            data = self.decided(outcome.fact, at=place, partition=partition)
            return Ruled(Answer.of(asked, data, time=recorded_at), entry, hash_)
        return self._without_entry(
            outcome, asked, recorded_at=recorded_at, partition=partition
        )

    def _without_entry(
        self, outcome: Outcome, asked: Asked, *, recorded_at: str, partition: int
    ) -> Ruled:
        if isinstance(outcome, Again):
            return Ruled(None, again=outcome.name)
        if isinstance(outcome, Quoted):
            data = quoted(
                asked, outcome.block, totals=outcome.totals, packs=self.in_force.packs
            )
            return Ruled(Answer.of(asked, encode(data), time=recorded_at))
        assert isinstance(outcome, Refused)
        name = self._persons.get(asked.person_id).request(asked.source, asked.id)
        data = refusal_data(outcome.refusals)
        if name is not None and name.offset >= 0:
            _add_place(data, name, partition=partition)
        codes = tuple(refusal.code.value for refusal in outcome.refusals)
        return Ruled(to_request(asked, data, time=recorded_at), refused=codes)

    def _enter(
        self, fact: Fact, person: Person, *, cause: str, recorded_at: str
    ) -> tuple[Entry, bytes]:
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
        return entry, hash_

    def _remember(
        self, person: Person, person_id: str, *, fact: Fact, at: EntryPlace
    ) -> None:
        change = evolve(person, fact, at=at)
        person.apply(change)
        self._persons.touched(person_id, change)

    def decided(self, fact: Fact, *, at: EntryPlace, partition: int) -> bytes:
        """Write the answer's data to a decided request from its fact and place."""
        entry: dict[str, Any] = {"version": at.version, "hash": at.hash.hex()}
        if at.offset >= 0:
            entry = {"partition": partition, "offset": at.offset, **entry}
        return encode(decided(fact, packs=self.in_force.packs, entry=entry))

    def check(self, record: Record, *, partition: int, offset: int) -> Next | str:
        """Take a ledger record for a person's next entry, or say why it is a fork."""
        try:
            entry = read_entry(record.key, record.value, headers=record.headers)
            if partition_of(entry.person_id, self._partitions) != partition:
                return "wrong-partition"
            last = self.later.last(entry.person_id)
            head = self._persons.get(entry.person_id).head
            version, hash_ = (
                (head.version, head.hash)
                if last is None
                else (last.entry.version, last.hash)
            )
            if not follows(version, hash_, version=entry.version, prev=entry.prev_hash):
                return "does-not-follow"
            return Next(entry, read_fact(entry.type, entry.value), offset, entry.hash)
        except EntryError as wrong:
            return f"not-an-entry: {wrong}"
        except NoSuchFact:
            return "not-a-fact"

    def apply(self, one: Next) -> None:
        """Take an accepted entry over into what is known of its person."""
        entry = one.entry
        place = EntryPlace(entry.version, one.hash, one.offset)
        person = self._persons.get(entry.person_id)
        self._remember(person, entry.person_id, fact=one.fact, at=place)

    def answer_again(
        self, incoming: Incoming, record: Record, *, offset: int
    ) -> Record:
        """Give the first answer again, byte for byte, from the entry it stands in."""
        entry = read_entry(record.key, record.value, headers=record.headers)
        fact = read_fact(entry.type, entry.value)
        place = EntryPlace(entry.version, entry.hash, offset)
        data = self.decided(fact, at=place, partition=incoming.partition)
        answer = Answer(
            f"{fact.request_source}:{fact.request_id}",
            fact.person_id,
            entry.recorded_at,
            data,
        )
        made = _answer(answer, incoming.cause, source=fact.request_source)
        assert made is not None
        return made

    def _read(self, incoming: Incoming) -> Asked | Malformed | Handled:
        """Read a record: poison is a dead letter, answered where it can be."""
        envelope = _envelope(incoming)
        if envelope is None:
            return Handled(None, dead_letter="bad-headers")
        subject = envelope.get("subject", "")
        poison = self._misplaced(incoming, subject)
        data: Any = None
        if poison is None:
            try:
                data = orjson.loads(incoming.value or b"")
            except orjson.JSONDecodeError:
                poison = "bad-json" if _is_utf8(incoming.value) else "bad-bytes"
        if poison is None and not isinstance(data, dict):
            poison = "bad-json"
        if poison is not None:
            return self._poison(incoming, envelope, reason=poison)
        return read_request(envelope, data, raw=incoming.value or b"")

    def _misplaced(self, incoming: Incoming, subject: str) -> str | None:
        if incoming.value is not None and len(incoming.value) > MAX_REQUEST_BYTES:
            return "oversize"
        if incoming.key != subject.encode():
            return "wrong-key"
        if self._is_known(subject):
            return None
        if partition_of(subject, self._partitions) != incoming.partition:
            return "wrong-partition"
        return None

    def _is_known(self, subject: str) -> bool:
        """Tell whether the partition holds the person: then it is the right one."""
        return self._persons.get(subject).head.version > 0

    def _poison(
        self, incoming: Incoming, envelope: dict[str, str], *, reason: str
    ) -> Handled:
        wrong = bad("data", reason, zh="报文无法识别", envelope=envelope)
        time = envelope.get("time")
        answer = to_malformed(wrong, time=time, line=None)
        source = wrong.source
        has_name = source is not None and wrong.id is not None
        return Handled(
            _answer(answer, incoming.cause, source=source or "") if has_name else None,
            dead_letter=reason,
            refused=(Code.MALFORMED.value,),
        )

    def _malformed(
        self, wrong: Malformed, incoming: Incoming, *, recorded_at: str
    ) -> Handled:
        answer = to_malformed(wrong, time=recorded_at, line=None)
        return Handled(
            _answer(answer, incoming.cause, source=wrong.source or ""),
            refused=(Code.MALFORMED.value,),
        )

    def _record(self, asked: Asked, incoming: Incoming, *, recorded_at: str) -> Handled:
        answer = self.record(asked, recorded_at=recorded_at)
        reference = Record(
            _reference_key(asked.command),
            incoming.value or b"",
            [("ce_type", asked.type.encode()), ("cause", incoming.cause.encode())],
        )
        return Handled(
            _answer(answer, incoming.cause, source=asked.source), reference=reference
        )

    def record(self, asked: Asked, *, recorded_at: str) -> Answer:
        """Take a reference message in: sent again it replaces."""
        if isinstance(asked.command, Institution):
            self.in_force.institutions[asked.person_id] = registered(asked.command)
        return to_request(asked, {"outcome": "recorded"}, time=recorded_at)


def _answer(answer: Answer | None, cause: str, *, source: str) -> Record | None:
    """Write an answer under its sender's key; ``cause`` is the place of the request."""
    if answer is None:
        return None
    key = source.rsplit("/", 1)[-1].encode()
    return Record(key, answer.data, answer.headers(cause))


def _reference_key(command: Command) -> bytes:
    """Name what a reference message replaces: a later one of the same key."""
    if isinstance(command, CatalogueItem):
        day = command.begin_date.isoformat()
        return f"catalogue:{command.region}:{command.item}:{day}".encode()
    assert isinstance(command, Institution)
    return f"institution:{command.institution_id}".encode()


def _entry_record(entry: Entry, hash_: bytes) -> Record:
    return Record(entry.person_id.encode(), entry.value, entry_headers(entry, hash_))


def _add_place(data: dict[str, Any], name: SeenRequest, *, partition: int) -> None:
    """Say where the first entry of a taken name stands in the log."""
    for refusal in data["refusals"]:
        first = refusal["details"].get("first_entry")
        if first is not None:
            first.update(partition=partition, offset=name.offset)


def _envelope(incoming: Incoming) -> dict[str, str] | None:
    """Read the CloudEvents headers of a record; None if they are not text."""
    found: dict[str, str] = {}
    try:
        for name, value in incoming.headers:
            if name in _FIELDS:
                found[_FIELDS[name]] = value.decode()
            elif name.startswith("ce_"):
                found[name[3:]] = value.decode()
    except (UnicodeDecodeError, AttributeError):
        return None
    return found if "type" in found and "subject" in found else None


def _is_utf8(value: bytes | None) -> bool:
    try:
        (value or b"").decode()
    except UnicodeDecodeError:
        return False
    return True
