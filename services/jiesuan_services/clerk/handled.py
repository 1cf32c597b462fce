"""What comes of one record of the requests topic: one of six outcomes."""

from msgspec import Struct

from jiesuan_domain.person.state import SeenRequest
from jiesuan_events.entries.entry import Entry, entry_headers
from jiesuan_events.words.codes import RefusalCode
from jiesuan_ledger.facts import Fact
from jiesuan_ledger.log.record import Record
from jiesuan_services.clerk.answers import Answer
from jiesuan_services.intake.record import DeadLetter


class NewEntry(Struct, gc=False):
    """A fact that was entered, and the answer that may be given once it stands."""

    answer: Answer
    entry: Entry
    hash: bytes
    fact: Fact

    def record(self) -> Record:
        """Write the entry as the record that the ledger stores."""
        entry = self.entry
        headers = entry_headers(entry, self.hash)
        return Record(entry.person_id.encode(), entry.value, headers)


class AnswerAlone(Struct, gc=False):
    """An answer of which the ledger keeps nothing: quoted, or refused by codes."""

    answer: Answer
    refused: tuple[str, ...]


class Repeated(Struct, gc=False):
    """A request that came again: its first answer is due, from the log."""

    seen: SeenRequest


class Registered(Struct, gc=False):
    """An institution registered, and the reference record that tells all others."""

    answer: Answer
    reference: Record


class AnsweredDeadLetter(Struct, gc=False):
    """A record nobody can read, from a sender who can be named: put aside, answered."""

    reason: str
    answer: Answer


Ruled = NewEntry | AnswerAlone | Repeated
"""What the law makes of a request that reads."""
Handled = Ruled | Registered | DeadLetter | AnsweredDeadLetter
"""What comes of a record."""


def refused_by(handled: Handled) -> tuple[str, ...]:
    """Return the refusal codes of an answer, the one that counts first."""
    if isinstance(handled, AnsweredDeadLetter):
        return (RefusalCode.MALFORMED.value,)
    return handled.refused if isinstance(handled, AnswerAlone) else ()


def dead_letter_reason(handled: Handled) -> str | None:
    """Return why a record is put aside, None if it is not."""
    if isinstance(handled, DeadLetter | AnsweredDeadLetter):
        return handled.reason
    return None
