"""Outcomes that nobody has heard yet: what depends on them waits for them."""

from typing import Any, Final

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.kinds import Unresolved

BARRED: Final = "该报文已被冲正，不再办理；如需结算，请用新的报文重新发送。"
"""The ledger would refuse it too, but under the name it has there: a message whose
msgid another one has taken gets another name."""


async def none_open(
    call: Call[Any],
    psn_no: str,
    *,
    mdtrt_id: str | None = None,
    account: bool = False,
    infno: str | None = None,
) -> None:
    """Raise Unresolved while an earlier message may still move what is asked about.

    ``mdtrt_id``: messages about that visit; ``account``: those that take from the
    person's account; ``infno``: those of that transaction.
    """
    rows = await call.db.fetch(
        query("store", "messages", name="open_of_person"), psn_no
    )
    named = [
        row
        for row in rows
        if (mdtrt_id is not None and row["mdtrt_id"] == mdtrt_id)
        or (account and row["uses_account"])
        or (infno is not None and row["infno"] == infno)
    ]
    others = [row for row in named if row["inf_refmsgid"] and not _is_own(row, call)]
    if others:
        raise Unresolved(others)


def _is_own(row: Any, call: Call[Any]) -> bool:
    key = (row["fixmedins_code"], row["msgid"], row["infno"], row["digest"])
    return bool(key == call.key)
