"""Whose money a fact moves: the pool of a region of enrolment and a scheme, by year.

Every reader adds up by pool and takes no fact's word for the sums. What facts state of
them is checked by `verify`: a fact that names no region beside its accumulators, of a
person whose year stands in several pools, was written when they were summed over
regions.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from jiesuan_ledger.accumulators import totals
from jiesuan_ledger.facts import BlockFact, Enrolled, GapRefunded, InpatientReported
from jiesuan_ledger.parts.block import Block, Totals

PoolYear = tuple[str, str, str]
"""Region of enrolment, scheme and year."""
Counting = BlockFact | GapRefunded | InpatientReported
"""The facts that move accumulators."""


def pool_year(fact: Counting, *, home: str) -> PoolYear:
    """Return the pool and year that a fact moves.

    ``home`` is the region of the person's latest enrolment in the scheme: an inpatient
    report that names no region counts there (`contracts.md` §2).
    """
    if isinstance(fact, BlockFact):
        region = fact.insured_region
    elif isinstance(fact, GapRefunded):
        region = fact.reversed[-1].insured_region
    else:
        region = fact.insured_region or home
    return region, fact.scheme, fact.year


def blocks_of(fact: Counting) -> tuple[Block, ...]:
    """List the settlements and mirrors that a fact states, in its order."""
    if isinstance(fact, GapRefunded):
        return fact.reversed + fact.resettled
    return (fact,) if isinstance(fact, BlockFact) else ()


def add_up(before: Totals, fact: Counting) -> Totals:
    """Add what a fact states to the accumulators of its pool and year."""
    if isinstance(fact, BlockFact):
        return totals.add(before, fact)
    if isinstance(fact, InpatientReported):
        return totals.report(before, fact.in_scope)
    for block in blocks_of(fact):
        before = totals.add(before, block)
    return before


def has_moved(pools: Iterable[PoolYear], pool: PoolYear) -> bool:
    """Whether one year of a scheme stands in the pool of another region as well."""
    region, scheme, year = pool
    for other in pools:
        if other[2] == year and other[1] == scheme and other[0] != region:
            return True
    return False


class Homes:
    """The region of each person's latest enrolment, scheme by scheme.

    The latest begins last; of one day the last entered counts.
    """

    def __init__(self) -> None:
        self._latest: dict[tuple[str, str], tuple[date, str]] = {}

    def learn(self, person: str, scheme: str, *, begin: date, region: str) -> None:
        """Take note of an enrolment, in ledger order."""
        key = (person, scheme)
        known = self._latest.get(key)
        if known is None or begin >= known[0]:
            self._latest[key] = (begin, region)

    def take(self, fact: Enrolled) -> None:
        """Take note of the enrolment that a fact states."""
        self.learn(
            fact.person_id,
            fact.scheme,
            begin=fact.begin_date,
            region=fact.insured_region,
        )

    def known(self) -> Iterator[tuple[str, str, date, str]]:
        """Return whatever was learned: person, scheme, begin and region."""
        for (person, scheme), (begin, region) in self._latest.items():
            yield person, scheme, begin, region

    def of(self, person: str, scheme: str) -> str:
        """Return the region; empty where nobody was enrolled."""
        return self._latest.get((person, scheme), (date.min, ""))[1]
