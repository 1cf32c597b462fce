"""What the ledger knows of one insured person, and what one entry changes of it.

A person is a small head, one PersonYear per pool and year, the requests seen and the
settlements kept: a visit loads only what it touches. All values are immutable; the
mappings are whatever holds them: dicts in memory, lazy views over a store elsewhere.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple, Protocol, TypeVar, overload

from msgspec import Struct
from msgspec.structs import replace

from jiesuan_events.entries.chain import GENESIS
from jiesuan_events.words.codes import RETIRED
from jiesuan_events.words.instants import moment
from jiesuan_ledger.accumulators.pools import PoolYear, has_moved
from jiesuan_ledger.facts import Claimed, Settled, Supplied
from jiesuan_ledger.parts.block import Block, Totals


class Enrolment(Struct, frozen=True, gc=False, array_like=True):
    """A person's enrolment in a scheme and region, from a day on."""

    scheme: str
    region: str
    category: str
    birth: date
    begin: date
    end: date | None
    status: str
    sex: str | None = None

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
    """A filing for care in another region (异地就医备案), and how it ends."""

    scheme: str
    type: str
    region: str
    begin: date
    end: date | None
    unfiled_after: date | None = None


class Designation(Struct, frozen=True, gc=False, array_like=True):
    """An institution that a person chose (定点备案), and how the choice ends.

    Without a disease it is for ordinary care.
    """

    scheme: str
    institution_id: str
    disease: str | None
    begin: date
    end: date | None
    ended_after: date | None = None


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


class EffectiveClaim(Struct, frozen=True, gc=False, array_like=True):
    """A visit that was claimed at the agency: nobody may settle it as well."""

    settlement_id: str
    institution_id: str
    visit_id: str


class Head(Struct, frozen=True, gc=False, array_like=True):
    """The person's place in the chain and everything that is not of one year.

    ``pools`` are the pools and years of which a PersonYear is kept.
    """

    version: int = 0
    hash: bytes = GENESIS
    enrolments: tuple[Enrolment, ...] = ()
    qualifications: tuple[Qualification, ...] = ()
    filings: tuple[Filing, ...] = ()
    admissions: tuple[Admission, ...] = ()
    designations: tuple[Designation, ...] = ()
    claims: tuple[EffectiveClaim, ...] = ()
    pools: tuple[PoolYear, ...] = ()


class Effective(Struct, frozen=True, gc=False, array_like=True):
    """One thing standing on the accumulators of a year, in ledger order.

    An effective settlement, or an inpatient report (no settlement id, its amount and
    its visit).
    """

    settlement_id: str
    sender_id: str
    institution_id: str
    care_type: str
    disease: str | None
    service_day: date | None
    pool_pay: int = 0
    reported: int = 0
    visit_id: str = ""


Chunk = tuple[Effective, ...]
ChunkKey = tuple[str, str, str, int]
"""A pool and year, and the number of a chunk, counted from the oldest."""
CHUNK: Final = 128
"""How many stand in a full chunk (measured by hot-person of `jiesuan bench`)."""


class PersonYear(Struct, frozen=True, gc=False, array_like=True):
    """One person's pool and year: the accumulators and the newest of what stands there.

    The rest stands in so many full chunks, each kept by itself: however long a life,
    a settlement touches and writes the newest alone (`Person.standing` reads all).
    """

    totals: Totals = Totals()
    newest: tuple[Effective, ...] = ()
    chunks: int = 0


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


class Particulars(Struct, frozen=True, gc=False, array_like=True):
    """What a bill's fact says besides its block: when, by which prescription."""

    incurred_at: str | None = None
    incurred_from: str | None = None
    prescription_id: str | None = None
    prescribing_institution: str | None = None
    supplies: tuple[Supplied, ...] = ()


class KeptSettlement(Struct, frozen=True, gc=False, array_like=True):
    """A settlement as a refund or a re-settlement needs it.

    ``besides`` is kept where the block is no longer the fact that says it.
    """

    block: Block
    claimed_by: str | None = None
    is_refunded: bool = False
    replaced_by: str | None = None
    besides: Particulars | None = None

    @property
    def particulars(self) -> Particulars:
        """What the bill's fact says besides its block."""
        fact = self.block
        if self.besides is not None or not isinstance(fact, (Settled, Claimed)):
            return self.besides or Particulars()
        return Particulars(
            fact.incurred_at,
            fact.incurred_from,
            fact.prescription_id,
            fact.prescribing_institution,
            fact.supplies,
        )


