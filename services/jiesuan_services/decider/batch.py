"""One batch: what was decided, what is to be written, and what may be said after."""

from dataclasses import dataclass, field

from jiesuan_services.decider.persons import Dirty
from jiesuan_services.desk import Handled, Incoming, Record
from jiesuan_services.log.port import Pending


@dataclass(slots=True)
class Batch:
    """The requests of a batch and everything that came of them."""

    requests: list[Incoming]
    first_offset: int
    entries: list[Record] = field(default_factory=list)
    answers: list[Record | None] = field(default_factory=list)
    references: list[Record] = field(default_factory=list)
    dead_letters: list[Record] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    changes: list[tuple[bytes, bytes]] = field(default_factory=list)
    dirty: Dirty = field(default_factory=Dirty)
    pending: Pending | None = None
    last_hash: bytes = b""
    is_whole: bool = True

    @property
    def next_request(self) -> int:
        """The offset of the request that follows the batch."""
        return self.requests[-1].offset + 1

    @property
    def next_offset(self) -> int:
        """The ledger offset that follows the batch's entries."""
        return self.first_offset + len(self.entries)

    def take(self, incoming: Incoming, handled: Handled) -> None:
        """Add what came of one request."""
        self.answers.append(handled.answer)
        self.refused += handled.refused[:1]
        if handled.entry is not None:
            self.entries.append(handled.entry)
        if handled.reference is not None:
            self.references.append(handled.reference)
        if handled.dead_letter is not None:
            self.dead_letters.append(dead_letter(incoming, handled.dead_letter))


def dead_letter(incoming: Incoming, reason: str) -> Record:
    """Keep what could not be understood: raw bytes, headers, place and reason."""
    headers = [(f"x-{name}", value) for name, value in incoming.headers]
    headers += [
        ("topic", incoming.topic.encode()),
        ("partition", str(incoming.partition).encode()),
        ("offset", str(incoming.offset).encode()),
        ("reason", reason.encode()),
    ]
    return Record(incoming.key, incoming.value or b"", headers)
