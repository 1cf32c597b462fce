"""Another master key: what was sealed with the old one is sealed with the new."""

import secrets
from typing import Final

from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.vault.keys import KEY_BYTES, KeyRefused, MasterKey

_HOME: Final = ("store", "clients")
INPUT_DIGESTS: Final = "input digests"
"""The name of the secret that digests of messages are made with."""


async def reseal_clients(on: Connection, new: MasterKey, *, old: MasterKey) -> int:
    """Seal what institutions sign with anew; what was done before stays.

    The secret of the digests goes along. It is made here if it is not there yet: later
    a gateway that has the old key alone might make it.
    """
    made = new.seal(secrets.token_bytes(KEY_BYTES), INPUT_DIGESTS)
    await on.fetchval(query(*_HOME, name="secret"), INPUT_DIGESTS, made)
    done = 0
    for row in await on.fetch(query(*_HOME, name="sealed")):
        owner = row["owner"]
        try:
            secret = old.open(row["sealed"], owner)
        except KeyRefused:
            new.open(row["sealed"], owner)
            continue
        await on.execute(query(*_HOME, name="reseal"), owner, new.seal(secret, owner))
        done += owner != INPUT_DIGESTS
    return done
