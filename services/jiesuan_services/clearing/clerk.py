"""The clerk of clearing: decides requests about months, one after the other.

As for persons, it holds no log: what it returns is written by whoever called it.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from jiesuan_domain.clearing.asked import ClearingAsked
from jiesuan_domain.clearing.deadlines import Calendar
from jiesuan_domain.clearing.decide import ClearingAgain, decide_clearing
from jiesuan_domain.clearing.evolve import evolve_region
from jiesuan_domain.clearing.rules.case import PartitionReach
from jiesuan_domain.clearing.showing.answer import clearing_answer
from jiesuan_domain.clearing.state.region import (
    ClearingRequestSeen,
    Draft,
    Region,
)
from jiesuan_domain.clearing.state.row import Row
from jiesuan_domain.outcome import Refused
from jiesuan_domain.policy.model import Packs
from jiesuan_events.entries.chain import entry_hash
from jiesuan_events.entries.entry import Entry, entry_headers
from jiesuan_ledger.clearing.facts import (
    CLEARING_TYPE_OF,
    ClearingFact,
    ClearingPart,
    write_clearing_fact,
)
from jiesuan_ledger.clearing.reader import AcceptedClearing
from jiesuan_ledger.log.record import Record
from jiesuan_services.clerk.answers import Answer, encode, refusal_data

NOWHERE: Final = -1
"""The offset of an entry that stands in no log."""


class Placed(Struct, gc=False):
    """An entry, and its hash."""

    entry: Entry
    hash: bytes

    def record(self) -> Record:
        """Write the entry as the record that `jiesuan.clearing` stores."""
        entry = self.entry
        headers = entry_headers(entry, self.hash)
        return Record(entry.person_id.encode(), entry.value, headers)


class ClearingRuled(Struct, gc=False):
    """What came of a request: its answer, and entries if it was decided.

    Without an answer it is the same request as before: its first one is due.
    """

    answer: Answer | None
    entries: tuple[Placed, ...] = ()
    refused: tuple[str, ...] = ()
    again: ClearingRequestSeen | None = None


class ClearingClerk:
    """Decides requests against what is known of the care regions."""

    def __init__(
        self,
        packs: Packs,
        *,
        writer: str,
        open_region: Callable[[str], Region] = Region,
    ) -> None:
        self.regions: dict[str, Region] = {}
        self._packs = packs
        self._calendar = Calendar(packs)
        self._writer = writer
        self._open_region = open_region

    def region(self, care_region: str) -> Region:
        """Return a care region, empty if nothing is known of it."""
        known = self.regions.get(care_region)
        if known is None:
            known = self.regions[care_region] = self._open_region(care_region)
        return known

    def hear(self, rows: Iterable[Row]) -> None:
        """Take rows of the ledger in."""
        for row in rows:
            self.region(row.care_region).hear(row)

    def apply(self, one: AcceptedClearing, *, at: int) -> None:
        """Take an accepted entry at an offset over into what is known of its region."""
        fact, entry = one.fact, one.entry
        region = self.region(fact.care_region)
        draft = evolve_region(region, fact, calendar=self._calendar)
        seen = ClearingRequestSeen(fact.content, entry.version, one.hash, at)
        if not isinstance(fact, ClearingPart):
            draft.requests[fact.request_source, fact.request_id] = seen
        _remember(region, draft, seen=seen)

    def answer_again(self, one: AcceptedClearing, *, at: int) -> Answer:
        """Return the first answer again, byte for byte, from the entry it stands in."""
        fact, entry = one.fact, one.entry
        seen = ClearingRequestSeen(fact.content, entry.version, one.hash, at)
        data = clearing_answer(fact, entry=_entry_fields(seen))
        source, id_ = fact.request_source, f"{fact.request_source}:{fact.request_id}"
        region, time = fact.care_region, entry.recorded_at
        return Answer(source, id_, region, time, encode(data))

    def rule(
        self,
        asked: ClearingAsked,
        *,
        recorded_at: str,
        reach: Sequence[PartitionReach],
        offset: int = NOWHERE,
        cause: str = "",
    ) -> ClearingRuled:
        """Decide a request; the offset is where its first entry will stand."""
        region = self.region(asked.care_region)
        outcome = decide_clearing(
            region, asked, packs=self._packs, recorded_at=recorded_at, reach=reach
        )
        if isinstance(outcome, ClearingAgain):
            return ClearingRuled(None, again=outcome.seen)
        if isinstance(outcome, Refused):
            data = {**_asked_fields(asked), **refusal_data(outcome.refusals)}
            codes = tuple(one.code.value for one in outcome.refusals)
            return ClearingRuled(_answer(asked, data, time=recorded_at), refused=codes)
        entries = self._enter(
            region, outcome.facts, recorded_at=recorded_at, cause=cause
        )
        last = entries[-1]
        at = offset if offset == NOWHERE else offset + len(entries) - 1
        seen = ClearingRequestSeen(asked.content, last.entry.version, last.hash, at)
        outcome.draft.requests[asked.source, asked.id] = seen
        _remember(region, outcome.draft, seen=seen)
        data = clearing_answer(outcome.facts[-1], entry=_entry_fields(seen))
        return ClearingRuled(_answer(asked, data, time=recorded_at), entries)

    def _enter(
        self,
        region: Region,
        facts: tuple[ClearingFact, ...],
        *,
        recorded_at: str,
        cause: str,
    ) -> tuple[Placed, ...]:
        version, previous = region.head.version, region.head.hash
        made: list[Placed] = []
        for fact in facts:
            type_, value = CLEARING_TYPE_OF[type(fact)], write_clearing_fact(fact)
            version += 1
            hash_ = entry_hash(previous, version, type_=type_, value=value)
            entry = Entry(
                region.care_region,
                type_,
                version,
                previous,
                value,
                recorded_at,
                cause,
                self._writer,
            )
            made.append(Placed(entry, hash_))
            previous = hash_
        return tuple(made)


def _remember(region: Region, draft: Draft, *, seen: ClearingRequestSeen) -> None:
    draft.head = replace(draft.head, version=seen.version, hash=seen.hash)
    region.apply(draft)


def _entry_fields(seen: ClearingRequestSeen) -> dict[str, Any]:
    fields: dict[str, Any] = {"version": seen.version, "hash": seen.hash.hex()}
    if seen.offset == NOWHERE:
        return fields
    return {"partition": 0, "offset": seen.offset, **fields}


def _asked_fields(asked: ClearingAsked) -> dict[str, Any]:
    return {
        "request_source": asked.source,
        "request_id": asked.id,
        "request_type": asked.type,
        "psn_no": None,
    }


def _answer(asked: ClearingAsked, data: dict[str, Any], *, time: str) -> Answer:
    id_ = f"{asked.source}:{asked.id}"
    return Answer(asked.source, id_, asked.care_region, time, encode(data))
