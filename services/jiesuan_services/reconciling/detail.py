"""3202 对明细账: a file of rows held against ours, line by line, in their order."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Final

from jiesuan_services.reconciling.classes import (
    EQUAL,
    ONLY_OURS,
    ONLY_THEIRS,
    compared,
    equal_result,
    result,
)
from jiesuan_services.reconciling.lines import DetailLine, FileFault, read_line
from jiesuan_services.reconciling.opened import numbered
from jiesuan_services.reconciling.ours import OurRow, OurRows

REFUNDED: Final = b"1"
Elsewhere = Mapping[tuple[bytes, bool], OurRow]
"""Rows of ours of other days: by own id, or (true) by the original of a refund."""


def strangers(text: IO[bytes], ours: OurRows) -> Iterator[str]:
    """Yield the ids in the file that no row of this day explains.

    They may be rows of other days.
    """
    for number, line in numbered(text):
        id_, _, rest = line.partition(b"\t")
        lacks_refund = rest.endswith(REFUNDED) and ours.meant(id_, REFUNDED) == id_
        if id_ not in ours or lacks_refund:
            yield read_line(line, number).setl_id.decode()


def elsewhere(rows: Iterable[OurRow]) -> dict[tuple[bytes, bool], OurRow]:
    """Arrange rows of other days by the ids under which they may be named."""
    found: dict[tuple[bytes, bool], OurRow] = {}
    for row in rows:
        found[row.line.setl_id, False] = row
        if row.is_refund:
            found[row.original, True] = row
    return found


class Reconciler:
    """Compares one file with ours, and counts the classes."""

    def __init__(self, ours: OurRows, other_days: Elsewhere) -> None:
        self.counts: Counter[str] = Counter()
        self._ours = ours
        self._other_days = other_days
        self._seen: set[bytes] = set()
        self._unrefunded: set[bytes] = set()

    def results(self, text: IO[bytes]) -> Iterator[bytes]:
        """Return the lines of the result; raise FileFault naming a line."""
        ours, equal = self._ours, 0
        for number, line in numbered(text):
            id_, _, rest = line.partition(b"\t")
            # Most lines are ours to the byte, and then need not be looked at further.
            sender = ours.equal(id_, rest)
            if sender is None:
                yield self._one(read_line(line, number), number)
                continue
            if not ours.take(id_):
                raise _twice(id_, number)
            equal += 1
            yield equal_result(id_, rest, sender=sender)
        if equal:
            self.counts[EQUAL.decode()] += equal
        for row in ours.left():
            if row.line.setl_id not in self._unrefunded:
                yield self._said(None, row, class_=ONLY_OURS)

    def _one(self, theirs: DetailLine, number: int) -> bytes:
        id_ = self._ours.meant(theirs.setl_id, theirs.flag)
        if id_ not in self._ours:
            return self._stranger(theirs, number)
        row = self._ours.row(id_)
        if theirs.flag == REFUNDED and not row.is_refund:
            return self._without_refund(theirs, row, number=number)
        if not self._ours.take(id_):
            raise _twice(theirs.setl_id, number)
        return self._said(theirs, row, class_=compared(theirs, row.line))

    def _without_refund(
        self, theirs: DetailLine, mine: OurRow, *, number: int
    ) -> bytes:
        """Answer a refund of which these days have none: of another day, or of none.

        It does not stand for the settlement, which may have a line of its own.
        """
        id_ = theirs.setl_id
        refund = self._other_days.get((id_, True))
        self._once(id_ if refund is None else refund.line.setl_id, number)
        if refund is not None:
            return self._said(theirs, refund, class_=ONLY_THEIRS)
        self._unrefunded.add(id_)
        return self._said(theirs, mine, class_=compared(theirs, mine.line))

    def _stranger(self, theirs: DetailLine, number: int) -> bytes:
        is_refund = theirs.flag == REFUNDED
        row = self._other_days.get((theirs.setl_id, is_refund))
        row = row or self._other_days.get((theirs.setl_id, False))
        id_ = theirs.setl_id if row is None else row.line.setl_id
        key = id_ if row is not None else id_ + b"\t" + theirs.flag
        self._once(key, number)
        return self._said(theirs, row, class_=ONLY_THEIRS)

    def _once(self, key: bytes, number: int) -> None:
        if key in self._seen:
            raise _twice(key.partition(b"\t")[0], number)
        self._seen.add(key)

    def _said(
        self, theirs: DetailLine | None, row: OurRow | None, *, class_: bytes
    ) -> bytes:
        self.counts[class_.decode()] += 1
        return result(theirs, row, class_=class_)


def _twice(id_: bytes, number: int) -> FileFault:
    return FileFault(f"第{number}行：结算{id_.decode()}已在前面出现，同一笔只能写一行")
