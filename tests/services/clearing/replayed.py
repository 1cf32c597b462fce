"""The months made again from the lines of `jiesuan replay`, and from nothing else."""

from collections.abc import Iterable
from typing import Any

import orjson
from msgspec import Raw, Struct, json
from tests.domain.clearing.months import fines_of, packs

from jiesuan_domain.clearing.deadlines import Calendar
from jiesuan_domain.clearing.evolve import evolve_region
from jiesuan_domain.clearing.showing.views import VIEWS
from jiesuan_domain.clearing.state.entries import rows_of
from jiesuan_domain.clearing.state.region import Region
from jiesuan_events.entries.chain import GENESIS, entry_hash
from jiesuan_events.words.instants import clearing_month
from jiesuan_ledger.clearing.facts import CLEARING_TYPE_OF, read_clearing_fact
from jiesuan_ledger.facts import read_fact

Json = dict[str, Any]
OF_MONTHS = frozenset(CLEARING_TYPE_OF.values())


class Place(Struct):
    """Where a fact stands, in its log and in its chain."""

    partition: int
    offset: int
    version: int
    prev_hash: str
    hash: str


class Line(Struct):
    """A line of `jiesuan replay`; the fact as the very bytes that were hashed."""

    type: str
    subject: str
    time: str
    data: Raw
    entry: Place

    @property
    def is_of_months(self) -> bool:
        """Whether the fact is one of `jiesuan.clearing`."""
        return self.type in OF_MONTHS


def lines_of(written: Iterable[bytes]) -> list[Line]:
    """Read lines, each of which must be the next of its chain."""
    heads: dict[tuple[bool, str], tuple[int, str]] = {}
    lines = [json.decode(one, type=Line) for one in written]
    for line in lines:
        at, key = line.entry, (line.is_of_months, line.subject)
        version, previous = heads.get(key, (0, GENESIS.hex()))
        assert (at.version, at.prev_hash) == (version + 1, previous)
        before, value = bytes.fromhex(previous), bytes(line.data)
        made = entry_hash(before, at.version, type_=line.type, value=value)
        assert made.hex() == at.hash
        heads[key] = at.version, at.hash
    return lines


def views_again(lines: list[Line]) -> dict[str, list[Json]]:
    """Return the rows of every view and the fines, from lines in their order."""
    calendar = Calendar(packs())
    regions: dict[str, Region] = {}
    for line in lines:
        if line.is_of_months:
            fact = read_clearing_fact(line.type, bytes(line.data))
            region = regions.setdefault(fact.care_region, Region(fact.care_region))
            region.apply(evolve_region(region, fact, calendar=calendar))
            continue
        for row in rows_of(
            read_fact(line.type, bytes(line.data)),
            partition=line.entry.partition,
            offset=line.entry.offset,
            month=clearing_month(line.time),
        ):
            care = row.care_region
            regions.setdefault(care, Region(care)).hear(row)
    shown = {name: [*show(regions.values(), packs())] for name, show in VIEWS.items()}
    again: dict[str, list[Json]] = orjson.loads(orjson.dumps(shown))
    facts = ((one.type, bytes(one.data)) for one in lines if one.is_of_months)
    return {**again, "clearing_fine": fines_of(facts)}
