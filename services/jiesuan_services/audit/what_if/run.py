"""A what-if over every person of the ledger, one after the other, in their order."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from jiesuan_domain.in_force import InForce
from jiesuan_domain.person.evolve import evolve
from jiesuan_domain.person.state import ChainPlace, MemoryPerson
from jiesuan_domain.policy.model import Packs
from jiesuan_ledger.accumulators.pools import PoolYear
from jiesuan_ledger.reader import NO_HEAD, Fork, accept
from jiesuan_services.audit.history.ledger import (
    BROKEN_INDEX,
    HistoryRefused,
    PastLedger,
)
from jiesuan_services.audit.what_if.again import Scope, YearAgain, year_again
from jiesuan_services.audit.what_if.lines import WhatIfTotal, lines_of

END: Final = 2**63 - 1
Progress = Callable[[int], None]
"""Called with how many persons are done."""


def what_if(
    past: PastLedger, packs: Packs, *, scope: Scope, progress: Progress
) -> Iterator[dict[str, Any]]:
    """Return a line for each person's pool and year that moves, then the total."""
    in_force = InForce(packs, {})
    total = WhatIfTotal()
    for number, psn_no in enumerate(past.index.store.persons(), start=1):
        person = person_in(past, psn_no)
        yield from lines_of(
            psn_no, _years(person, scope=scope, in_force=in_force), total=total
        )
        progress(number)
    yield total.said()


def _years(
    person: MemoryPerson, *, scope: Scope, in_force: InForce
) -> Iterator[tuple[PoolYear, YearAgain]]:
    for pool in sorted(person.years):
        standing = tuple(person.standing(pool))
        yield pool, year_again(person, standing, scope=scope, in_force=in_force)


def person_in(past: PastLedger, psn_no: str) -> MemoryPerson:
    """Return a person's state, from the entries that the index holds."""
    person = MemoryPerson()
    head = NO_HEAD
    for record in past.index.store.entries(psn_no, until=END):
        partition = record.partition
        one = accept(record, head, partition=partition, partitions=past.partitions)
        if isinstance(one, Fork):
            raise HistoryRefused(BROKEN_INDEX)
        head = one.head(partition)
        at = ChainPlace(one.entry.version, one.hash, record.offset)
        person.apply(evolve(person, one.fact, at=at))
    return person
