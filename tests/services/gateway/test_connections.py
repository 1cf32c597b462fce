"""What one connection may hold of a gateway: uvicorn with the gateway's protocol."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send
from tests.connected.conftest import until

from jiesuan_services.gateway.serving import http

SECONDS = 0.2
MOST = http.MOST_HEAD_BYTES
HEADERS = MOST // (1 + http.HEADER_BYTES) + 2
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LONG = 32 * 1024 * 1024
"""More than the buffers of two sockets take."""


@dataclass
class Served:
    """A server, and connections to it."""

    server: uvicorn.Server
    port: int

    @property
    def connections(self) -> set[Any]:
        """Return the connections that it keeps."""
        return self.server.server_state.connections

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect."""
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def is_left(self) -> bool:
        """Whether nobody is connected any more."""
        return not self.connections


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with as many bytes as the path says, without reading the body."""
    size = int(scope["path"].strip("/") or "2")
    length = [(b"content-length", b"%d" % size)]
    start: Message = {"type": "http.response.start", "status": 200, "headers": length}
    await send(start)
    await send({"type": "http.response.body", "body": b"x" * size})


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """A server that waits for nothing for long."""
    monkeypatch.setattr(http, "REST_SECONDS", SECONDS)
    monkeypatch.setattr(http, "READ_SECONDS", SECONDS)
    server = http.server_of(app, host="127.0.0.1", port=0, tls=None)
    server.config.lifespan = "off"
    link = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([link]))

    async def is_started() -> bool:
        return server.started

    await until(is_started, seconds=30)
    yield Served(server, link.getsockname()[1])
    server.should_exit = True
    await serving


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /" + b"1" * MOST,
        POST + b"a:\r\n" * HEADERS,
        POST + b"a: " + b"x" * MOST,
        CHUNKED + b"0\r\n" + b"a:\r\n" * HEADERS,
    ],
    ids=["address", "many", "endless", "after the body"],
)
async def test_a_head_beyond_the_bound_ends_its_connection(
    served: Served, sent: bytes
) -> None:
    """An address, headers of one byte, one header without an end, and headers that come
    after the body: who sends more than is taken is told so, and is gone."""
    reader, writer = await served.open()
    for at in range(0, len(sent), 16_384):
        # In pieces, as from a network: none is refused for what follows it.
        writer.write(sent[at : at + 16_384])
        await writer.drain()
        await asyncio.sleep(0)
    async with asyncio.timeout(8):
        said = await reader.read(-1)
    assert b"HTTP/1.1 400 " in said
    writer.close()


@pytest.mark.parametrize(
    ("sent", "more"),
    [
        (CHUNKED + b"1\r\nx\r\n", b"1\r\nx\r\n"),
        (POST + b"Content-Length: 9\r\n\r\n", b"x"),
        (POST + b"Content-Length: 0\r\n\r\n", b"\r\n"),
    ],
    ids=["chunks", "length", "nothing"],
)
async def test_who_was_answered_and_goes_on_is_not_waited_for(
    served: Served, sent: bytes, more: bytes
) -> None:
    """What comes after a reply and is no new request keeps no connection open."""
    reader, writer = await served.open()
    writer.write(sent)
    await reader.readuntil(b"\r\n\r\nxx")
    writer.write(more)
    await until(served.is_left, seconds=10)
    writer.close()


async def test_the_rest_of_a_body_that_was_refused_spoils_no_next_request(
    served: Served,
) -> None:
    """Who sends to the end what was answered before its end is served again."""
    reader, writer = await served.open()
    for _ in range(2):
        writer.write(POST + b"Content-Length: 9\r\n\r\n")
        await reader.readuntil(b"\r\n\r\nxx")
        writer.write(b"123456789")
    writer.close()


@pytest.mark.parametrize("more", [b"", b"Connection: close\r\n"])
async def test_who_never_reads_his_reply_is_cut_off(
    served: Served, more: bytes
) -> None:
    """A reply that nobody takes is held no longer, on a connection that ends too."""
    _, writer = await served.open()
    writer.write(b"GET /%d HTTP/1.1\r\nHost: x\r\n%s\r\n" % (LONG, more))
    await until(served.is_left, seconds=10)
    writer.close()


async def test_a_last_reply_of_few_bytes_that_nobody_reads_is_cut_off_too(
    served: Served,
) -> None:
    """Also one that fits the buffer of which nobody is told when it empties."""
    _, writer = await served.open()

    async def is_there() -> bool:
        return bool(served.connections)

    await until(is_there, seconds=10)
    for one in served.connections:
        one.transport.set_write_buffer_limits(high=2 * LONG)
    writer.write(b"GET /%d HTTP/1.1\r\nConnection: close\r\n\r\n" % LONG)
    await until(served.is_left, seconds=10)
    writer.close()


async def test_who_reads_all_of_a_long_reply_is_served_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply longer than any buffer, once read to its end, leaves no clock behind."""
    monkeypatch.setattr(http, "READ_BYTES", 1)
    monkeypatch.setattr(http, "READ_SECONDS", 1.0)
    reader, writer = await served.open()
    for _ in range(2):
        writer.write(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % LONG)
        await reader.readuntil(b"\r\n\r\n")
        async with asyncio.timeout(30):
            assert await reader.readexactly(LONG) == b"x" * LONG
        await asyncio.sleep(1.2)
    writer.close()
