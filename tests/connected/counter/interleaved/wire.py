"""A wire between a gateway and PostgreSQL, on which a test stops one statement.

Gateway, statement and server are the real ones: what waits is the bytes on their way.
"""

import asyncio
import contextlib
from urllib.parse import urlsplit

from jiesuan_embedded.ports import free_port
from jiesuan_services.gateway.store.sql import query

REACHED_SECONDS = 10.0
PARSE, BIND = b"P", b"B"
"""Messages of PostgreSQL's protocol: name a statement; run the one of a name."""


class StoppedStatement:
    """The next run of a statement on a wire: it waits here until it is let go."""

    def __init__(self, text: str) -> None:
        self.text = text.encode()
        self._reached = asyncio.Event()
        self._let_go = asyncio.Event()

    @property
    def is_reached(self) -> bool:
        """Whether the gateway has sent it."""
        return self._reached.is_set()

    async def reached(self) -> None:
        """Wait, bounded, until the gateway has sent it: it stands before the server."""
        await asyncio.wait_for(self._reached.wait(), REACHED_SECONDS)

    def let_go(self) -> None:
        """Let it pass to the server."""
        self._let_go.set()

    async def stand(self) -> None:
        """Mark it as reached and wait until it is let go."""
        self._reached.set()
        await self._let_go.wait()


class PostgresWire:
    """Passes on what a gateway and PostgreSQL say to each other."""

    def __init__(self, dsn: str) -> None:
        self._far = urlsplit(dsn)
        self._stops: list[StoppedStatement] = []
        self._links: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        """Listen on a port of its own; return the address of the database there."""
        port = free_port(set())
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        near = f"{self._far.username}@127.0.0.1:{port}"
        return self._far._replace(netloc=near).geturl()

    async def close(self) -> None:
        """Break every link."""
        assert self._server is not None
        self._server.close()
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)
        await self._server.wait_closed()

    def stop_before(self, home: tuple[str, str], name: str) -> StoppedStatement:
        """Stop the next run of a statement of the gateway's, once."""
        stop = StoppedStatement(query(*home, name=name))
        self._stops.append(stop)
        return stop

    def free(self) -> None:
        """Stop nothing any more."""
        for stop in self._stops:
            stop.let_go()
        self._stops.clear()

    def _accept(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        link = asyncio.create_task(self._link(near, back))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _link(
        self, near: asyncio.StreamReader, back: asyncio.StreamWriter
    ) -> None:
        """Serve one connection until either side ends it."""
        with contextlib.closing(back):
            far, forth = await asyncio.open_connection(
                self._far.hostname, self._far.port
            )
            with contextlib.closing(forth):
                async with asyncio.TaskGroup() as ways:
                    ways.create_task(self._asked(near, forth))
                    ways.create_task(_answered(far, back))

    async def _asked(
        self, near: asyncio.StreamReader, forth: asyncio.StreamWriter
    ) -> None:
        """Pass on what the gateway asks, message by message."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            # The first message of a connection has no kind.
            forth.write(await _rest(near))
            await self._passed(near, forth)
        forth.close()

    async def _passed(
        self, near: asyncio.StreamReader, forth: asyncio.StreamWriter
    ) -> None:
        texts: dict[bytes, bytes] = {}
        while True:
            kind, rest = await near.readexactly(1), await _rest(near)
            if kind == PARSE:
                name, text, _ = rest[4:].split(b"\0", 2)
                texts[name] = text
            elif kind == BIND:
                _, name, _ = rest[4:].split(b"\0", 2)
                await self._stand(texts[name])
            forth.write(kind + rest)
            await forth.drain()

    async def _stand(self, text: bytes) -> None:
        for stop in self._stops:
            if stop.text == text and not stop.is_reached:
                await stop.stand()
                return


async def _rest(near: asyncio.StreamReader) -> bytes:
    """Read the length of a message and the message."""
    length = await near.readexactly(4)
    return length + await near.readexactly(int.from_bytes(length) - 4)


async def _answered(far: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while said := await far.read(65_536):
            back.write(said)
            await back.drain()
    back.close()
