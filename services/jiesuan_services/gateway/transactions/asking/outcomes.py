"""Outcomes that nobody has heard yet: what depends on them waits for them."""

from collections.abc import Iterable
from typing import Any, Final

from jiesuan_domain.refusals.of_request import compensated_before
from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store.database import Connection
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.kinds import Unresolved

BARRED: Final = compensated_before().message
"""The ledger would refuse it too, but under the name it has there: a message whose
msgid another one has taken gets another name."""
COMPENSATION: Final = "2601"


async def none_open(
    call: Call[Any],
    psn_no: str,
    *,
    mdtrt_id: str | None = None,
    account: bool = False,
) -> None:
    """Raise Unresolved while an earlier message may still move what is asked about.

    ``mdtrt_id``: messages about that visit; ``account``: those that take from the
    person's account.
    """
    _wait_for(
        row
        for row in await _others(call, psn_no)
        if (mdtrt_id is not None and row["mdtrt_id"] == mdtrt_id)
        or (account and row["uses_account"])
    )


async def no_compensation_open(db: Connection, psn_no: str) -> None:
    """Raise Unresolved while a compensation of the person's is unanswered."""
    rows = await db.fetch(query("store", "messages", name="open_of_person"), psn_no)
    _wait_for(row for row in rows if row["infno"] == COMPENSATION)


async def nothing_open(call: Call[Any], psn_no: str) -> None:
    """Raise Unresolved while any earlier message about the person is unanswered."""
    _wait_for(await _others(call, psn_no))


def _wait_for(rows: Iterable[Any]) -> None:
    """Raise Unresolved if there are any."""
    standing = list(rows)
    if standing:
        raise Unresolved(standing)


async def _others(call: Call[Any], psn_no: str) -> list[Any]:
    """Return the unanswered messages about a person, this one aside."""
    statement = query("store", "messages", name="open_of_person")
    rows = await call.db.fetch(statement, psn_no)
    return [row for row in rows if not _is_own(row, call)]


def _is_own(row: Any, call: Call[Any]) -> bool:
    key = (row["fixmedins_code"], row["msgid"], row["infno"], row["digest"])
    return bool(key == call.key)
