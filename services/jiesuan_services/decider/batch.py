"""One batch: what was decided, what is to be written, and what may be said after."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, assert_never

from jiesuan_events.words.topics import ANSWERS, LEDGER
from jiesuan_ledger.log.port import Parcel, Pending
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_services.clerk.handled import (
    AnswerAlone,
    AnsweredDeadLetter,
    Handled,
    NewEntry,
    Registered,
    Repeated,
)
from jiesuan_services.clerk.runs import Run
from jiesuan_services.decider.repeats import Repeat
from jiesuan_services.decider.store.persons import Changes
from jiesuan_services.intake.letters import dead_letter
from jiesuan_services.intake.record import DeadLetter


class LastEntry(NamedTuple):
    """The last record of the ledger that was taken over or written."""

    offset: int
    hash: bytes


_ANSWERED: Final = (NewEntry, AnswerAlone, Registered, AnsweredDeadLetter)
NO_ENTRY: Final = LastEntry(0, b"")


def entry_id(record: Record) -> bytes:
    """Return what identifies a ledger record: the hash it claims, or its raw bytes."""
    return dict(record.headers).get("ce_id") or record.value or b"nothing"


@dataclass(slots=True)
class Batch:
    """What came of some requests, packed to be sent; the requests are let go of.

    Between two parcels of answers stands the repeat of the same number: it is answered
    when its first answer can be read.
    """

    first_request: int
    first_offset: int
    parcel: Callable[[str], Parcel]
    entries: Parcel = field(init=False)
    answers: list[Parcel] = field(init=False)
    repeats: list[Repeat] = field(default_factory=list)
    next_request: int = 0
    requests: int = 0
    references: list[Record] = field(default_factory=list)
    dead_letters: list[Record] = field(default_factory=list)
    refused: int = 0
    changes: Changes = field(default_factory=list)
    last_entry: Record | None = None
    pending: Pending | None = None
    last: LastEntry = NO_ENTRY
    is_whole: bool = True

    def __post_init__(self) -> None:
        self.entries = self.parcel(LEDGER)
        self.answers = [self.parcel(ANSWERS)]

    @property
    def next_offset(self) -> int:
        """The ledger offset that follows the batch's entries."""
        return self.first_offset + len(self.entries)

    def take(self, run: Run, handled: Sequence[Handled]) -> None:
        """Add what came of each request of a run: all entries, then all answers."""
        self.requests += len(run)
        entries = [one.record() for one in handled if isinstance(one, NewEntry)]
        for entry in entries:
            self.entries.append(entry)
        self.last_entry = entries[-1] if entries else self.last_entry
        answers = [
            one.answer.record(asked.incoming.cause)
            if isinstance(one, _ANSWERED)
            else None
            for asked, one in zip(run, handled, strict=True)
        ]
        for asked, one, answer in zip(run, handled, answers, strict=True):
            self._note(asked.incoming, one)
            if answer is not None:
                self.answers[-1].append(answer)

    def _note(self, incoming: Incoming, handled: Handled) -> None:
        """Add what came of one request besides its entry and its answer."""
        match handled:
            case NewEntry():
                pass
            case AnswerAlone():
                self.refused += bool(handled.refused)
            case Registered():
                self.references.append(handled.reference)
            case Repeated():
                self.repeats.append(Repeat(incoming, handled.seen.offset))
                self.answers.append(self.parcel(ANSWERS))
            case AnsweredDeadLetter():
                self.refused += 1
                self.dead_letters.append(dead_letter(incoming, handled.reason))
            case DeadLetter():
                self.dead_letters.append(dead_letter(incoming, handled.reason))
            case _:
                assert_never(handled)
