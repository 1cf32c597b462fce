"""A wire to Kafka, on which a test stops what is written to a topic."""

import asyncio
from typing import Literal

from tests.connected.counter.interleaved.wire import Link, Stopped, Wire

PRODUCE = 0
"""Which request of Kafka's protocol writes records."""
SIZE = 4
Way = Literal["there", "back"]
"""A request to write, and the broker's word that it has written."""


class StoppedWrite(Stopped):
    """The next write to a topic, stopped on its way there or back."""

    def __init__(self, topic: str, way: Way) -> None:
        super().__init__()
        # As requests name a topic: what is written does not have it in this form.
        self.name = len(topic).to_bytes(2) + topic.encode()
        self.way = way


class KafkaWire(Wire):
    """Between processes and a broker, which is told of as being at the near end."""

    def __init__(self, bootstrap: str) -> None:
        host, _, port = bootstrap.rpartition(":")
        super().__init__(host, int(port))
        self._stops: list[StoppedWrite] = []
        self.far_end = host.encode() + int(port).to_bytes(4)
        self.near_end = b""

    async def open(self) -> str:
        """Listen on a port of its own; return the address of the broker there."""
        port = await self.listen()
        host, _ = self._far
        self.near_end = host.encode() + port.to_bytes(4)
        return f"{host}:{port}"

    def stop(self, topic: str, way: Way) -> StoppedWrite:
        """Stop the next write to a topic, once."""
        made = StoppedWrite(topic, way)
        self._stops.append(made)
        return made

    def stop_of(self, request: bytes) -> StoppedWrite | None:
        """Return what stops a request, if anything does."""
        if int.from_bytes(request[:2]) != PRODUCE:
            return None
        stops = (one for one in self._stops if one.name in request)
        return next((one for one in stops if not one.is_reached), None)

    def _linked(self) -> Link:
        return _KafkaLink(self)


class _KafkaLink(Link):
    """A process's connection: which answers are to be stopped, by their numbers."""

    def __init__(self, wire: KafkaWire) -> None:
        self._wire = wire
        self._held: dict[bytes, StoppedWrite] = {}

    async def asked(
        self, near: asyncio.StreamReader, forth: asyncio.StreamWriter
    ) -> None:
        """Pass on what is asked, request by request."""
        while True:
            request = await _frame(near)
            stop = self._wire.stop_of(request)
            if stop is not None and stop.way == "there":
                await stop.stand()
            elif stop is not None:
                self._held[request[4:8]] = stop
            forth.write(len(request).to_bytes(SIZE) + request)
            await forth.drain()

    async def answered(
        self, far: asyncio.StreamReader, back: asyncio.StreamWriter
    ) -> None:
        """Pass on what the broker answers; it is said to be at this end."""
        while True:
            answer = await _frame(far)
            stop = self._held.pop(answer[:4], None)
            if stop is not None:
                await stop.stand()
            answer = answer.replace(self._wire.far_end, self._wire.near_end)
            back.write(len(answer).to_bytes(SIZE) + answer)
            await back.drain()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """Read a request or an answer, without its size."""
    return await reader.readexactly(int.from_bytes(await reader.readexactly(SIZE)))
