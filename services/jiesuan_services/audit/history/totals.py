"""The whole ledger as of a point: counts, state roots, accumulators by year."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from operator import add
from typing import Any, Final

from msgspec.structs import astuple

from jiesuan_events.words.glossary import wire_name
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.parts.block import Totals
from jiesuan_ledger.reader import ChainHead
from jiesuan_services.audit.chains import Chains
from jiesuan_services.audit.history.ledger import PastLedger
from jiesuan_services.audit.points import AsOf, said

CUM: Final = tuple(wire_name(word) for word in Totals.__struct_fields__)
"""The names of the accumulators, in the order of the contract."""

YearKey = tuple[str, str]
"""Scheme and year."""

Amounts = tuple[int, ...]
"""The accumulators, in the order of their names."""

NOTHING: Final[Amounts] = (0,) * len(CUM)


def plus(one: Amounts, other: Amounts) -> Amounts:
    """Return the sums of accumulators, one by one."""
    return tuple(map(add, one, other))


class LedgerTotals:
    """What the partitions of a ledger come to at one point."""

    def __init__(self, kept: AsOf) -> None:
        self.kept = kept
        self.entries = 0
        self.persons = 0
        self.roots: dict[str, str] = {}
        self.years: dict[YearKey, Amounts] = {}
        self._counted: dict[YearKey, int] = {}

    def add(self, partition: int, chains: Chains) -> None:
        """Add a partition, whose persons are nobody else's."""
        self.entries += chains.entries
        self.persons += chains.persons
        self.roots[str(partition)] = state_root(chains.heads.items())
        named: set[tuple[str, YearKey]] = set()
        for (person, *_, scheme, year), totals in chains.totals.items():
            key = (scheme, year)
            self.years[key] = plus(self.years.get(key, NOTHING), astuple(totals))
            if (person, key) not in named:
                named.add((person, key))
                self._counted[key] = self._counted.get(key, 0) + 1

    def said(self) -> dict[str, Any]:
        """Return the object that `as-of POINT totals` prints."""
        return {
            "as_of": said(self.kept),
            "entries": self.entries,
            "persons": self.persons,
            "state_root": self.roots,
            "years": [
                {
                    "insutype": scheme,
                    "year": year,
                    "persons": self._counted[scheme, year],
                    **dict(zip(CUM, sums, strict=True)),
                }
                for (scheme, year), sums in sorted(self.years.items())
            ],
        }


async def totals_at(past: PastLedger, points: Sequence[AsOf]) -> list[LedgerTotals]:
    """Return the totals at points that follow each other, the log read once.

    It is read from the latest state that is kept from before the first point.
    """
    made = [LedgerTotals(kept) for kept in points]
    for partition in range(past.partitions):
        chains, at = await past.states.resumed(
            past.log,
            partition,
            upto=made[0].kept[partition],
            partitions=past.partitions,
        )
        for totals in made:
            stop = totals.kept[partition] + 1
            await _take(past, chains, start=at, stop=stop)
            totals.add(partition, chains)
            at = stop
    return made


async def _take(past: PastLedger, chains: Chains, *, start: int, stop: int) -> None:
    reading = past.log.read(LEDGER, chains.partition, start=start, stop=stop)
    async for batch in reading:
        for stored in batch:
            chains.take(stored.record, stored.offset)
            if past.states.is_due(stored.offset):
                past.states.keep(chains, stored)


def state_root(heads: Iterable[tuple[str, ChainHead]]) -> str:
    """Return the state root of a partition: all persons' heads in one digest."""
    state = sha256()
    for person, head in sorted(heads):
        line = f"{person}\t{head.version}\t{head.hash.hex()}\n"
        state.update(line.encode())
    return state.hexdigest()
