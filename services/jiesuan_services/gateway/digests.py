"""How a message is named by its `input`, so that a name gives nobody's number away."""

import hashlib
import hmac
import secrets
from typing import Any

from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.kinds import Asking, Transaction
from jiesuan_services.gateway.vault.identities import Vault
from jiesuan_services.gateway.vault.keys import KEY_BYTES
from jiesuan_services.gateway.vault.rotation import INPUT_DIGESTS
from jiesuan_services.gateway.wire.envelope import digest_of
from jiesuan_services.gateway.wire.payload import canonical


class InputDigests:
    """Names messages: those that become requests plainly, the others with a key.

    A request's second name has digits of the plain digest. `input` of the others may be
    a number and no more, which who has the plain digest would find by trying.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._key: bytes | None = None

    async def of(self, input_: Any, transaction: Transaction, *, on: Connection) -> str:
        """Return what names a message; the same whichever master key is in force."""
        if isinstance(transaction.work, Asking):
            return digest_of(input_)
        if self._key is None:
            self._key = await self._read(on)
        return hmac.new(self._key, canonical(input_), hashlib.sha256).hexdigest()

    async def _read(self, on: Connection) -> bytes:
        """Read the key; whoever comes first makes it, the same for all gateways."""
        made = self._vault.master.seal(secrets.token_bytes(KEY_BYTES), INPUT_DIGESTS)
        statement = query("store", "clients", name="secret")
        kept = await on.fetchval(statement, INPUT_DIGESTS, made)
        # Another gateway may have made it while we looked.
        kept = kept or await on.fetchval(statement, INPUT_DIGESTS, made)
        return self._vault.unsealed(kept, INPUT_DIGESTS)
