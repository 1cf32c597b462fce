"""One question for many: what comes while one is under way goes with the next."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, Final, Generic, TypeVar

import asyncpg

from jiesuan_services.gateway.store.database import AWAY

A = TypeVar("A")
R = TypeVar("R")
PAUSE_SECONDS: Final = 0.006
"""Questions of one kind begin no sooner after each other: under load more share one."""
MOST_AT_ONCE: Final = 64
Asked = Callable[[Sequence[A]], Awaitable[Sequence[R]]]
Pending = tuple[A, asyncio.Future[R]]


class Gathered(Generic[A, R]):
    """Asks for all that wait, and gives each its own answer.

    ``apart`` names what must not be asked about twice at once.
    """

    def __init__(
        self, ask: Asked[A, R], *, apart: Callable[[A], Hashable | None] | None = None
    ) -> None:
        self._ask = ask
        self._apart = apart
        self._waiting: list[Pending[A, R]] = []
        self._asking: asyncio.Task[None] | None = None
        self._next = 0.0

    async def __call__(self, one: A) -> R:
        """Return the answer for one."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[R] = loop.create_future()
        self._waiting.append((one, answer))
        if self._asking is None:
            self._asking = loop.create_task(self._ask_all())
        return await answer

    async def _ask_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                early = self._next - loop.time()
                if early > 0:
                    await asyncio.sleep(early)
                self._next = loop.time() + PAUSE_SECONDS
                await self._settle(self._taken())
        finally:
            self._asking = None

    def _taken(self) -> list[Pending[A, R]]:
        """Take those that go now."""
        if self._apart is None:
            taken = self._waiting[:MOST_AT_ONCE]
            del self._waiting[:MOST_AT_ONCE]
            return taken
        taken, left, seen = [], [], set()
        for pending in self._waiting:
            name = self._apart(pending[0])
            if len(taken) == MOST_AT_ONCE or name in seen:
                left.append(pending)
                continue
            if name is not None:
                seen.add(name)
            taken.append(pending)
        self._waiting = left
        return taken

    async def _settle(self, taken: Sequence[Pending[A, R]]) -> None:
        """Ask, and hand out what came of it.

        What the database refuses for one is no fault of those that went with him.
        """
        try:
            answers = await self._ask([one for one, _ in taken])
        except Exception as wrong:
            is_ones = isinstance(wrong, asyncpg.PostgresError)
            if is_ones and not isinstance(wrong, AWAY) and len(taken) > 1:
                for pending in taken:
                    await self._settle([pending])
                return
            for _, answer in taken:
                if not answer.done():
                    answer.set_exception(wrong)
            return
        for (_, answer), said in zip(taken, answers, strict=True):
            if not answer.done():
                answer.set_result(said)


def columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Turn rows into the columns that `unnest` makes rows of again.

    >>> columns([(1, "a"), (2, "b")], 2), columns([], 2)
    ([[1, 2], ['a', 'b']], [[], []])
    """
    if not rows:
        return [[] for _ in range(width)]
    return [list(column) for column in zip(*rows, strict=True)]
