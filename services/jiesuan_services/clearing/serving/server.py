"""Serves requests about months, one after the other, each to its end.

Decide, append, look that nobody else wrote, answer, commit: what a crash leaves open is
the last request alone. Its name is taken if it was entered, so it gets its first
answer; if it was not, nothing happened. Months are decided in dozens a day, so each may
take the time of two acknowledgements.
"""

from collections.abc import Callable, Sequence
from typing import Final

import structlog

from jiesuan_domain.clearing.asked import ClearingAsked
from jiesuan_domain.clearing.rules.case import PartitionReach
from jiesuan_domain.clearing.state.region import ClearingHead
from jiesuan_domain.policy.model import Packs
from jiesuan_events.clearing.requests import Draw
from jiesuan_events.words.topics import (
    ANSWERS,
    CLEARING,
    CLEARING_REQUESTS,
    DEAD_LETTERS,
    LEDGER,
)
from jiesuan_ledger.clearing.reader import (
    CLEARING_PARTITION,
    AcceptedClearing,
    accept_clearing,
    accepted_clearing,
)
from jiesuan_ledger.genesis import LedgerRefused, read_genesis
from jiesuan_ledger.log.failures import LogPartition
from jiesuan_ledger.log.imported import imported_clearing_end
from jiesuan_ledger.log.port import Log, Stored, read_one
from jiesuan_ledger.log.record import Incoming
from jiesuan_ledger.ours import StrangerReason, accept_answer
from jiesuan_ledger.reader import ChainHead, Fork, person_of
from jiesuan_services.clearing.clerk import ClearingClerk, ClearingRuled, Placed
from jiesuan_services.clearing.read import read_clearing_request
from jiesuan_services.clearing.serving.kept import KeptRegion
from jiesuan_services.clearing.serving.ledger import LedgerRows
from jiesuan_services.clearing.serving.store import ClearingCheckpoint, ClearingStore
from jiesuan_services.clerk.answers import Answer, to_malformed
from jiesuan_services.decider.batch import entry_id
from jiesuan_services.intake.letters import dead_letter
from jiesuan_services.intake.read import Malformed, Parsed
from jiesuan_services.intake.record import DeadLetter, Poison, unpack

COMMIT_EVERY: Final = 20_000
"""Changed keys that wait before the store is written."""
ITS_REQUESTS: Final = (CLEARING_REQUESTS, CLEARING_PARTITION)
ITS_ENTRIES: Final = (CLEARING, CLEARING_PARTITION)
ITS_ANSWERS: Final = (ANSWERS, CLEARING_PARTITION)

log = structlog.get_logger()


