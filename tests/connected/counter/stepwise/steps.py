"""The steps of a message that asks the ledger, at each of which it can be stopped.

Nothing of ours is changed for it: bytes are held on their way, and processes are
stopped by SIGSTOP.
"""

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from tests.connected.counter.interleaved.conftest import TOGETHER
from tests.connected.counter.interleaved.wire import Place, Stopped
from tests.connected.counter.stepwise.kafka_wire import Way
from tests.connected.counter.stepwise.kinds import Kind
from tests.connected.counter.stepwise.on_its_way import OnItsWay

from jiesuan_events.words.topics import LEDGER, LOOKS, REQUESTS

Stopping = Callable[[OnItsWay], AbstractAsyncContextManager[None]]


def held(stop: Callable[[OnItsWay], Stopped]) -> Stopping:
    """Return what stops bytes, and lets them go or be lost."""

    @asynccontextmanager
    async def stopped(way: OnItsWay) -> AsyncIterator[None]:
        stopping = stop(way)
        way.post()
        try:
            await stopping.reached()
            way.is_there = True
            yield
        finally:
            if way.is_lost:
                stopping.lose()
            else:
                stopping.let_go()

    return stopped


def intending(place: Place) -> Stopping:
    """Return what stops the statement by which a message is written down."""

    def stop(way: OnItsWay) -> Stopped:
        where = place
        if place == "answer" and way.asked.kind.holds:
            where = "committed"
        return way.wire.stop_at(where, TOGETHER, name="intend")

    return held(stop)


def replying(place: Place) -> Stopping:
    """Return what stops the statement by which a reply is kept."""

    def stop(way: OnItsWay) -> Stopped:
        kind, where = way.asked.kind, place
        if place == "answer" and kind.is_replied_alone:
            where = "committed"
        name = "keep" if kind.is_quote else "reply"
        return way.wire.stop_at(where, TOGETHER, name=name)

    return held(stop)


def writing(topic: str, way_: Way) -> Stopping:
    """Return what stops a write to a topic."""
    return held(lambda way: way.kafka.stop(topic, way_))


@asynccontextmanager
async def undecided(way: OnItsWay) -> AsyncIterator[None]:
    """Stop the decider; the request is in Kafka."""
    way.signal("decider", signal.SIGSTOP)
    try:
        way.post()
        await way.requested()
        yield
    finally:
        way.signal("decider", signal.SIGCONT)


@asynccontextmanager
async def unheard(way: OnItsWay) -> AsyncIterator[None]:
    """Stop the gateway once its request is in Kafka; the answer is there."""
    way.signal("decider", signal.SIGSTOP)
    try:
        way.post()
        cause = await way.requested()
        way.signal(way.gateway, signal.SIGSTOP)
        way.signal("decider", signal.SIGCONT)
        await way.answered(cause)
        yield
    finally:
        way.signal("decider", signal.SIGCONT)
        way.signal(way.gateway, signal.SIGCONT)


@asynccontextmanager
async def unsaid(way: OnItsWay) -> AsyncIterator[None]:
    """Stop the reply on its way to the till, and lose it."""
    stop = way.replies.stop_next()
    way.post()
    try:
        await stop.reached()
        way.is_there = True
        yield
    finally:
        stop.lose()


def every(_: Kind) -> bool:
    """Hold for every kind."""
    return True


def none(_: Kind) -> bool:
    """Hold for no kind."""
    return False


def is_written_down(kind: Kind) -> bool:
    """Whether what is asked is written down."""
    return not kind.is_quote


@dataclass(frozen=True)
class Step:
    """Where a message may be stopped: its name, how, and of which kinds."""

    name: str
    stopped: Stopping
    has: Callable[[Kind], bool] = every
    is_free: Callable[[Kind], bool] = none
    """Whether nothing that others need is held meanwhile: they may go on before it."""
    between: tuple[str, ...] = ()
    """Who says, and who is to hear what is stopped."""


OF_TABLES = ("gateway", "postgres")
STEPS = (
    Step(
        "not written down yet",
        intending("statement"),
        is_written_down,
        lambda kind: not kind.holds,
        between=OF_TABLES,
    ),
    Step(
        "written, not committed",
        intending("commit"),
        lambda kind: kind.holds,
        between=OF_TABLES,
    ),
    Step(
        "written down, untold",
        intending("answer"),
        is_written_down,
        every,
        between=OF_TABLES,
    ),
    Step(
        "not in Kafka yet",
        writing(REQUESTS, "there"),
        is_free=every,
        between=("gateway", "kafka"),
    ),
    Step("in Kafka, undecided", undecided),
    Step(
        "decided, not in the ledger",
        writing(LEDGER, "there"),
        is_written_down,
        between=("decider", "kafka"),
    ),
    Step(
        "in the ledger, unanswered",
        writing(LEDGER, "back"),
        is_written_down,
        between=("decider", "kafka"),
    ),
    Step("answered, unheard", unheard),
    Step(
        "heard, not kept yet",
        replying("statement"),
        is_free=lambda kind: not kind.is_replied_alone,
        between=OF_TABLES,
    ),
    Step(
        "kept, not committed",
        replying("commit"),
        lambda kind: kind.is_replied_alone,
        between=OF_TABLES,
    ),
    Step("kept, untold", replying("answer"), is_free=every, between=OF_TABLES),
    Step(
        "kept, the look not noted",
        writing(LOOKS, "there"),
        lambda kind: kind.names,
        between=("gateway", "kafka"),
    ),
    Step("told, the reply lost", unsaid),
)
