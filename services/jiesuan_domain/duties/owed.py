"""What refusals, claims and recognitions leave to be done, and by whom."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from msgspec import Struct

from jiesuan_domain.duties.duty import Clock, Duty
from jiesuan_domain.person.enrolment import enrolment_on
from jiesuan_domain.person.state import Enrolment, Head
from jiesuan_events.words.codes import RefusalCode

_DECIDED_ONCE: Final = (
    RefusalCode.DUPLICATE_DIFFERENT,
    RefusalCode.COMPENSATED_BEFORE,
)
LEAVES_NOTHING: Final = {
    Clock.UPLOAD: frozenset(
        (
            *_DECIDED_ONCE,
            RefusalCode.INPATIENT_STAY,
            RefusalCode.PRESCRIPTION_REQUIRED,
        )
    ),
    Clock.FLAG: frozenset((*_DECIDED_ONCE, RefusalCode.DISEASE_NOT_IN_LIST)),
}
"""Refusals after which nothing is owed: the name was decided once, the bill belongs to
a stay or is a pharmacy's (the limit binds 定点医疗机构), the disease is none of the
region's."""


class RefusedSince(Struct, frozen=True, kw_only=True):
    """A request that was refused and never decided since."""

    clock: Clock
    person_id: str
    source: str
    request_id: str
    since: date
    code: str


class ClaimedBill(Struct, frozen=True, kw_only=True):
    """A bill that came with its claim, on the day it was recorded."""

    person_id: str
    institution_id: str
    settlement_id: str
    region: str
    scheme: str
    service_day: date
    recorded: date


class Recognised(Struct, frozen=True, kw_only=True):
    """A chronic disease that a hospital recognised, and when the ledger held it."""

    person_id: str
    scheme: str
    disease: str
    begin: date
    identified: date
    recorded: date


class Enrolments:
    """The enrolments of persons, as they were registered, in ledger order."""

    def __init__(self, rows: Iterable[tuple[str, Enrolment]]) -> None:
        heads: dict[str, list[Enrolment]] = {}
        for person, one in rows:
            heads.setdefault(person, []).append(one)
        self._heads = {
            person: Head(enrolments=tuple(ones)) for person, ones in heads.items()
        }

    def on(self, person: str, day: date) -> dict[str, str]:
        """Return the region of each scheme in which a person is enrolled on a day."""
        head = self._heads.get(person, Head())
        schemes = sorted({one.scheme for one in head.enrolments})
        found = ((scheme, enrolment_on(head, scheme, on=day)) for scheme in schemes)
        return {scheme: one.region for scheme, one in found if one is not None}


def of_refusals(
    refused: Iterable[RefusedSince], enrolments: Enrolments
) -> Iterator[Duty]:
    """Return what is still to be done after refusals: upload a bill, set a flag."""
    for one in refused:
        if one.code in LEAVES_NOTHING[one.clock]:
            continue
        schemes = enrolments.on(one.person_id, one.since)
        yield Duty(
            clock=one.clock,
            person_id=one.person_id,
            responsible=one.source.rsplit("/", 1)[-1],
            subject=one.request_id,
            since=one.since,
            done=None,
            schemes=tuple((region, scheme) for scheme, region in schemes.items()),
            refusal=one.code,
        )


def of_claims(claimed: Iterable[ClaimedBill]) -> Iterator[Duty]:
    """Return the uploads that came with claims: from the service day to the entry."""
    for one in claimed:
        yield Duty(
            clock=Clock.UPLOAD,
            person_id=one.person_id,
            responsible=one.institution_id,
            subject=one.settlement_id,
            since=one.service_day,
            done=one.recorded,
            schemes=((one.region, one.scheme),),
        )


def of_recognitions(
    recognised: Iterable[Recognised], enrolments: Enrolments
) -> Iterator[Duty]:
    """Return the flags that were set: from the hospital's day to the entry."""
    for one in recognised:
        region = enrolments.on(one.person_id, one.begin).get(one.scheme)
        if region is None:
            continue
        yield Duty(
            clock=Clock.FLAG,
            person_id=one.person_id,
            responsible=region,
            subject=one.disease,
            since=one.identified,
            done=one.recorded,
            schemes=((region, one.scheme),),
        )