class ChainPlace(NamedTuple):
    """Where an entry stands: its version and hash, and its offset if it has one."""

    version: int
    hash: bytes
    offset: int = -1


class Change(Struct, frozen=True, gc=False):
    """What one entry changes of a person."""

    head: Head
    years: dict[PoolYear, PersonYear] = {}
    requests: dict[str, tuple[SeenRequest, ...]] = {}
    settlements: dict[str, KeptSettlement] = {}
    chunks: dict[ChunkKey, Chunk] = {}

    def with_head(self, **fields: Any) -> "Change":
        """Return the change with other values in the head."""
        return replace(self, head=replace(self.head, **fields))


EMPTY_YEAR = PersonYear()
K = TypeVar("K")
V = TypeVar("V")


class Remembered(Protocol[K, V]):
    """Where a person's values are looked up: a dict, or a view over a store.

    A view learns of a value when it is asked for it: it cannot list or count them.
    """

    @overload
    def get(self, key: K, /) -> V | None:
        """Return the value of a key, or None."""

    @overload
    def get(self, key: K, default: V, /) -> V:
        """Return the value of a key, or the default."""

    def get(self, key: K, default: V | None = None, /) -> V | None:
        """Return the value of a key, or the default."""
        ...

    def __getitem__(self, key: K, /) -> V: ...
    def update(self, changed: Mapping[K, V], /) -> None:
        """Take over changed values."""
        ...


def totals_region(head: Head, pool: PoolYear) -> str | None:
    """Return the region that a fact names beside its accumulators.

    It is named where one year of the scheme stands in several pools: without it the
    accumulators would read as those of before, summed over regions.
    """
    return pool[0] if has_moved(head.pools, pool) else None


class Person:
    """The state of one insured person."""

    __slots__ = ("chunks", "head", "requests", "settlements", "years")

    def __init__(
        self,
        head: Head,
        *,
        years: Remembered[PoolYear, PersonYear],
        requests: Remembered[str, tuple[SeenRequest, ...]],
        settlements: Remembered[str, KeptSettlement],
        chunks: Remembered[ChunkKey, Chunk],
    ) -> None:
        self.head = head
        self.years = years
        self.requests = requests
        self.settlements = settlements
        self.chunks = chunks

    def year_of(self, pool: PoolYear) -> PersonYear:
        """Return the year of a pool, empty if nothing happened in it."""
        return self.years.get(pool, EMPTY_YEAR)

    def standing(self, pool: PoolYear) -> Iterator[Effective]:
        """Return all that stands on the year of a pool, in ledger order."""
        year = self.year_of(pool)
        for number in range(year.chunks):
            yield from self.chunks[*pool, number]
        yield from year.newest

    def newest_standing(self, pool: PoolYear) -> Iterator[Effective]:
        """Return the same, the newest first: older chunks are read when asked for."""
        year = self.year_of(pool)
        yield from reversed(year.newest)
        for number in reversed(range(year.chunks)):
            yield from reversed(self.chunks[*pool, number])

    def request(self, source: str, id_: str) -> SeenRequest | None:
        """Find a request by its full name."""
        for seen in self.requests.get(id_, ()):
            if seen.source == source:
                return seen
        return None

    def put_request(self, change: Change, id_: str, *, seen: SeenRequest) -> None:
        """Put a request among those of its id in a change, in place of its former."""
        known = change.requests.get(id_) or self.requests.get(id_, ())
        others = tuple(one for one in known if one.source != seen.source)
        change.requests[id_] = (*others, seen)

    def apply(self, change: Change) -> None:
        """Take over what an entry changed."""
        self.head = change.head
        self.years.update(change.years)
        self.requests.update(change.requests)
        self.settlements.update(change.settlements)
        self.chunks.update(change.chunks)


class MemoryPerson(Person):
    """A person of whom everything is in memory, and can be listed."""

    years: dict[PoolYear, PersonYear]
    requests: dict[str, tuple[SeenRequest, ...]]
    settlements: dict[str, KeptSettlement]
    chunks: dict[ChunkKey, Chunk]

    def __init__(self, *, years: dict[PoolYear, PersonYear] | None = None) -> None:
        super().__init__(
            Head(), years=years or {}, requests={}, settlements={}, chunks={}
        )
