"""Another master key: what was sealed with the old one is sealed with the new."""

from typing import Final

from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.vault.keys import KeyRefused, MasterKey

_HOME: Final = ("store", "clients")


async def reseal_clients(on: Connection, new: MasterKey, *, old: MasterKey) -> int:
    """Seal the secrets of signing institutions anew; those done before stay."""
    done = 0
    for row in await on.fetch(query(*_HOME, name="sealed")):
        owner = row["fixmedins_code"]
        try:
            secret = old.open(row["secret_sealed"], owner)
        except KeyRefused:
            new.open(row["secret_sealed"], owner)
            continue
        await on.execute(query(*_HOME, name="reseal"), owner, new.seal(secret, owner))
        done += 1
    return done
