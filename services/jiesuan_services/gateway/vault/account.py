"""The personal account: what was loaded, less what the ledger has taken since."""

from typing import Final

from jiesuan_events.words.money import Fen
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query

_HOME: Final = ("vault", "vault")
NO_OFFSET: Final = -1


async def balance(
    on: Connection, psn_no: str, *, locked: bool = False, without: int = NO_OFFSET
) -> Fen:
    """Return what is left; nobody's account is empty.

    The read models must have come to the person's last entry (see `freshness`).
    ``without`` leaves one entry out, which may or may not have been projected yet.
    """
    name = "lock_account" if locked else "account"
    row = await on.fetchrow(query(*_HOME, name=name), psn_no)
    if row is None:
        return 0
    taken: Fen = await on.fetchval(
        query(*_HOME, name="taken"), psn_no, row["after"], without
    )
    return max(0, int(row["loaded_fen"]) - taken)


async def balance_before(on: Connection, psn_no: str, *, offset: int) -> Fen:
    """Return what was left before an entry; what was loaded since counts as then."""
    row = await on.fetchrow(query(*_HOME, name="account"), psn_no)
    if row is None:
        return 0
    statement = query(*_HOME, name="taken_before")
    taken: Fen = await on.fetchval(statement, psn_no, row["after"], offset)
    return max(0, int(row["loaded_fen"]) - taken)
