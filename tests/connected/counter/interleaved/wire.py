"""Wires between two that speak over TCP, on which a test stops what is said.

Who speaks and who hears are the real ones: what waits is the bytes on their way.
"""

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import Literal
from urllib.parse import urlsplit

from jiesuan_embedded.ports import free_port
from jiesuan_services.gateway.store.sql import query

REACHED_SECONDS = 60.0
CHUNK = 65_536
PARSE, BIND, TEXT = b"P", b"B", b"Q"
"""Messages of PostgreSQL's protocol: name a statement; run the one of a name; run a
text."""
COMMIT = b"COMMIT"
READY = b"Z\0\0\0\5"
"""How the last message of an answer begins; one byte is to follow."""
Place = Literal["statement", "answer", "commit", "committed"]
"""A statement on its way, and the database's answer to it; the commit that follows on
it, and the answer to that."""


class Stopped:
    """What is said next of a kind on a wire: it waits here until it is let go."""

    def __init__(self) -> None:
        self._reached = asyncio.Event()
        self._let_go = asyncio.Event()
        self._is_lost = False

    @property
    def is_reached(self) -> bool:
        """Whether it has been said."""
        return self._reached.is_set()

    async def reached(self) -> None:
        """Wait, bounded, until it has been said: it stands before who is to hear it."""
        await asyncio.wait_for(self._reached.wait(), REACHED_SECONDS)

    def let_go(self) -> None:
        """Let it pass."""
        self._let_go.set()

    def lose(self) -> None:
        """Let it be lost, and what links the two with it."""
        self._is_lost = True
        self._let_go.set()

    async def stand(self) -> None:
        """Mark it as reached and wait until it is let go; raise where it is lost."""
        self._reached.set()
        await self._let_go.wait()
        if self._is_lost:
            raise ConnectionAbortedError


class StoppedStatement(Stopped):
    """The next run of a statement, stopped at one of its places."""

    def __init__(self, text: str, place: Place) -> None:
        super().__init__()
        self.text = text.encode()
        self.place = place


class Wire:
    """Passes on what two say to each other; each link is a connection."""

    def __init__(self, host: str, port: int) -> None:
        self._far = (host, port)
        self._links: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def listen(self) -> int:
        """Listen on a port of its own; return it."""
        port = free_port(set())
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        return port

    async def close(self) -> None:
        """Break every link, and take no other."""
        assert self._server is not None
        self._server.close()
        await self.break_links()
        await self._server.wait_closed()

    async def break_links(self) -> None:
        """Break every link."""
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    def _accept(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        link = asyncio.create_task(self._link(near, back))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _link(
        self, near: asyncio.StreamReader, back: asyncio.StreamWriter
    ) -> None:
        """Serve one connection until either side ends it, or there is nobody."""
        with contextlib.closing(back), contextlib.suppress(OSError):
            far, forth = await asyncio.open_connection(*self._far)
            with contextlib.closing(forth):
                link = self._linked()
                async with asyncio.TaskGroup() as ways:
                    ways.create_task(_ended(link.asked(near, forth), forth))
                    ways.create_task(_ended(link.answered(far, back), back))

    def _linked(self) -> "Link":
        raise NotImplementedError


class Link:
    """One connection: passes on everything as it comes."""

    async def asked(
        self, near: asyncio.StreamReader, forth: asyncio.StreamWriter
    ) -> None:
        """Pass on what is asked."""
        while said := await near.read(CHUNK):
            forth.write(said)
            await forth.drain()

    async def answered(
        self, far: asyncio.StreamReader, back: asyncio.StreamWriter
    ) -> None:
        """Pass on what is answered."""
        while said := await far.read(CHUNK):
            back.write(said)
            await back.drain()


async def _ended(way: Awaitable[None], to: asyncio.StreamWriter) -> None:
    """Go one way to its end; who hears is told that nothing follows."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        await way
    to.close()


class PostgresWire(Wire):
    """Between a gateway and PostgreSQL."""

    def __init__(self, dsn: str) -> None:
        self._dsn = urlsplit(dsn)
        assert self._dsn.hostname is not None
        assert self._dsn.port is not None
        super().__init__(self._dsn.hostname, self._dsn.port)
        self._stops: list[StoppedStatement] = []

    async def open(self) -> str:
        """Listen on a port of its own; return the address of the database there."""
        near = f"{self._dsn.username}@127.0.0.1:{await self.listen()}"
        return self._dsn._replace(netloc=near).geturl()

    def stop_before(self, home: tuple[str, str], name: str) -> StoppedStatement:
        """Stop the next run of a statement of the gateway's, once."""
        return self.stop_at("statement", home, name=name)

    def stop_at(
        self, place: Place, home: tuple[str, str], *, name: str
    ) -> StoppedStatement:
        """Stop the next run of a statement at one of its places, once."""
        stop = StoppedStatement(query(*home, name=name), place)
        self._stops.append(stop)
        return stop

    def stop_of(self, text: bytes, *places: Place) -> StoppedStatement | None:
        """Return what stops a statement at one of some places, if anything does."""
        for stop in self._stops:
            if stop.text == text and stop.place in places and not stop.is_reached:
                return stop
        return None

    def free(self) -> None:
        """Stop nothing any more."""
        for stop in self._stops:
            stop.let_go()
        self._stops.clear()

    def _linked(self) -> Link:
        return _PostgresLink(self)


class _PostgresLink(Link):
    """A gateway's connection: which statement it runs, and what stops it."""

    def __init__(self, wire: PostgresWire) -> None:
        self._wire = wire
        self._texts: dict[bytes, bytes] = {}
        self._running = b""
        self._held: StoppedStatement | None = None

    async def asked(
        self, near: asyncio.StreamReader, forth: asyncio.StreamWriter
    ) -> None:
        """Pass on what the gateway asks, message by message."""
        # The first message of a connection has no kind.
        forth.write(await _rest(near))
        while True:
            kind, rest = await near.readexactly(1), await _rest(near)
            await self._meet(kind, rest[4:])
            forth.write(kind + rest)
            await forth.drain()

    async def _meet(self, kind: bytes, body: bytes) -> None:
        """Stand where something stops this message, or will stop its answer."""
        stop = None
        if kind == PARSE:
            name, text, _ = body.split(b"\0", 2)
            self._texts[name] = text
        elif kind == BIND:
            _, name, _ = body.split(b"\0", 2)
            self._running = self._texts[name]
            stop = self._wire.stop_of(self._running, "statement", "answer")
        elif kind == TEXT and body.startswith(COMMIT):
            stop = self._wire.stop_of(self._running, "commit", "committed")
        if stop is None:
            return
        if stop.place in ("answer", "committed"):
            self._held = stop
        else:
            await stop.stand()

    async def answered(
        self, far: asyncio.StreamReader, back: asyncio.StreamWriter
    ) -> None:
        """Pass on what the database answers; what is held is held as a whole."""
        held = b""
        while said := await far.read(CHUNK):
            held += said
            if self._held is not None:
                if held[-len(READY) - 1 : -1] != READY:
                    continue
                await self._held.stand()
                self._held = None
            back.write(held)
            await back.drain()
            held = b""


async def _rest(near: asyncio.StreamReader) -> bytes:
    """Read the length of a message and the message."""
    length = await near.readexactly(4)
    return length + await near.readexactly(int.from_bytes(length) - 4)
