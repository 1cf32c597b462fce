"""One partition: requests in order, entries appended, answers after the check.

Offset contiguity is the compare-and-append: if the acknowledged offsets directly
follow the last offset read, nobody else wrote. If they do not, what is in memory is
forgotten, the log is read again by the chain rule, and what lost is decided again.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import structlog

from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.in_force import InForce
from jiesuan_events.words.topics import (
    ANSWERS,
    DEAD_LETTERS,
    LEDGER,
    REFERENCE,
    REQUESTS,
)
from jiesuan_ledger.genesis import LedgerRefused, read_genesis
from jiesuan_ledger.log.imported import imported_ends
from jiesuan_ledger.log.port import Log, read_one
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_ledger.reader import Fork
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.handled import (
    Handled,
    Registered,
    dead_letter_reason,
    refused_by,
)
from jiesuan_services.clerk.runs import ReadRecord, Run, asks_for_institution, runs
from jiesuan_services.decider.batch import NO_ENTRY, Batch, LastEntry, entry_id
from jiesuan_services.decider.repeats import read_firsts, woven
from jiesuan_services.decider.resume import NOTHING_ANSWERED, Resuming, request_of
from jiesuan_services.decider.store.cache import Checkpoint, Store, fit
from jiesuan_services.decider.store.persons import StoredPersons
from jiesuan_services.intake.record import is_silent
from jiesuan_services.runtime.reference import Reference

DEPTH: Final = 3
"""Batches that may be on their way while the next is decided."""
COMMIT_EVERY: Final = 5_000
"""Entries read at start-up between two commits of the store."""

log = structlog.get_logger()


class PartitionDecider:
    """Decides one partition; the process may run several, and others the same."""

    def __init__(
        self,
        partition: int,
        *,
        log_: Log,
        requests: Log,
        store: Store,
        in_force: InForce,
        reference: Reference,
        partitions: int,
        writer: str,
        now: Callable[[], str],
    ) -> None:
        self.partition = partition
        self.position = self.ledger_next = 0
        self.decided = self.strangers = self.dead_letters = 0
        self._log = log_
        self._store = store
        self._reference = reference
        self._partitions = partitions
        self._now = now
        self._persons = StoredPersons(store)
        self._clerk = Clerk(
            partition=partition,
            in_force=in_force,
            persons=self._persons,
            partitions=partitions,
            writer=writer,
        )
        self._resumed = NOTHING_ANSWERED
        self._requests = requests
        self._ledger_id, self._imported = "", -1
        self._last = NO_ENTRY
        self._answers_next = 0
        self._in_flight: deque[Batch] = deque()
        self._room = asyncio.Semaphore(DEPTH)
        self._turn, self._answering = asyncio.Lock(), asyncio.Lock()
        self._arrived = asyncio.Event()
        self.must_rewind = False
        self._is_lost = False

    @property
    def in_flight(self) -> int:
        """How many batches are decided and not yet answered."""
        return len(self._in_flight)

    @property
    def answered(self) -> int:
        """The first request that is not answered yet."""
        return self._in_flight[0].first_request if self._in_flight else self.position

    async def start(self) -> None:
        """Hold ledger and store against each other, catch up, find the position."""
        ledger = await read_genesis(
            self._log, self.partition, partitions=self._partitions
        )
        self._ledger_id = ledger.id
        self._imported = (await imported_ends(self._log)).get(self.partition, -1)
        end = await self._log.end_offset(LEDGER, self.partition)
        checkpoint = self._store.checkpoint()
        if fit(checkpoint, ledger.id, end=end):
            await self._check_past(checkpoint)
        else:
            self._store.clear()
        await self._resume(checkpoint)

    async def _check_past(self, checkpoint: Checkpoint | None) -> None:
        """Refuse a log that no longer holds what the store last applied."""
        assert checkpoint is not None
        at = checkpoint.last_offset
        last = await read_one(self._log, LEDGER, self.partition, offset=at)
        if entry_id(last) != checkpoint.last_hash:
            raise LedgerRefused(
                f"{LEDGER}/{self.partition}在偏移{at}处与本存储所记的不同："
                "末尾的记录丢失后又被重写，请从副本恢复主题"
            )

    async def _resume(self, checkpoint: Checkpoint | None) -> None:
        """Find the first request without an answer, and take over the ledger."""
        known = (0, 0)
        if checkpoint is not None:
            known = (checkpoint.request_next, checkpoint.answers_next)
        resuming = Resuming(
            self._log,
            self._requests,
            partition=self.partition,
            is_silent=lambda asked: is_silent(self._clerk.read(asked)),
        )
        resumed = self._resumed = await resuming.find(*known)
        self.position = resumed.position
        self._answers_next = resumed.answers_next
        self.strangers += resumed.strangers
        await self._catch_up(checkpoint)

    async def _catch_up(self, checkpoint: Checkpoint | None) -> None:
        """Take over what the ledger holds beyond the checkpoint, by the chain rule."""
        self.ledger_next, request_next, self._last = 1, 0, NO_ENTRY
        if checkpoint is not None:
            self.ledger_next = checkpoint.ledger_next
            request_next = checkpoint.request_next
            self._last = LastEntry(checkpoint.last_offset, checkpoint.last_hash)
        end = await self._log.end_offset(LEDGER, self.partition)
        # Read after the ledger's end: whatever caused an entry was asked before it.
        asked = await self._requests.end_offset(REQUESTS, self.partition)
        read = self._log.read(LEDGER, self.partition, start=self.ledger_next, stop=end)
        since = 0
        async for batch in read:
            for stored in batch:
                self._take_over(stored.record, stored.offset, asked=asked)
            self._last = LastEntry(batch[-1].offset, entry_id(batch[-1].record))
            self.ledger_next = batch[-1].offset + 1
            since += len(batch)
            if since >= COMMIT_EVERY and not self._clerk.waiting:
                self._commit_read(request_next)
                since = 0
        # Marks of a stranger's transactions may stand at the end: they are nothing.
        self.ledger_next = max(self.ledger_next, end)
        if self._last.hash and not self._clerk.waiting:
            self._commit_read(request_next)

    def _take_over(self, record: Record, offset: int, *, asked: int) -> None:
        """Apply an entry whose request was answered; others wait for their request."""
        one = self._clerk.check(record, offset)
        if isinstance(one, Fork):
            log.warning(
                "ledger.fork",
                partition=self.partition,
                offset=offset,
                reason=one.reason.value,
            )
            return
        entry = one.accepted.entry
        is_imported = offset <= self._imported
        request = -1 if is_imported else request_of(entry.cause, self.partition)
        if self.position <= request < asked or entry.person_id in self._clerk.waiting:
            self._clerk.waiting.wait(one, request_offset=min(request, asked - 1))
        else:
            self._clerk.apply(one)

    def _commit_read(self, request_next: int) -> None:
        changes = self._persons.snapshot()
        self._store.commit(changes, self._checkpoint(self.ledger_next, request_next))
        self._persons.committed(changes)

    def _checkpoint(
        self, ledger_next: int, request_next: int, *, last: LastEntry | None = None
    ) -> Checkpoint:
        last = last or self._last
        return Checkpoint(
            ledger_id=self._ledger_id,
            ledger_next=ledger_next,
            last_hash=last.hash,
            last_offset=last.offset,
            request_next=request_next,
            answers_next=self._answers_next,
        )

    async def take(self, requests: Sequence[Incoming]) -> None:
        """Decide requests and send their entries on their way; in bounded depth."""
        await self._room.acquire()
        async with self._turn:
            fresh = [one for one in requests if one.offset >= self.position]
            if self._is_lost or self.must_rewind or not fresh:
                self._room.release()
                return
            try:
                batch = await self._decide(fresh)
                batch.pending = await self._log.append(
                    LEDGER, self.partition, batch.entries
                )
            except BaseException:
                self._room.release()
                raise
            self.position = batch.next_request
            self._in_flight.append(batch)
            self._arrived.set()

    def passed(self, offset: int) -> None:
        """Note that nothing to decide stands before an offset."""
        if not (self._is_lost or self.must_rewind or self._turn.locked()):
            self.position = max(self.position, offset)

    def rewound(self) -> int:
        """Clear the rewind and return the offset to read from."""
        self.must_rewind = False
        return self.position

    async def finish(self) -> None:
        """Finish batches in order, for ever: check, answer, commit."""
        while True:
            while not self._in_flight:
                self._arrived.clear()
                await self._arrived.wait()
            await self._finish_oldest()

    async def settle(self) -> None:
        """Wait until nothing is on its way."""
        for _ in range(DEPTH):
            await self._room.acquire()

    async def _decide(self, requests: list[Incoming]) -> Batch:
        batch = Batch(requests[0].offset, self.ledger_next, self._log.parcel)
        batch.next_request = requests[-1].offset + 1
        now = self._now()
        looked = False
        for run in self._runs(requests):
            outcomes = self._clerk.decide(run)
            if not looked and asks_for_institution(outcomes):
                await self._reference.catch_up()
                looked = True
                outcomes = self._clerk.decide(run)
            handled = self._clerk.enter(run, outcomes, offset=batch.next_offset, at=now)
            for asked, one in zip(run, handled, strict=True):
                self._note(asked, one)
            batch.take(run, handled)
        self.ledger_next = batch.next_offset
        batch.is_whole = not self._clerk.waiting
        if batch.is_whole:
            batch.changes = self._persons.snapshot()
        if batch.last_entry is not None:
            hash_ = entry_id(batch.last_entry)
            self._last = LastEntry(batch.next_offset - 1, hash_)
        batch.last = self._last
        return batch

    def _runs(self, requests: Sequence[Incoming]) -> Iterator[Run]:
        """Read requests and cut them into runs; those that have their answer are left.

        While entries wait for their request's turn, each request is a run.
        """
        at = 0
        while at < len(requests) and self._clerk.waiting:
            one = requests[at]
            at += 1
            self._clerk.reach(one.offset)
            if not self._resumed.has_answer(one.offset):
                yield [ReadRecord(one, self._clerk.read(one))]
        has_answer = self._resumed.has_answer
        fresh = [one for one in requests[at:] if not has_answer(one.offset)]
        yield from runs([ReadRecord(one, self._clerk.read(one)) for one in fresh])

    def _note(self, asked: ReadRecord, handled: Handled) -> None:
        incoming, read = asked
        if isinstance(handled, Registered) and isinstance(read, Asked):
            self._reference.keep(read.person_id, incoming.offset)
        refused = refused_by(handled)
        reason = dead_letter_reason(handled)
        if refused or reason:
            log.info(
                "request.refused",
                partition=self.partition,
                offset=incoming.offset,
                code=refused[0] if refused else None,
                dead_letter=reason,
            )

    async def _finish_oldest(self) -> None:
        """Wait for the acknowledgement, check it, and only then answer."""
        batch = self._in_flight[0]
        assert batch.pending is not None
        appended = await batch.pending.done()
        if not appended.is_contiguous(batch.first_offset):
            log.warning(
                "ledger.conflict", partition=self.partition, offset=batch.first_request
            )
            await self.begin_again()
            return
        async with self._answering:
            # It may have been let go of meanwhile: then it is decided again.
            if self._in_flight and self._in_flight[0] is batch:
                await self._tell(batch)

    async def _tell(self, batch: Batch) -> None:
        """Answer a batch that the ledger holds, and commit it."""
        await self._write(REFERENCE, 0, batch.references)
        await self._write(DEAD_LETTERS, 0, batch.dead_letters)
        await self._answer(batch)
        self._commit(batch)
        self._in_flight.popleft()
        self._room.release()
        self.decided += batch.requests
        self.dead_letters += len(batch.dead_letters)
        log.info(
            "batch.decided",
            partition=self.partition,
            requests=batch.requests,
            entries=len(batch.entries),
            refused=batch.refused,
            next_offset=batch.next_offset,
        )

    def _commit(self, batch: Batch) -> None:
        """Write what a batch changed; while entries wait the store stays behind."""
        if not batch.is_whole:
            return
        if batch.last.hash:
            checkpoint = self._checkpoint(
                batch.next_offset, batch.next_request, last=batch.last
            )
            self._store.commit(batch.changes, checkpoint)
        self._persons.committed(batch.changes)

    async def _write(
        self, topic: str, partition: int, records: Sequence[Record]
    ) -> None:
        if records:
            pending = await self._log.append(topic, partition, records)
            await pending.done()

    async def _answer(self, batch: Batch) -> None:
        """Answer requests in their order; those that came again, from the log."""
        firsts = await read_firsts(self._log, self.partition, repeats=batch.repeats)
        repeated = [
            self._clerk.answer_again(firsts[offset], offset).record(incoming.cause)
            for incoming, offset in batch.repeats
        ]
        on_their_way = [
            await self._log.append(ANSWERS, self.partition, answers)
            for answers in woven(batch.answers, repeated)
        ]
        for pending in on_their_way:
            for base, count in (await pending.done()).batches:
                self._answers_next = max(self._answers_next, base + count)

    async def begin_again(self) -> None:
        """Read what was written by whomever, and go back to the first unanswered."""
        async with self._turn:
            await self._let_go()
            await self._resume(self._store.checkpoint())
            self._is_lost, self.must_rewind = False, True

    async def _let_go(self) -> None:
        """Forget what is on its way, once the log has taken it or has not.

        What is being answered is answered to its end: it would be said twice.
        """
        self._is_lost = True
        on_their_way = [one.pending.done() for one in self._in_flight if one.pending]
        await asyncio.gather(*on_their_way, return_exceptions=True)
        async with self._answering:
            for _ in range(len(self._in_flight)):
                self._room.release()
            self._in_flight.clear()
            self._persons.forget()
            self._clerk.waiting.forget()
