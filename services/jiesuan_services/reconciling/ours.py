"""Our rows of an institution and some days: a line each, found by their ids."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from jiesuan_services.reconciling.lines import COLUMNS, DetailLine

COLUMNS_AFTER_ID: Final = len(COLUMNS) - 1
NOBODY: Final = b"\\N"
"""How a line of ours says that there is no value."""


class OurRow(NamedTuple):
    """A row of ours, in the words of the file."""

    line: DetailLine
    medins_setl_id: bytes
    original: bytes
    """The settlement that a refund takes back."""
    day: bytes = b""
    """The Beijing day of recording, of rows that were not asked for."""
    clr_type: bytes = b""
    """The clearing category, where another one was asked for."""

    @property
    def is_refund(self) -> bool:
        """Whether the row takes a settlement back."""
        return self.line.flag == b"1"


def our_row(text: bytes) -> OurRow:
    """Read a line of ours: seven columns, the sender's id, the original, and where it
    stands if not among those asked for: the day, the category."""
    parts = text.split(b"\t")
    return OurRow(DetailLine(*parts[:7]), *parts[7:])


class OurRows:
    """What we have, by id, and which of it was named.

    A million rows are held as bytes: each line without its id, under that id.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._rest: dict[bytes, bytes] = {}
        self._refund_of: dict[bytes, bytes] = {}
        self._taken: set[bytes] = set()
        for line in lines:
            id_, _, rest = line.partition(b"\t")
            self._rest[id_] = rest
            original = rest.rpartition(b"\t")[2]
            if original != NOBODY:
                self._refund_of[original] = id_

    def __contains__(self, id_: bytes) -> bool:
        return id_ in self._rest

    def meant(self, id_: bytes, flag: bytes) -> bytes:
        """Return the id of ours that an id means: a refund under its original's too."""
        return self._refund_of.get(id_, id_) if flag == b"1" else id_

    def row(self, id_: bytes) -> OurRow:
        """Return a row of ours."""
        return our_row(id_ + b"\t" + self._rest[id_])

    def take(self, id_: bytes) -> bool:
        """Mark a row as named; false if it was already."""
        before = len(self._taken)
        self._taken.add(id_)
        return len(self._taken) > before

    def equal(self, id_: bytes, rest: bytes) -> bytes | None:
        """Return the sender's id where a line is ours to the byte, else nothing."""
        mine = self._rest.get(id_)
        if mine is None or not mine.startswith(rest + b"\t"):
            return None
        after = mine[len(rest) + 1 :]
        sender, tab, _ = after.partition(b"\t")
        return sender if tab and rest.count(b"\t") == COLUMNS_AFTER_ID - 1 else None

    def left(self) -> Iterator[OurRow]:
        """Return the rows that nobody named, in the order they came."""
        for id_ in self._rest:
            if id_ not in self._taken:
                yield self.row(id_)
