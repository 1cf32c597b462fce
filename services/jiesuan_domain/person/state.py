"""What the ledger knows of one insured person, and what one entry changes of it.

A person is a small head, one PersonYear per (scheme, year), the requests seen and the
settlements kept: a visit loads only what it touches. All values are immutable; the
mappings are whatever holds them: dicts in memory, lazy views over a store elsewhere.
"""

from collections.abc import MutableMapping
from datetime import date, datetime
from typing import NamedTuple

from msgspec import Struct

from jiesuan_events.entries.chain import GENESIS
from jiesuan_events.words.codes import RETIRED
from jiesuan_events.words.instants import moment
from jiesuan_ledger.facts import Block, Totals


class Enrolment(Struct, frozen=True, gc=False, array_like=True):
    """A person's enrolment in a scheme and region, from a day on."""

    scheme: str
    region: str
    category: str
    birth: date
    begin: date
    end: date | None
    status: str

    @property
    def is_retired(self) -> bool:
        """Whether the person is retired: category 12…."""
        return self.category.startswith(RETIRED)


class Qualification(Struct, frozen=True, gc=False, array_like=True):
    """A recognised chronic disease (门慢特备案) and how it ends."""

    scheme: str
    disease: str
    begin: date
    end: date | None
    revoked_after: date | None = None


class Filing(Struct, frozen=True, gc=False, array_like=True):
    """A filing for care in another region (异地就医备案)."""

    scheme: str
    type: str
    region: str
    begin: date
    end: date | None


class Admission(Struct, frozen=True, gc=False, array_like=True):
    """A stay in hospital: from admission until, but not including, discharge."""

    visit_id: str
    institution_id: str
    admitted_at: str
    discharged_at: str | None = None
    """As they were sent: an instant may be finer than a datetime."""

    @property
    def begin(self) -> datetime:
        """When it began."""
        return moment(self.admitted_at)

    @property
    def end(self) -> datetime | None:
        """When it ended, if it has."""
        return None if self.discharged_at is None else moment(self.discharged_at)


class Head(Struct, frozen=True, gc=False, array_like=True):
    """The person's place in the chain and everything that is not of one year."""

    version: int = 0
    hash: bytes = GENESIS
    enrolments: tuple[Enrolment, ...] = ()
    qualifications: tuple[Qualification, ...] = ()
    filings: tuple[Filing, ...] = ()
    admissions: tuple[Admission, ...] = ()


class Effective(Struct, frozen=True, gc=False, array_like=True):
    """One thing standing on the accumulators of a year, in ledger order.

    An effective settlement, or an inpatient report (no settlement id, its amount).
    """

    settlement_id: str
    sender_id: str
    institution_id: str
    care_type: str
    disease: str | None
    service_day: date | None
    pool_pay: int = 0
    reported: int = 0


class PersonYear(Struct, frozen=True, gc=False, array_like=True):
    """One person's scheme and year: the accumulators and what stands on them."""

    totals: Totals = Totals()
    effective: tuple[Effective, ...] = ()


class SeenRequest(Struct, frozen=True, gc=False, array_like=True):
    """A request's name, taken for ever: what it said and where it was entered."""

    source: str
    type: str
    content: str
    version: int
    hash: bytes
    offset: int
    settlement_id: str | None = None
    barred: bool = False


class KeptSettlement(Struct, frozen=True, gc=False, array_like=True):
    """A settlement as a refund or a re-settlement needs it."""

    block: Block
    claimed_by: str | None = None
    is_refunded: bool = False
    replaced_by: str | None = None


class ChainPlace(NamedTuple):
    """Where an entry stands: its version and hash, and its offset if it has one."""

    version: int
    hash: bytes
    offset: int = -1


YearKey = tuple[str, str]
"""Scheme and year."""


class Change(Struct, frozen=True, gc=False):
    """What one entry changes of a person."""

    head: Head
    years: dict[YearKey, PersonYear] = {}
    requests: dict[str, tuple[SeenRequest, ...]] = {}
    settlements: dict[str, KeptSettlement] = {}


EMPTY_YEAR = PersonYear()


class Person:
    """The state of one insured person."""

    __slots__ = ("head", "requests", "settlements", "years")

    def __init__(
        self,
        head: Head | None = None,
        *,
        years: MutableMapping[YearKey, PersonYear] | None = None,
        requests: MutableMapping[str, tuple[SeenRequest, ...]] | None = None,
        settlements: MutableMapping[str, KeptSettlement] | None = None,
    ) -> None:
        self.head = head if head is not None else Head()
        self.years = years if years is not None else {}
        self.requests = requests if requests is not None else {}
        self.settlements = settlements if settlements is not None else {}

    def year_of(self, scheme: str, year: str) -> PersonYear:
        """Return a scheme's year, empty if nothing happened in it."""
        return self.years.get((scheme, year), EMPTY_YEAR)

    def request(self, source: str, id_: str) -> SeenRequest | None:
        """Find a request by its full name."""
        for seen in self.requests.get(id_, ()):
            if seen.source == source:
                return seen
        return None

    def apply(self, change: Change) -> None:
        """Take over what an entry changed."""
        self.head = change.head
        self.years.update(change.years)
        self.requests.update(change.requests)
        self.settlements.update(change.settlements)
