"""The year of anybody in town: visits, and what goes wrong at a counter."""

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from jiesuan_services.demo.town.messages import (
    Message,
    Posted,
    Registrar,
    Someone,
    TownVisit,
    stamp,
)
from jiesuan_services.demo.town.places import (
    HOSPITALS,
    NEAR,
    PHARMACIES,
    TownInstitution,
)
from jiesuan_services.demo.town.stories import KIND_OF_CARE, YEAR

SICKLY: Final = 0.15
CHRONIC: Final = 0.10
DISEASES: Final = ("M01600", "M00500", "M02101", "M00105", "M08301")
NOBODY: Final = TownInstitution("H42010099999", "没有登记的诊所", "1")


def someone(clerk: Registrar, number: int) -> Someone:
    """Invent a person; the old are retired and more often ill."""
    rng = clerk.rng
    age = rng.choices((0, 18, 35, 50, 60, 75), (8, 18, 24, 20, 20, 10))[0]
    born = date(YEAR - age, 12, 31) - timedelta(days=rng.randrange(15 * 365))
    born = min(born, date(YEAR, 1, 1))  # who is enrolled on that day was born by then
    is_old = age >= 60
    is_chronic = rng.random() < CHRONIC * (3 if is_old else 0.5)
    return Someone(
        clerk.person(number),
        born,
        "12" if is_old else "11",
        rng.choice(DISEASES) if is_chronic else None,
    )


def number_of_visits(rng: random.Random) -> int:
    """Say how often somebody goes: most a few times, some every other week."""
    return rng.randint(18, 30) if rng.random() < SICKLY else rng.randint(2, 8)


