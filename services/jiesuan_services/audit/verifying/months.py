"""Months made again from both logs: chains of clearing, and what each fact changed.

The ledger is read before each draw as far as the draw had read it, so that every row
that a fact speaks of is known, and no more rows than a draw takes wait in memory. They
lie in a store of their own while this goes on.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from jiesuan_domain.clearing.deadlines import Calendar
from jiesuan_domain.clearing.evolve import evolve_region
from jiesuan_domain.clearing.showing.results import with_results
from jiesuan_domain.clearing.state.region import ClearingHead
from jiesuan_domain.policy.model import Packs
from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_ledger.clearing.facts import ClearingPart, Drawn, QuotaSet
from jiesuan_ledger.clearing.reader import (
    CLEARING_PARTITION,
    AcceptedClearing,
    accept_clearing,
)
from jiesuan_ledger.log.port import Log, Stored
from jiesuan_ledger.reader import ChainHead, Fork, person_of
from jiesuan_services.audit.verifying.report import Report
from jiesuan_services.clearing.clerk import ClearingClerk
from jiesuan_services.clearing.serving.kept import KeptRegion
from jiesuan_services.clearing.serving.ledger import LedgerRows
from jiesuan_services.clearing.serving.store import ClearingCheckpoint, ClearingStore

AT_ONCE: Final = 50
"""Facts that are read at once: a draw may be large."""
COMMIT_EVERY: Final = 20_000
"""Changed keys that wait before the store is written."""
MADE_AGAIN: Final = (
    "statement_id",
    "settlement_count",
    "refund_count",
    "total_charge",
    "fund_pay_total",
    "account_pay",
    "cash_pay",
    "deducted",
    "recovered",
    "payable",
    "digest",
)
"""What is held against a statement's row; its days are those of the packs of then."""


class MonthsAgain:
    """The care regions as both logs tell them, and the facts that were not so."""

    def __init__(self, report: Report, packs: Packs, *, folder: Path) -> None:
        self._report = report
        self._packs = packs
        self._calendar = Calendar(packs)
        self._folder = folder
        self._parts: dict[str, list[ClearingPart]] = {}
        self._left: set[str] = set()

    async def check(self, log: Log, partitions: int) -> None:
        """Read both logs, and report what does not follow or comes to other sums.

        Without any entry of clearing nothing is read.
        """
        end = await log.end_offset(CLEARING, CLEARING_PARTITION)
        if not end:
            return
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            store = ClearingStore(Path(name))
            try:
                await self._follow(log, store, partitions=partitions, end=end)
            finally:
                store.close()

    async def _follow(
        self, log: Log, store: ClearingStore, *, partitions: int, end: int
    ) -> None:
        clerk = ClearingClerk(
            self._packs,
            writer="",
            open_region=lambda region: KeptRegion(region, store),
        )
        rows = LedgerRows(log, store=store, clerk=clerk, next_=[1] * partitions)
        ends = [await log.end_offset(LEDGER, one) for one in range(partitions)]
        for first in range(0, end, AT_ONCE):
            stop = min(first + AT_ONCE, end)
            read = log.read(CLEARING, CLEARING_PARTITION, start=first, stop=stop)
            # One log reads one thing at a time: the ledger is read between.
            for stored in [one async for batch in read for one in batch]:
                one = self._accepted(stored, clerk)
                if one is None:
                    continue
                if isinstance(one.fact, Drawn):
                    await rows.catch_up(_read(one.fact, ends))
                self._take(one, stored, clerk=clerk)
                if store.pending >= COMMIT_EVERY:
                    store.commit(ClearingCheckpoint("", tuple(rows.next)))

    def _accepted(
        self, stored: Stored, clerk: ClearingClerk
    ) -> AcceptedClearing | None:
        """Return a region's next entry; None for a fork, and for who is left out."""
        name = person_of(stored.record)
        if name in self._left:
            return None
        head = ClearingHead() if name is None else clerk.region(name).head
        at = ChainHead(head.version, head.hash, CLEARING_PARTITION)
        one = accept_clearing(stored.record, at)
        if isinstance(one, Fork):
            self._wrong(stored, f"不接在该就医地上一条之后（{one.reason.value}）")
            return None
        self._report.clearing_entries += 1
        return one

    def _take(
        self, one: AcceptedClearing, stored: Stored, *, clerk: ClearingClerk
    ) -> None:
        try:
            self._make_again(one, stored, clerk=clerk)
        except (AssertionError, LookupError):
            self._left.add(one.fact.care_region)
            self._wrong(stored, "所述清算单或明细在账本中没有，该就医地此后未核对")

    def _make_again(
        self, one: AcceptedClearing, stored: Stored, *, clerk: ClearingClerk
    ) -> None:
        fact = one.fact
        parts = self._parts.setdefault(fact.care_region, [])
        if isinstance(fact, ClearingPart):
            parts.append(fact)
        elif not isinstance(fact, QuotaSet):
            region = clerk.region(fact.care_region)
            draft = evolve_region(region, fact, calendar=self._calendar)
            made = with_results(draft, fact, packs=self._packs)
            # Of a request whose process died between, parts come twice.
            said = [*parts[len(parts) - fact.parts :], fact]
            if list(_rows(made)) != list(_rows(said)):
                self._wrong(stored, "笔数、金额或明细摘要与账本重算的不一致")
            parts.clear()
        clerk.apply(one, at=stored.offset)

    def _wrong(self, stored: Stored, words: str) -> None:
        self._report.wrong.append(f"{CLEARING} 偏移 {stored.offset}：{words}")


def _read(fact: Drawn, ends: Sequence[int]) -> list[int]:
    """Return where a draw's reading ended on each partition, at most at its end."""
    read = {one.partition: one.offset + 1 for one in fact.read_to}
    return [min(read.get(partition, 0), end) for partition, end in enumerate(ends)]


def _rows(facts: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Return what is held against each statement that facts show, in their order."""
    for fact in facts:
        for row in fact.statements:
            yield tuple(getattr(row, name) for name in MADE_AGAIN)
