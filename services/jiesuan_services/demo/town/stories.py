"""Lives that the demo tells: a year with everything, 24万, another region, a move."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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
    AFAR,
    AWAY,
    CITY,
    COMMUNITY,
    COUNTY,
    GENERAL,
    HOME,
    MINISTRY,
    PHARMACIES,
)

YEAR: Final = 2025
LATER: Final = timedelta(minutes=20)


@dataclass(slots=True)
class Diary:
    """A person's year being written, each entry after the one before."""

    clerk: Registrar
    who: Someone
    posted: list[Posted] = field(default_factory=list)

    def note(
        self, at: datetime, kind: str, *, message: Message, expects: str = "decided"
    ) -> Message:
        """Enter a message."""
        self.posted.append(Posted(at, kind, expects, message))
        return message

    def settle(self, month: int, day: int, visit: TownVisit) -> Message:
        """Settle a visit at ten in the morning."""
        at = stamp(date(YEAR, month, day), 600)
        message = self.clerk.settle(self.who, visit, at=at)
        return self.note(at, KIND_OF_CARE[visit.care], message=message)

    def refund(
        self,
        settled: Message,
        at: datetime,
        *,
        kind: str = "refund",
        expects: str = "decided",
    ) -> Message:
        """Ask to take a settlement back."""
        type_ = "gap-refund" if kind == "gap-refund" else "refund"
        message = self.clerk.take_back(settled, at, type_=type_)
        return self.note(at, kind, message=message, expects=expects)


KIND_OF_CARE: Final = {
    "11": "ordinary",
    "13": "emergency",
    "14": "chronic",
    "41": "pharmacy",
}


def _plain(fen: int) -> tuple[tuple[str, int], ...]:
    return (("01", fen),)


def a_full_year(clerk: Registrar) -> Iterator[Posted]:
    """The life of a retired diabetic: deductible, cap, refunds, a gap refund."""
    who = Someone(clerk.person(1), date(1957, 5, 20), "12", "M01600")
    diary = Diary(clerk, who)
    _settle_in(diary)
    spring = TownVisit(COUNTY, "11", _plain(120000), balance_fen=30000)
    quoted = stamp(date(YEAR, 3, 20), 590)
    diary.note(
        quoted,
        "quote",
        message=clerk.settle(who, spring, at=quoted, type_="quote"),
        expects="quoted",
    )
    diary.settle(3, 20, spring)
    _refunds_in_order(diary)
    _gap_refund(diary)
    diary.settle(10, 28, TownVisit(GENERAL, "11", (("01", 310000), ("02", 70000))))
    _compensation(diary)
    yield from diary.posted


def _settle_in(diary: Diary) -> None:
    diary.settle(1, 14, TownVisit(COMMUNITY, "11", _plain(62000)))
    bill = (("01", 90000), ("02", 40000), ("02", 9000), ("03", 5800))
    diary.settle(2, 11, TownVisit(GENERAL, "11", bill, ceiling_fen=32000))
    diary.settle(2, 25, TownVisit(COMMUNITY, "14", _plain(85000), disease="M01600"))
    diary.settle(3, 8, TownVisit(PHARMACIES[0], "41", _plain(46000), balance_fen=20000))


def _refunds_in_order(diary: Diary) -> None:
    """Refuse a refund that skips two, then do it in the order that was named."""
    first = diary.settle(4, 12, TownVisit(MINISTRY, "11", _plain(260000)))
    chronic = TownVisit(COMMUNITY, "14", _plain(90000), disease="M01600")
    second = diary.settle(5, 9, chronic)
    again = stamp(date(YEAR, 5, 9), 605)
    diary.note(again, "duplicate", message=second, expects="again")
    other = TownVisit(COUNTY, "11", _plain(130000))
    third = diary.settle(6, 15, other)
    at = stamp(date(YEAR, 6, 16), 600)
    diary.refund(first, at, kind="skipping-refund", expects="later-settlements-first")
    for settled in (third, second, first):
        at += LATER
        diary.refund(settled, at)
    diary.settle(6, 17, chronic)
    diary.settle(6, 18, other)


