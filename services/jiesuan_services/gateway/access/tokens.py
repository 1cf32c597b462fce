"""Bearer tokens: signed, not stored, so that every gateway knows every token."""

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

from jiesuan_services.gateway.access.registry import Client, Registry
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query

LIFE_SECONDS: Final = 7_200
"""Clients keep a token for ten minutes whatever we say, and never ask again on a
refusal: it must live well beyond that."""
MOST_KNOWN: Final = 50_000
_SECRET: Final = "token"
_SECRET_BYTES: Final = 32


class Tokens:
    """Issues and reads tokens of one key, which all gateways share."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, str] = {}

    @classmethod
    async def of(cls, on: Connection) -> "Tokens":
        """Read the key; whoever comes first makes it."""
        made = secrets.token_bytes(_SECRET_BYTES)
        statement = query("store", "clients", name="secret")
        key = await on.fetchval(statement, _SECRET, made)
        # Another gateway may have made it while we looked.
        return cls(key or await on.fetchval(statement, _SECRET, made))

    def issue(self, client: Client, now: float) -> str:
        """Return a token that says whose it is and until when it holds."""
        until = int(now) + LIFE_SECONDS
        said = f"{client.fixmedins_code}|{client.generation}|{until}"
        return f"{_text(said.encode())}.{_text(self._mac(said))}"

    async def client_of(
        self, token: str, registry: Registry, *, now: float
    ) -> Client | None:
        """Return the client of a token; None if it is unknown, expired or recalled."""
        said = self._known.get(token) or self._said(token)
        if said is None:
            return None
        fixmedins_code, generation, until = said.split("|")
        client = await registry.by_code(fixmedins_code)
        if client is None or client.generation != generation:
            # It may have been registered anew a moment ago, and the token since.
            client = await registry.by_code(fixmedins_code, afresh=True)
        if client is None or client.generation != generation or int(until) < now:
            return None
        return client

    def _said(self, token: str) -> str | None:
        """Return what a token says, if it is one of ours; ours are remembered."""
        body, _, mac = token.partition(".")
        said = _bytes(body).decode("ascii", "replace")
        if not hmac.compare_digest(self._mac(said), _bytes(mac)):
            return None
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[token] = said
        return said

    def _mac(self, said: str) -> bytes:
        return hmac.new(self._key, said.encode(), hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
