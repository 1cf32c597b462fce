"""HTTP as uvicorn speaks it: bounded, and with the client's certificate passed on."""

import hashlib
import ssl
from asyncio import BaseTransport, TimerHandle
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

KEEP_ALIVE_SECONDS: Final = 75
STOP_SECONDS: Final = 5
HEAD_SECONDS: Final = 10
"""Who takes longer to say what he wants keeps a place from others."""
MOST_HEAD_BYTES: Final = 64 * 1024
HEADER_BYTES: Final = 64
"""What is counted of a header beside its bytes: it takes more than that to keep one."""
HEAD_TOO_LONG: Final = "The head of the request is too long."
REST_SECONDS: Final = 30
"""So long what follows a reply may go on that is no new request, as the rest of a body
that was refused: who still sends it reads no reply on a connection that is gone."""
READ_SECONDS: Final = 30
READ_BYTES: Final = 256 * 1024
"""So much of a reply is taken in so long, or no more is waited for."""
BACKLOG: Final = 2_048
MOST_CONNECTIONS: Final = 4_096


class Protocol(HttpToolsProtocol):
    """Hands the routes the certificate that a client showed, and waits for nobody long.

    While no request is in work a clock runs: for the head of the next, for the rest of
    one that was answered already, or uvicorn's own for a connection that is idle.
    """

    late: TimerHandle | None = None
    rest: TimerHandle | None = None
    unread: TimerHandle | None = None
    head = 0
    """How much the head of this message holds, what may follow its body included."""
    unhanded = 0
    """How many bytes came since the last that made a head or were of a body."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Note the fingerprint of the certificate, where there is one."""
        secured = transport.get_extra_info("ssl_object")
        shown = secured.getpeercert(binary_form=True) if secured is not None else None
        if shown:
            mark = hashlib.sha256(shown).hexdigest()
            self.app_state = {**self.app_state, "fingerprint": mark}
        super().connection_made(transport)  # type: ignore[arg-type]
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._head_came()
        self._rest_came()
        self._was_read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came, unless it is a head without an end."""
        self.unhanded += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self.unhanded > MOST_HEAD_BYTES:
            # A header that has not ended is kept by the parser, and handed to nobody.
            self.send_400_response(HEAD_TOO_LONG)
        elif self.late is None and self.cycle is not None:
            self._await_rest()

    def on_message_begin(self) -> None:
        """Wait for the head of the next message on the same connection."""
        self.head = 0
        self._rest_came()
        self._await_head()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        self._bound_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, of the head or behind the body."""
        self._bound_head(len(name) + len(value) + HEADER_BYTES)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Leave the rest to the routes: they wait for the body."""
        self.unhanded = 0
        self._head_came()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self.unhanded = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Begin to count anew."""
        self.unhanded = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait until the last reply of a connection was read."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._await_reader()

    def pause_writing(self) -> None:
        """Wait until the reply was read."""
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        """Wait no longer, unless it is the last."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._was_read()

    def timeout_keep_alive_handler(self) -> None:
        """End a connection on which nothing came."""
        self._end()

    def _bound_head(self, more: int) -> None:
        self.head += more
        if self.head > MOST_HEAD_BYTES:
            # The parser stops, and uvicorn says 400.
            raise ValueError(HEAD_TOO_LONG)

    def _await_head(self) -> None:
        if self.late is None:
            self.late = self.loop.call_later(HEAD_SECONDS, self._end)

    def _head_came(self) -> None:
        if self.late is not None:
            self.late.cancel()
            self.late = None

    def _await_rest(self) -> None:
        """Wait for what follows a reply to end: the idle clock was stopped for it."""
        if self.cycle.response_complete and self.rest is None:
            self.rest = self.loop.call_later(REST_SECONDS, self._end)

    def _rest_came(self) -> None:
        if self.rest is not None:
            self.rest.cancel()
            self.rest = None

    def _await_reader(self) -> None:
        if self.unread is None:
            left = self.transport.get_write_buffer_size()
            self.unread = self.loop.call_later(READ_SECONDS, self._look, left)

    def _was_read(self) -> None:
        if self.unread is not None:
            self.unread.cancel()
            self.unread = None

    def _look(self, before: int) -> None:
        """Cut off who takes too little of what he asked for."""
        self.unread = None
        left = self.transport.get_write_buffer_size()
        if left and before - left < READ_BYTES:
            self.transport.abort()
        elif left:
            self._await_reader()

    def _end(self) -> None:
        """Close, and hold what was not read yet no longer than any reply."""
        self.transport.close()
        self._await_reader()


def server_of(
    app: ASGIApp, *, host: str, port: int, tls: tuple[str, str, str] | None
) -> uvicorn.Server:
    """Return the server of an application; a certificate is asked for, not demanded."""
    secured: dict[str, Any] = {}
    if tls is not None:
        certificate, key, authorities = tls
        secured = {
            "ssl_certfile": certificate,
            "ssl_keyfile": key,
            "ssl_ca_certs": authorities,
            "ssl_cert_reqs": ssl.CERT_OPTIONAL,
            "ssl_ciphers": "ECDHE+AESGCM:ECDHE+CHACHA20",
        }
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Protocol,
        ws="none",
        loop="uvloop",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        **secured,
    )
    return uvicorn.Server(config)