@dataclass(slots=True)
class Life:
    """One person's year as it is lived; ``standing`` is what may be taken back."""

    clerk: Registrar
    who: Someone
    standing: list[Message] = field(default_factory=list)

    def days(self) -> Iterator[Posted]:
        """Live every day on which something happens, in order."""
        rng = self.clerk.rng
        for day in sorted(rng.sample(range(1, 364), number_of_visits(rng))):
            at = stamp(date(YEAR, 1, 1) + timedelta(days=day), rng.randint(480, 1020))
            yield from self._day(at)

    def _day(self, at: datetime) -> Iterator[Posted]:
        what = self.clerk.rng.choices(WHAT, CHANCES)[0]
        if len(self.standing) < NEEDS.get(what, 0):
            what = Life.visit
        yield from what(self, at)

    def visit(self, at: datetime) -> Iterator[Posted]:
        """Settle a visit; now and then it is quoted first, or sent twice."""
        rng = self.clerk.rng
        visit = self._anywhere()
        if rng.random() < 0.03:
            early = at - timedelta(minutes=5)
            quote = self.clerk.settle(self.who, visit, at=early, type_="quote")
            yield Posted(early, "quote", "quoted", quote)
        message = self.clerk.settle(self.who, visit, at=at)
        yield Posted(at, KIND_OF_CARE[visit.care], "decided", message)
        self.standing.append(message)
        luck = rng.random()
        soon = at + timedelta(minutes=1)
        if luck < 0.015:
            yield Posted(soon, "duplicate", "again", message)
        elif luck < 0.02:
            other = copy.deepcopy(message)
            other["data"]["invono"] = "OTHER"
            yield Posted(soon, "duplicate-different", "duplicate-different", other)

    def _anywhere(self) -> TownVisit:
        rng = self.clerk.rng
        fen = int(rng.lognormvariate(10.0, 0.8))
        amounts = [("01", max(fen, 500))]
        if rng.random() < 0.4:
            amounts.append(("02", max(fen // 3, 500)))
        if rng.random() < 0.1:
            amounts.append(("03", max(fen // 9, 300)))
        balance = rng.randint(0, 60000) if rng.random() < 0.3 else None
        ceiling = max(fen // 4, 400) if rng.random() < 0.1 else None
        if self.who.disease is not None and rng.random() < 0.5:
            place, care = rng.choice(HOSPITALS), "14"
        elif rng.random() < 0.25:
            place, care = rng.choice(PHARMACIES), "41"
        else:
            place = rng.choice(HOSPITALS if rng.random() < 0.3 else NEAR)
            care = "13" if rng.random() < 0.06 else "11"
        disease = self.who.disease if care == "14" else None
        return TownVisit(
            place,
            care,
            tuple(amounts),
            ceiling_fen=ceiling,
            disease=disease,
            balance_fen=balance,
        )

    def refund(self, at: datetime) -> Iterator[Posted]:
        """Take the last settlement back."""
        message = self.clerk.take_back(self.standing.pop(), at)
        yield Posted(at, "refund", "decided", message)

    def refund_in_order(self, at: datetime) -> Iterator[Posted]:
        """Try to skip one, be refused, and do it in the order that was named."""
        skipping = self.clerk.take_back(self.standing[-2], at)
        yield Posted(at, "skipping-refund", "later-settlements-first", skipping)
        for minutes in (10, 20):
            yield from self.refund(at + timedelta(minutes=minutes))

    def gap_refund(self, at: datetime) -> Iterator[Posted]:
        """Take an earlier settlement back; the later ones are settled again."""
        target = self.standing.pop(-self.clerk.rng.randint(2, 3))
        message = self.clerk.take_back(target, at, type_="gap-refund")
        yield Posted(at, "gap-refund", "decided", message)

    def compensate(self, at: datetime) -> Iterator[Posted]:
        """Undo the last settlement, its outcome having been lost on the way."""
        message = self.clerk.compensate(self.standing.pop(), at)
        yield Posted(at, "compensation", "decided", message)

    def report(self, at: datetime) -> Iterator[Posted]:
        """Report a hospital stay that was settled elsewhere."""
        fen = self.clerk.rng.randint(200_000, 3_000_000)
        message = self.clerk.report_inpatient(self.who, fen, at=at)
        yield Posted(at, "inpatient", "decided", message)

    def misspell(self, at: datetime) -> Iterator[Posted]:
        """Send a field that does not exist."""
        message = self.clerk.settle(self.who, self._anywhere(), at=at)
        message["data"]["medfee_sumamt"] = "1.00"
        yield Posted(at, "malformed", "malformed", message)

    def forget_prescription(self, at: datetime) -> Iterator[Posted]:
        """Ask at a pharmacy without a prescription."""
        place = self.clerk.rng.choice(PHARMACIES)
        visit = TownVisit(place, "41", (("01", 4200),), prescribed=False)
        message = self.clerk.settle(self.who, visit, at=at)
        yield Posted(at, "no-prescription", "prescription-required", message)

    def claim_disease(self, at: datetime) -> Iterator[Posted]:
        """Ask for a chronic benefit that nobody recognised."""
        visit = TownVisit(NEAR[0], "14", (("01", 15000),), disease="M08306")
        message = self.clerk.settle(self.who, visit, at=at)
        yield Posted(at, "unqualified", "not-qualified", message)

    def go_to_nobody(self, at: datetime) -> Iterator[Posted]:
        """Be billed by an institution that was never registered."""
        visit = TownVisit(NOBODY, "11", (("01", 9900),))
        message = self.clerk.settle(self.who, visit, at=at)
        yield Posted(at, "unregistered", "unknown-institution", message)


Happening = Callable[[Life, datetime], Iterator[Posted]]
ODDS: Final[tuple[tuple[Happening, float], ...]] = (
    (Life.visit, 91.0),
    (Life.refund, 3.0),
    (Life.refund_in_order, 1.2),
    (Life.gap_refund, 0.4),
    (Life.compensate, 0.6),
    (Life.report, 0.8),
    (Life.misspell, 0.6),
    (Life.forget_prescription, 0.8),
    (Life.claim_disease, 0.8),
    (Life.go_to_nobody, 0.3),
)
WHAT: Final = tuple(what for what, _ in ODDS)
CHANCES: Final = tuple(chance for _, chance in ODDS)
NEEDS: Final[dict[Happening, int]] = {
    Life.refund: 1,
    Life.refund_in_order: 2,
    Life.gap_refund: 3,
    Life.compensate: 1,
}
