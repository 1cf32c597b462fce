"""The personal account: what was loaded, less what the ledger has taken since."""

from typing import Any, Final

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
    return await _left(on, psn_no, account=row, taken="taken", offset=without)


async def balance_before(on: Connection, psn_no: str, *, offset: int) -> Fen:
    """Return what was left before an entry; what was loaded since counts as then."""
    row = await on.fetchrow(query(*_HOME, name="account"), psn_no)
    return await _left(on, psn_no, account=row, taken="taken_before", offset=offset)


async def _left(
    on: Connection, psn_no: str, *, account: Any, taken: str, offset: int
) -> Fen:
    """Return what an account was loaded with, less what a statement says was taken."""
    if account is None:
        return 0
    statement = query(*_HOME, name=taken)
    gone: Fen = await on.fetchval(statement, psn_no, account["after"], offset)
    return max(0, int(account["loaded_fen"]) - gone)
