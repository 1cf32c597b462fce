"""The bills entered before another, kept where each rule of pairs looks for them.

A rule then sees the few that it could hold against a bill, however many there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from jiesuan_domain.checks.bills import CheckedBill, times_of

_MINUTES_A_DAY = 24 * 60
_DAYS_OF_ZONES = 2
"""Two clocks that show one moment may be 26 hours apart."""


class Earlier:
    """Bills in the order in which they were entered; each list is latest first."""

    def __init__(self, bills: Iterable[CheckedBill] = ()) -> None:
        self._entered: dict[str, int] = {}
        self._visits = _Shelf()
        self._days = _Shelf()
        self._prescriptions = _Shelf()
        self._items = _Shelf()
        self._places: dict[int, _Shelf] = {}
        for bill in bills:
            self.add(bill)

    def add(self, bill: CheckedBill) -> None:
        """Remember a bill."""
        self._entered[bill.settlement_id] = len(self._entered)
        self._visits[bill.institution_id, bill.visit_id].append(bill)
        self._days[_at_once(bill)].append(bill)
        if bill.prescription is not None:
            self._prescriptions[bill.prescription].append(bill)
        for item in {one.item for one in bill.dispensed}:
            self._items[item].append(bill)
        for day in {at.toordinal() for at in times_of(bill)}:
            places = self._places.setdefault(day, _Shelf())
            places[bill.institution_id].append(bill)

    def of_visit(self, bill: CheckedBill, value: Any) -> Iterator[CheckedBill]:
        """Yield the bills of the same visit."""
        return self._visits.latest_first((bill.institution_id, bill.visit_id))

    def at_once(self, bill: CheckedBill, value: Any) -> Iterator[CheckedBill]:
        """Yield the bills of the same institution, day and time."""
        return self._days.latest_first(_at_once(bill))

    def prescribed(self, bill: CheckedBill, value: Any) -> Iterator[CheckedBill]:
        """Yield the bills of the same prescription."""
        return self._prescriptions.latest_first(bill.prescription)

    def dispensing(self, bill: CheckedBill, value: Any) -> Iterable[CheckedBill]:
        """Return the bills that dispense an item of this one."""
        items = {one.item for one in bill.dispensed}
        return self._in_order(one for item in items for one in self._items[item])

    def elsewhere(self, bill: CheckedBill, minutes: int) -> Iterable[CheckedBill]:
        """Return the bills of other institutions that may lie so many minutes near."""
        reach = _DAYS_OF_ZONES + minutes // _MINUTES_A_DAY
        days = {
            day
            for at in times_of(bill)
            for day in range(at.toordinal() - reach, at.toordinal() + reach + 1)
        }
        return self._in_order(
            one
            for day in days & self._places.keys()
            for institution, bills in self._places[day].items()
            if institution != bill.institution_id
            for one in bills
        )

    def _in_order(self, bills: Iterable[CheckedBill]) -> Iterable[CheckedBill]:
        found = {one.settlement_id: one for one in bills}
        at = self._entered
        return [found[id_] for id_ in sorted(found, key=at.__getitem__, reverse=True)]


class _Shelf(defaultdict[Any, list[CheckedBill]]):
    """Lists of bills by what they share."""

    def __init__(self) -> None:
        super().__init__(list)

    def latest_first(self, shared: Any) -> Iterator[CheckedBill]:
        """Yield the bills that share something, the one entered last before all."""
        return reversed(self.get(shared, ()))


def _at_once(bill: CheckedBill) -> tuple[str, date, Any]:
    return bill.institution_id, bill.service_day, bill.at