def _gap_refund(diary: Diary) -> None:
    wrong = diary.settle(8, 19, TownVisit(GENERAL, "13", _plain(190000)))
    diary.settle(9, 10, TownVisit(COMMUNITY, "11", _plain(38000)))
    diary.settle(9, 24, TownVisit(COUNTY, "11", _plain(96000)))
    diary.refund(wrong, stamp(date(YEAR, 10, 6), 600), kind="gap-refund")


def _compensation(diary: Diary) -> None:
    visit = TownVisit(PHARMACIES[1], "41", _plain(21000))
    unsure = diary.settle(12, 12, visit)
    at = stamp(date(YEAR, 12, 12), 610)
    undo = diary.clerk.compensate(unsure, at)
    diary.note(at, "compensation", message=undo)
    diary.settle(12, 13, visit)


def beyond_large_sum(clerk: Registrar) -> Iterator[Posted]:
    """The life of a dialysis patient whose year crosses 24万 in July."""
    who = Someone(clerk.person(2), date(1979, 9, 2), "11", "M07801")
    diary = Diary(clerk, who)
    for month in range(1, 13):
        bill = (("01", 900000), ("02", 66666))
        visit = TownVisit(GENERAL, "14", bill, disease="M07801")
        diary.settle(month, 6, visit)
        if month in (2, 6):
            at = stamp(date(YEAR, month, 20), 600)
            fen = 9800000 if month == 2 else 7650000
            report = clerk.report_inpatient(who, fen, at=at)
            diary.note(at, "inpatient", message=report)
    yield from diary.posted


def in_another_region(clerk: Registrar) -> Iterator[Posted]:
    """The life of a mother with her child afar: refused unfiled, filed, settled."""
    who = Someone(clerk.person(3), date(1960, 3, 3), "12")
    diary = Diary(clerk, who)
    visit = TownVisit(AFAR, "11", (("01", 180000), ("02", 52000), ("03", 4500)))
    at = stamp(date(YEAR, 3, 1), 600)
    unfiled = clerk.settle(who, visit, at=at)
    diary.note(at, "unfiled", message=unfiled, expects="no-filing")
    filed = stamp(date(YEAR, 3, 1), 900)
    filing = clerk.file(who, AWAY, at=filed)
    diary.note(filed, "filing", message=filing)
    for month in (3, 5, 8, 11):
        diary.settle(month, 2, visit)
    yield from diary.posted


def moves_to_the_province(clerk: Registrar) -> Iterator[Posted]:
    """The life of a worker who leaves the city's pool for the province's in July."""
    who = Someone(clerk.person(4), date(1985, 4, 8), "11", home=CITY)
    diary = Diary(clerk, who)
    diary.settle(1, 15, TownVisit(COMMUNITY, "11", _plain(150000)))
    diary.settle(3, 12, TownVisit(GENERAL, "11", _plain(280000)))
    last = diary.settle(5, 20, TownVisit(COUNTY, "13", _plain(90000)))
    moved = date(YEAR, 7, 1)
    at = stamp(moved, 600)
    diary.who = replace(who, home=HOME)
    enrolment = clerk.enrol(diary.who, at, begins=moved)
    diary.note(at, "moving", message=enrolment)
    diary.settle(7, 8, TownVisit(COMMUNITY, "11", _plain(180000)))
    diary.settle(9, 10, TownVisit(GENERAL, "11", _plain(420000)))
    diary.refund(last, stamp(date(YEAR, 11, 5), 600))
    yield from diary.posted


STORIES: Final = (
    a_full_year,
    beyond_large_sum,
    in_another_region,
    moves_to_the_province,
)
PROTAGONISTS: Final = (
    (date(1957, 5, 20), "12", "M01600", HOME),
    (date(1979, 9, 2), "11", "M07801", HOME),
    (date(1960, 3, 3), "12", None, HOME),
    (date(1985, 4, 8), "11", None, CITY),
)
"""Whom the stories are about: birth date, category, chronic disease, first region."""