class ClearingServer:
    """Clearing on one cluster; it alone writes `jiesuan.clearing`."""

    def __init__(
        self,
        log_: Log,
        *,
        store: ClearingStore,
        packs: Packs,
        partitions: int,
        writer: str,
        now: Callable[[], str],
    ) -> None:
        self.position = 0
        self.clearing_next = 0
        self.dead_letters = 0
        self.is_serving = True
        """Whether what stands among its requests, entries and answers reads."""
        self._strangers = 0
        self._doing: tuple[LogPartition, int] | None = None
        self._left: set[int] = set()
        self._log = log_
        self._store = store
        self._packs = packs
        self._partitions = partitions
        self._writer = writer
        self._now = now
        self._ledger_id, self._imported = "", -1
        self._last_hash = b""
        self._last_offset = -1
        self._answers_next = 0
        self._open([1] * partitions)

    @property
    def at(self) -> tuple[LogPartition, int]:
        """The partition and the offset of what is read or served now."""
        if self._doing is not None:
            return self._doing
        return (LEDGER, self.rows.at), self.rows.next[self.rows.at]

    @property
    def strangers(self) -> int:
        """How many records of others were passed over since the start."""
        return self._strangers + self.rows.forks

    def leave(self, at: LogPartition) -> None:
        """Read a partition no further; without one of the ledger requests go on."""
        topic, partition = at
        if topic == LEDGER:
            self._left.add(partition)
        else:
            self.is_serving = False

    def has_left(self, partition: int) -> bool:
        """Whether a partition of the ledger is read no further for now."""
        return partition in self._left

    def take_up(self, partition: int) -> None:
        """Read a partition of the ledger on that was left."""
        self._left.discard(partition)

    def _open(self, ledger_next: list[int]) -> None:
        self._clerk = ClearingClerk(
            self._packs,
            writer=self._writer,
            open_region=lambda name: KeptRegion(name, self._store),
        )
        self.rows = LedgerRows(
            self._log,
            store=self._store,
            clerk=self._clerk,
            next_=ledger_next,
            left=self._left,
        )

    async def start(self) -> None:
        """Hold logs and store against each other, catch up, find the position."""
        for partition in range(self._partitions):
            ledger = await read_genesis(
                self._log, partition, partitions=self._partitions
            )
            self._ledger_id = ledger.id
        self._imported = await imported_clearing_end(self._log)
        await self._load()

    async def _load(self) -> None:
        """Take up what the store knows, and read on in both logs."""
        checkpoint = self._store.checkpoint()
        if checkpoint is not None and not await self._fits(checkpoint):
            self._store.clear()
            checkpoint = None
        if checkpoint is None:
            nothing = (1,) * self._partitions
            checkpoint = ClearingCheckpoint(self._ledger_id, nothing)
        self._strangers += self.rows.forks
        self._open(list(checkpoint.ledger_next))
        self.clearing_next = checkpoint.clearing_next
        self._last_hash = checkpoint.last_hash
        self._last_offset = checkpoint.last_offset
        self._answers_next = checkpoint.answers_next
        self.position = checkpoint.request_next
        await self.follow()
        if self.is_serving:
            await self._catch_up()
            self.position = max(self.position, await self._answered())
            self._commit()

    async def _fits(self, checkpoint: ClearingCheckpoint) -> bool:
        """Whether the logs still hold what the store knows; a lost tail is refused."""
        if checkpoint.ledger_id != self._ledger_id:
            raise LedgerRefused(
                f"这份清算缓存属于账本{checkpoint.ledger_id}，而集群上是"
                f"{self._ledger_id}：请检查JIESUAN_KAFKA，或为每个账本使用各自的数据目录"
            )
        end = await self._log.end_offset(CLEARING, CLEARING_PARTITION)
        if checkpoint.clearing_next > end:
            raise LedgerRefused(
                f"{CLEARING}只到{end}，而已确认到{checkpoint.clearing_next}："
                "日志尾部丢失，请从副本恢复该主题"
            )
        if checkpoint.last_offset < 0:
            return True
        last = await read_one(
            self._log, CLEARING, CLEARING_PARTITION, offset=checkpoint.last_offset
        )
        return entry_id(last) == checkpoint.last_hash

    async def follow(self) -> int:
        """Read the ledger up to where it ends now."""
        self._doing = None
        ends = await self._ends()
        count = await self.rows.catch_up(ends)
        if self._store.pending >= COMMIT_EVERY:
            self._commit()
        return count

    async def _ends(self) -> list[int]:
        return [
            await self._log.end_offset(LEDGER, partition)
            for partition in range(self._partitions)
        ]

    async def _catch_up(self) -> None:
        """Take over facts beyond the checkpoint: of the last its request may wait.

        The ledger was read before: every row that a fact speaks of is known.
        """
        last: AcceptedClearing | None = None
        self._doing = ITS_ENTRIES, self.clearing_next
        end = await self._log.end_offset(CLEARING, CLEARING_PARTITION)
        read = self._log.read(
            CLEARING, CLEARING_PARTITION, start=self.clearing_next, stop=end
        )
        async for batch in read:
            for stored in batch:
                last = self._take_over(stored) or last
        # Marks of a stranger's transactions may stand at the end: they are nothing.
        self.clearing_next = max(self.clearing_next, end)
        if last is not None:
            self.position = max(self.position, await self._asked_at(last))

    def _take_over(self, stored: Stored) -> AcceptedClearing | None:
        """Take over an entry, and return it if its request lies on this cluster."""
        record, offset = stored.record, stored.offset
        self._doing = ITS_ENTRIES, offset
        self._last_hash, self._last_offset = entry_id(record), offset
        name = person_of(record)
        head = ClearingHead() if name is None else self._clerk.region(name).head
        at = ChainHead(head.version, head.hash, CLEARING_PARTITION)
        one = accept_clearing(record, at)
        if isinstance(one, Fork):
            log.warning("clearing.fork", offset=offset, reason=one.reason.value)
            self._strangers += 1
            return None
        self._clerk.apply(one, at=offset)
        return one if offset > self._imported else None

    async def _asked_at(self, one: AcceptedClearing) -> int:
        """Return the offset of the request that an entry came of, if it is here."""
        place, _, offset = one.entry.cause.rpartition("/")
        if (
            place != f"{CLEARING_REQUESTS}/{CLEARING_PARTITION}"
            or not offset.isdecimal()
        ):
            return 0
        at = int(offset)
        begin = await self._log.begin_offset(CLEARING_REQUESTS, CLEARING_PARTITION)
        end = await self._log.end_offset(CLEARING_REQUESTS, CLEARING_PARTITION)
        if not begin <= at < end:
            return 0
        record = await read_one(
            self._log, CLEARING_REQUESTS, CLEARING_PARTITION, offset=at
        )
        named = dict(record.headers)
        source, id_ = one.fact.request_source, one.fact.request_id
        is_it = named.get("ce_source") == source.encode()
        return at if is_it and named.get("ce_id") == id_.encode() else 0

    async def _answered(self) -> int:
        """Find the request after the last one that the answers tell of."""
        begin = await self._log.begin_offset(ANSWERS, CLEARING_PARTITION)
        end = await self._log.end_offset(ANSWERS, CLEARING_PARTITION)
        start = max(begin, self._answers_next)
        found = 0
        self._doing = ITS_ANSWERS, start
        read = self._log.read(ANSWERS, CLEARING_PARTITION, start=start, stop=end)
        async for batch in read:
            for stored in batch:
                one = accept_answer(stored.record, CLEARING_PARTITION)
                if isinstance(one, StrangerReason):
                    self._strangers += 1
                elif one.topic == CLEARING_REQUESTS:
                    found = max(found, one.request + 1)
        self._answers_next = end
        return found

    async def serve(self, incoming: Incoming) -> None:
        """Decide one record of the requests, and answer it."""
        if incoming.offset < self.position:
            return
        self._doing = ITS_REQUESTS, incoming.offset
        parsed = unpack(incoming, is_home=lambda subject: True)
        if isinstance(parsed, DeadLetter | Poison):
            await self._put_aside(incoming, parsed)
        else:
            await self._answer_request(incoming, parsed)
        self.position = incoming.offset + 1
        self._commit()

    async def _put_aside(self, incoming: Incoming, poison: DeadLetter | Poison) -> None:
        letter = dead_letter(incoming, poison.reason)
        pending = await self._log.append(DEAD_LETTERS, CLEARING_PARTITION, [letter])
        await pending.done()
        self.dead_letters += 1
        if isinstance(poison, Poison):
            answer = to_malformed(poison.wrong, time=self._now(), line=None)
            await self._tell(answer, incoming)

    async def _answer_request(self, incoming: Incoming, parsed: Parsed) -> None:
        now = self._now()
        asked = read_clearing_request(parsed.envelope, parsed.data, raw=parsed.raw)
        if isinstance(asked, Malformed):
            await self._tell(to_malformed(asked, time=now, line=None), incoming)
            return
        ruled = await self._rule(asked, incoming.cause, now=now)
        answer = ruled.answer
        if answer is None:
            assert ruled.again is not None, "without an answer it came again"
            offset = ruled.again.offset
            record = await read_one(
                self._log, CLEARING, CLEARING_PARTITION, offset=offset
            )
            answer = self._clerk.answer_again(accepted_clearing(record), at=offset)
        await self._tell(answer, incoming)
        log.info("clearing.answered", offset=incoming.offset, codes=ruled.refused)

    async def _rule(
        self, asked: ClearingAsked, cause: str, *, now: str
    ) -> ClearingRuled:
        """Decide and enter; what others wrote meanwhile is read, then decided on."""
        request = self._doing
        while True:
            self._doing = request
            ruled = self._clerk.rule(
                asked,
                recorded_at=now,
                reach=await self._reach() if isinstance(asked.command, Draw) else (),
                offset=self.clearing_next,
                cause=cause,
            )
            if not ruled.entries or await self._entered(ruled.entries):
                return ruled
            log.warning("clearing.conflict", offset=self.clearing_next)
            await self.begin_again()

    async def _reach(self) -> tuple[PartitionReach, ...]:
        """Read what is there of the ledger, and say how far that is."""
        request, self._doing = self._doing, None
        ends = await self._ends()
        await self.rows.catch_up(ends)
        self._doing = request
        return tuple(
            PartitionReach(partition, read - 1, end - 1)
            for partition, (read, end) in enumerate(
                zip(self.rows.next, ends, strict=True)
            )
        )

    async def _entered(self, entries: Sequence[Placed]) -> bool:
        """Append entries, and look whether they stand where they were meant to."""
        records = [one.record() for one in entries]
        pending = await self._log.append(CLEARING, CLEARING_PARTITION, records)
        appended = await pending.done()
        if not appended.is_contiguous(self.clearing_next):
            return False
        self.clearing_next += len(entries)
        self._last_hash = entry_id(records[-1])
        self._last_offset = self.clearing_next - 1
        return True

    async def begin_again(self) -> None:
        """Forget what was not committed, and read what was written by whomever."""
        self._store.forget()
        position = self.position
        await self._load()
        self.position = position

    async def _tell(self, answer: Answer, incoming: Incoming) -> None:
        record = answer.record(incoming.cause)
        pending = await self._log.append(ANSWERS, CLEARING_PARTITION, [record])
        await pending.done()

    def _commit(self) -> None:
        self._store.commit(
            ClearingCheckpoint(
                self._ledger_id,
                tuple(self.rows.next),
                self.clearing_next,
                self._last_hash,
                self._last_offset,
                self.position,
                self._answers_next,
            )
        )
