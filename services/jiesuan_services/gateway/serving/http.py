"""HTTP as uvicorn speaks it: bounded, and with the client's certificate told."""

import hashlib
import ssl
from asyncio import BaseTransport
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

KEEP_ALIVE_SECONDS: Final = 75
STOP_SECONDS: Final = 5
BACKLOG: Final = 2_048
MOST_CONNECTIONS: Final = 4_096


class Protocol(HttpToolsProtocol):
    """Tells the routes which certificate a client showed."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Note the fingerprint of the certificate, where there is one."""
        secured = transport.get_extra_info("ssl_object")
        shown = secured.getpeercert(binary_form=True) if secured is not None else None
        if shown:
            mark = hashlib.sha256(shown).hexdigest()
            self.app_state = {**self.app_state, "fingerprint": mark}
        super().connection_made(transport)  # type: ignore[arg-type]


def server_of(
    app: Starlette, *, host: str, port: int, tls: tuple[str, str, str] | None
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
