"""Where a partition goes on: the first request that has no answer of ours.

Not where the last answer points: an answer may be missing before it, and whatever
stands there may be a stranger's. Each answer is held against the name of its request.
"""

from array import array
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from jiesuan_events.words.topics import ANSWERS, REQUESTS
from jiesuan_ledger.genesis import LedgerRefused
from jiesuan_ledger.log.port import Log, read_one
from jiesuan_ledger.log.record import Incoming, incoming
from jiesuan_ledger.ours import AcceptedAnswer, StrangerReason, accept_answer
from jiesuan_services.intake.record import answer_name

LOOK_BACK: Final = 10_000
"""Answers read again before those that the store knows of: a decider beside us may have
been ahead when it wrote them."""
MOST_MISSING: Final = 20_000
"""How far before the last answer one is looked for: far more than are on their way."""
_NOBODY: Final = 0


class AnswersFound:
    """What the answers say of the requests from ``known`` on: whose they are."""

    def __init__(self, known: int) -> None:
        self.known = known
        self.strangers = 0
        # Eight bytes a request: without a store there may be weeks of them.
        self._names = array("q")
        self._others: dict[int, set[int]] = {}

    @property
    def end(self) -> int:
        """After the last request that something answers."""
        return self.known + len(self._names)

    def take(self, answer: AcceptedAnswer) -> None:
        """Note an answer, and of whose request it says that it is."""
        at = answer.request - self.known
        if at < 0:
            return
        self._names.extend([_NOBODY] * (at + 1 - len(self._names)))
        name = _short(answer.id)
        if self._names[at] == _NOBODY:
            self._names[at] = name
        elif self._names[at] != name:
            self._others.setdefault(at, set()).add(name)

    def has(self, request: int, name: str) -> bool:
        """Whether a request of this name was answered."""
        at, short = request - self.known, _short(name)
        return self._names[at] == short or short in self._others.get(at, ())


def request_of(cause: str, partition: int) -> int:
    """Return the offset of the causing request, -1 if none of this partition."""
    place, _, offset = cause.rpartition("/")
    if place != f"{REQUESTS}/{partition}" or not offset.isdecimal():
        return -1
    return int(offset)


def _short(name: str) -> int:
    return hash(name) or 1


@dataclass(frozen=True, slots=True)
class Resumption:
    """The first request to decide, and which of those after it have an answer."""

    position: int
    answered_to: int
    """From here on nothing is answered."""
    missing: frozenset[int]
    """Before that, what is not answered."""
    answers_next: int
    strangers: int

    def has_answer(self, request: int) -> bool:
        """Whether a request that comes again was answered before."""
        return request < self.answered_to and request not in self.missing


NOTHING_ANSWERED: Final = Resumption(0, 0, frozenset(), 0, 0)


class Resuming:
    """Reads answers and requests of one partition, and finds where to go on."""

    def __init__(
        self,
        log: Log,
        requests: Log,
        *,
        partition: int,
        is_silent: Callable[[Incoming], bool],
    ) -> None:
        self._log = log
        self._requests = requests
        self._partition = partition
        self._is_silent = is_silent

    async def find(self, request_next: int, answers_next: int) -> Resumption:
        """Find the position; what lies before ``request_next`` is answered."""
        begin = await self._requests.begin_offset(REQUESTS, self._partition)
        end = await self._requests.end_offset(REQUESTS, self._partition)
        if request_next > end:
            raise LedgerRefused(
                f"{REQUESTS}/{self._partition}止于{end}，而已应答过{request_next}条"
                "请求：末尾的记录丢失，请恢复主题"
            )
        answered = AnswersFound(max(begin, request_next))
        answers_end = await self._read_answers(answered, answers_next, end=end)
        missing, to = await self._hold(answered)
        position = min(missing, default=to)
        return Resumption(position, to, missing, answers_end, answered.strangers)

    async def _read_answers(
        self, answered: AnswersFound, start: int, *, end: int
    ) -> int:
        begin = await self._log.begin_offset(ANSWERS, self._partition)
        stop = await self._log.end_offset(ANSWERS, self._partition)
        start = max(begin, start - LOOK_BACK)
        async for batch in self._log.read(
            ANSWERS, self._partition, start=start, stop=stop
        ):
            for stored in batch:
                one = accept_answer(stored.record, self._partition)
                if isinstance(one, StrangerReason):
                    answered.strangers += 1
                elif one.topic == REQUESTS and one.request < end:
                    answered.take(one)
        return stop

    async def _hold(self, answered: AnswersFound) -> tuple[frozenset[int], int]:
        """Hold answers against the names of their requests: which are missing."""
        to = answered.known
        missing: deque[int] = deque(maxlen=MOST_MISSING)
        since: deque[int] = deque(maxlen=MOST_MISSING)
        read = self._requests.read(
            REQUESTS, self._partition, start=answered.known, stop=answered.end
        )
        async for batch in read:
            for stored in batch:
                if answered.has(stored.offset, answer_name(stored.record.headers)):
                    to = stored.offset + 1
                    missing += since
                    since.clear()
                else:
                    since.append(stored.offset)
        lost = [one for one in missing if one >= to - MOST_MISSING]
        return frozenset([one for one in lost if await self._is_owed(one)]), to

    async def _is_owed(self, offset: int) -> bool:
        """Whether a request that has no answer is to have one."""
        place = self._partition
        record = await read_one(self._requests, REQUESTS, place, offset=offset)
        return not self._is_silent(incoming(record, place, offset=offset))
