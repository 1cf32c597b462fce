"""A message on its way through a gateway, and what is seen of it from outside."""

import asyncio
import signal
import time
from contextlib import suppress
from dataclasses import dataclass

from tests.connected.conftest import until
from tests.connected.counter.books import AGAIN
from tests.connected.counter.interleaved.conftest import TwoGateways
from tests.connected.counter.interleaved.wire import (
    Link,
    PostgresWire,
    Stopped,
    Wire,
)
from tests.connected.counter.stepwise.kafka_wire import KafkaWire
from tests.connected.counter.stepwise.kinds import AskedOnce, Message

from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import ANSWERS, LEDGER, REQUESTS
from jiesuan_services.demo.counter.his import NoReply, Till

SECONDS = 60.0


class ReplyWire(Wire):
    """Between tills and a gateway: a reply may be stopped on its way."""

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", port)
        self._stop: Stopped | None = None

    def stop_next(self) -> Stopped:
        """Stop the next reply, which is lost."""
        self._stop = Stopped()
        return self._stop

    async def met(self) -> None:
        """Stand where the reply is stopped."""
        stop, self._stop = self._stop, None
        if stop is not None:
            await stop.stand()

    def _linked(self) -> Link:
        return _ReplyLink(self)


class _ReplyLink(Link):
    """A till's connection."""

    def __init__(self, wire: ReplyWire) -> None:
        self._wire = wire

    async def answered(
        self, far: asyncio.StreamReader, back: asyncio.StreamWriter
    ) -> None:
        """Pass the reply on, unless it is stopped."""
        begun = await far.read(1)
        await self._wire.met()
        back.write(begun)
        await super().answered(far, back)


@dataclass
class OnItsWay:
    """A message on its way through the first gateway."""

    gateways: TwoGateways
    asked: AskedOnce
    till: Till
    """One that sends over the wire."""
    replies: ReplyWire
    kafka: KafkaWire
    is_lost: bool = False
    """Whether what was stopped never comes where it was going."""
    is_there: bool = False
    """Whether it has come to the step."""
    requests_end: int = 0
    answers_end: int = 0
    ledger_end: int = 0
    posting: "asyncio.Task[Message | None] | None" = None

    async def begin(self) -> "OnItsWay":
        """Look where the topics end before it is sent."""
        psn_no = self.asked.psn_no
        self.requests_end = await self.gateways.end(REQUESTS, psn_no)
        self.answers_end = await self.gateways.end(ANSWERS, psn_no)
        self.ledger_end = await self.gateways.end(LEDGER, psn_no)
        return self

    @property
    def gateway(self) -> str:
        """The name of the gateway that has it."""
        return self.gateways.both[0].name

    @property
    def wire(self) -> PostgresWire:
        """What that gateway speaks to PostgreSQL over."""
        return self.gateways.both[0].wire

    def post(self) -> None:
        """Begin to send it."""
        self.posting = asyncio.create_task(asyncio.to_thread(self._send))

    def _send(self) -> Message | None:
        """Send it; again where the gateway, whose servers were just killed, asks for it
        before the step."""
        end = time.monotonic() + SECONDS
        with suppress(NoReply):
            while True:
                reply = self.till.send(self.asked.message)
                is_early = AGAIN in reply["err_msg"] and not self.is_there
                if not is_early or time.monotonic() > end:
                    return reply
                time.sleep(0.1)
        return None

    async def hang_up(self) -> None:
        """Have the till hang up: nothing can have been said yet."""
        await self.replies.break_links()
        assert self.posting is not None
        assert await self.posting is None

    def signal(self, name: str, signal_: signal.Signals) -> None:
        """Stop a process where it stands, or let it go on; it may have ended."""
        with suppress(ProcessLookupError):
            self.gateways.site.processes[name].send_signal(signal_)

    async def requested(self) -> bytes:
        """Wait until it is in Kafka; return the name of its request there."""
        psn_no, found = self.asked.psn_no, []
        name = self.asked.message["msgid"].encode()

        async def is_there() -> bool:
            for one in await self.gateways.records(
                REQUESTS, psn_no, start=self.requests_end
            ):
                # A quote has a name of its own, which begins with its sender's.
                if dict(one.record.headers)["ce_id"].startswith(name):
                    found.append(one.offset)
            return bool(found)

        await until(is_there, seconds=SECONDS)
        self.is_there = True
        place = partition_of(psn_no, self.gateways.partitions)
        return f"{REQUESTS}/{place}/{found[0]}".encode()

    async def answered(self, cause: bytes) -> None:
        """Wait until its answer is in Kafka."""

        async def is_there() -> bool:
            records = await self.gateways.records(
                ANSWERS, self.asked.psn_no, start=self.answers_end
            )
            return any(dict(one.record.headers)["cause"] == cause for one in records)

        await until(is_there, seconds=SECONDS)
