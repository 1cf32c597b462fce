"""The bills entered before another, kept where each rule of pairs looks for them.

A rule then sees the few that it could hold against a bill, however many there are.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from operator import itemgetter
from typing import Any

from jiesuan_domain.checks.bills import CheckedBill

_Numbered = tuple[int, CheckedBill]
_number = itemgetter(0)


class Earlier:
    """Bills in the order in which they were entered; what is asked is latest first."""

    def __init__(self, bills: Iterable[CheckedBill] = ()) -> None:
        self._all: list[CheckedBill] = []
        self._claims: list[CheckedBill] = []
        self._places: dict[int, dict[str, list[_Numbered]]] = {}
        self._lasting: dict[Any, list[_Numbered]] = {}
        """By prescription and by item."""
        for bill in bills:
            self.add(bill)

    @property
    def is_empty(self) -> bool:
        """Whether there are none."""
        return not self._all

    def add(self, bill: CheckedBill) -> None:
        """Remember a bill."""
        one = (len(self._all), bill)
        self._all.append(bill)
        places = self._places.setdefault(bill.service_day.toordinal(), {})
        places.setdefault(bill.institution_id, []).append(one)
        if bill.is_claim:
            self._claims.append(bill)
        for item in {dispensed.item for dispensed in bill.dispensed}:
            self._lasting.setdefault(item, []).append(one)
        if bill.prescription is not None:
            self._lasting.setdefault(bill.prescription, []).append(one)

    def claimed(self, bill: CheckedBill) -> Iterator[CheckedBill]:
        """Return claims for a bill settled directly, and all bills for a claim."""
        return reversed(self._all if bill.is_claim else self._claims)

    def beside(self, bill: CheckedBill) -> Iterator[CheckedBill]:
        """Return the bills of the same day and institution."""
        here = self._on(bill.service_day.toordinal()).get(bill.institution_id, ())
        return (one for _, one in reversed(here))

    def elsewhere(self, bill: CheckedBill) -> Iterator[CheckedBill]:
        """Return the bills of other institutions, of that day or the next to it."""
        day = bill.service_day.toordinal()
        return _latest_first(
            bills
            for on in (day - 1, day, day + 1)
            for institution, bills in self._on(on).items()
            if institution != bill.institution_id
        )

    def prescribed(self, bill: CheckedBill) -> Iterator[CheckedBill]:
        """Return the bills of the same prescription."""
        if bill.prescription is None:
            return iter(())
        return _latest_first([self._lasting.get(bill.prescription, ())])

    def dispensing(self, bill: CheckedBill) -> Iterator[CheckedBill]:
        """Return the bills that dispense an item of this one."""
        return _latest_first(self._lasting.get(one.item, ()) for one in bill.dispensed)

    def _on(self, day: int) -> dict[str, list[_Numbered]]:
        return self._places.get(day, {})


def _latest_first(lists: Iterable[Iterable[_Numbered]]) -> Iterator[CheckedBill]:
    found = dict(chain.from_iterable(lists))
    return (one for _, one in sorted(found.items(), key=_number, reverse=True))
