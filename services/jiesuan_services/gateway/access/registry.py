"""The register of clients: one an institution, how it authenticates, its habits."""

import asyncio
import time
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Raw, Struct

from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.vault.identities import Vault
from jiesuan_services.gateway.wire.reply import ReplyForm, as_text

_HOME: Final = ("store", "clients")
KNOWN_SECONDS: Final = 2.0
"""So long a change of the register may go unnoticed by a running gateway."""
MOST_KNOWN: Final = 50_000
MOST_ID: Final = 200
"""Longer no client's id is; what anybody sends is not kept by the megabyte."""
HASHES_AT_ONCE: Final = 2
"""Each takes 19 MiB and tens of milliseconds: a flood of log-ins must not take all."""
_NUL: Final = "\x00"
"""PostgreSQL keeps no text with it, and is asked for none."""
_GENERATION_DIGITS: Final = 16
BARE: Final[dict[str | None, str]] = {"5204": "feedetail"}
"""Of which transaction some platforms give the rows without their node."""
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY: Final = _HASHER.hash("nobody's")


class Client(Struct, frozen=True, kw_only=True):
    """How one institution comes in, as registered."""

    fixmedins_code: str
    transport: str
    client_id: str
    secret_hash: str | None = None
    secret_sealed: bytes | None = None
    username: str | None = None
    password_hash: str | None = None
    sm2_public_key: bytes | None = None
    output_as_string: bool = False
    unchecked_signature: bool = False
    without_times: bool = False
    infcode_as_number: bool = False
    bare_details: bool = False
    registered_at: datetime | None = None

    def form(self, infno: str | None) -> ReplyForm:
        """Return how it reads what a transaction gives, where it reads no cipher."""
        return ReplyForm(
            written=as_text if self.output_as_string else Raw,
            infcode=int if self.infcode_as_number else str,
            with_times=not self.without_times,
            bare_node=BARE.get(infno) if self.bare_details else None,
        )

    @property
    def generation(self) -> str:
        """Return what changes when a secret does, and with nothing else.

        Clients keep a token for ten minutes and do not ask again when it is refused.
        """
        said = f"{self.secret_hash}|{self.password_hash}"
        return sha256(said.encode()).hexdigest()[:_GENERATION_DIGITS]


def _client(row: Any) -> Client | None:
    if row is None:
        return None
    # A newer gateway beside this one may have added a column.
    return Client(**{name: row[name] for name in Client.__struct_fields__})


def hash_secret(secret: str, kept: str | None = None) -> str:
    """Return the hash under which a secret is kept: the same for the same secret."""
    return kept if kept and _verify(kept, secret) else _HASHER.hash(secret)


class Registry:
    """Looks clients up; what was just looked up is not asked for again."""

    def __init__(self, pool: Connection, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault
        self._known: dict[tuple[str, str], tuple[float, Client | None]] = {}
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)

    async def by_code(self, code: str, *, afresh: bool = False) -> Client | None:
        """Return the client of an institution; ``afresh``: as it is this moment."""
        return await self._look("by_code", code, afresh=afresh)

    async def by_id(self, client_id: str, *, afresh: bool = False) -> Client | None:
        """Return the client with an id: client id, access key or fingerprint."""
        return await self._look("by_id", client_id, afresh=afresh)

    async def _look(self, name: str, value: str, *, afresh: bool) -> Client | None:
        if len(value) > MOST_ID or _NUL in value:
            return None
        now = time.monotonic()
        known = self._known.get((name, value))
        if known is not None and now - known[0] < KNOWN_SECONDS and not afresh:
            return known[1]
        client = _client(await self._pool.fetchrow(query(*_HOME, name=name), value))
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[name, value] = (now, client)
        return client

    def secret_of(self, client: Client) -> bytes:
        """Return the secret that an institution signs with."""
        assert client.secret_sealed is not None
        return self._vault.unsealed(client.secret_sealed, client.fixmedins_code)

    async def proves(self, secret: str, kept: str | None) -> bool:
        """Whether a secret is the one registered; nobody's takes as long."""
        async with self._hashing:
            return await asyncio.to_thread(_verify, kept or _NOBODY, secret) and bool(
                kept
            )


def _verify(kept: str, secret: str) -> bool:
    try:
        return _HASHER.verify(kept, secret)
    except (VerificationError, InvalidHashError):
        return False


async def registered(on: Connection, fixmedins_code: str) -> Client | None:
    """Return how an institution comes in, as it is this moment."""
    return _client(await on.fetchrow(query(*_HOME, name="by_code"), fixmedins_code))


async def register(on: Connection, client: Client) -> None:
    """Register or replace how an institution comes in."""
    await on.execute(
        query(*_HOME, name="put"),
        client.fixmedins_code,
        client.transport,
        client.client_id,
        client.secret_hash,
        client.secret_sealed,
        client.username,
        client.password_hash,
        client.sm2_public_key,
        client.output_as_string,
        client.unchecked_signature,
        client.without_times,
        client.infcode_as_number,
        client.bare_details,
    )


async def remove(on: Connection, fixmedins_code: str) -> bool:
    """End how an institution comes in; tell whether it came in at all."""
    done = await on.execute(query(*_HOME, name="remove"), fixmedins_code)
    return bool(done != "DELETE 0")
