"""A connection of the load: it shares the cores with what it measures, and is lean."""

import asyncio
from typing import Any, Final

import orjson

END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length: "


class KeptConnection(asyncio.Protocol):
    """One connection that is kept open; one message is under way at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._came = bytearray()
        self._reply: asyncio.Future[bytes] | None = None

    async def post(self, path: str, body: bytes, *, head: str) -> Any:
        """Send a body and read the reply's; OSError where the connection ends."""
        loop = asyncio.get_running_loop()
        if self._transport is None:
            self._transport, _ = await loop.create_connection(
                lambda: self, "127.0.0.1", self._port
            )
        self._reply = loop.create_future()
        length = f"Content-Length: {len(body)}\r\n\r\n"
        request = f"POST {path} HTTP/1.1\r\nHost: x\r\n{head}{length}"
        self._transport.write(request.encode() + body)
        return orjson.loads(await self._reply)

    def data_received(self, data: bytes) -> None:
        """Take what came; a reply is whole when its head and its length say so."""
        self._came += data
        head, found, rest = self._came.partition(END_OF_HEAD)
        if not found or self._reply is None:
            return
        _, _, length = bytes(head).lower().partition(LENGTH)
        if len(rest) == int(length.split(b"\r\n")[0]):
            self._came.clear()
            self._reply.set_result(bytes(rest))

    def connection_lost(self, exc: Exception | None) -> None:
        """End the waiting of who waits for a reply."""
        self._transport = None
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(exc or ConnectionResetError())
