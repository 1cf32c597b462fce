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
BACKLOG: Final = 2_048
MOST_CONNECTIONS: Final = 4_096


class Protocol(HttpToolsProtocol):
    """Hands the routes the certificate that a client showed; waits for no slow head."""

    late: TimerHandle | None = None

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
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Wait for the head of the next message on the same connection."""
        self._await_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Leave the rest to the routes: they wait for the body."""
        self._head_came()
        super().on_headers_complete()

    def _await_head(self) -> None:
        if self.late is None:
            self.late = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _head_came(self) -> None:
        if self.late is not None:
            self.late.cancel()
            self.late = None


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
