"""The ledger's no in the words of its own sentence, fitted to `err_msg`."""

from collections.abc import Mapping
from typing import Any, Final

from jiesuan_services.gateway.faults import fitted

BARRED: Final = "compensated-before"
"""Says more than what else is wrong with such a message."""
LATER_FIRST: Final = "later-settlements-first"
_ORDER: Final = "请先按时间倒序撤销之后的结算，再撤销本笔；依次为结算ID："
_MOST_NAMED: Final = 4


def sentence_of(data: Mapping[str, Any]) -> str:
    """Return the sentence of the refusal that counts.

    For the order of refunds it names what to undo first, newest first: clients send
    refunds in the order of their database.
    """
    refusals = data["refusals"]
    barred = (one for one in refusals if one["code"] == BARRED)
    first = next(barred, refusals[0])
    blocking = first["details"].get("blocking", ())
    if first["code"] != LATER_FIRST or not blocking:
        return fitted(first["message"])
    named = "、".join(one["setl_id"] for one in blocking[:_MOST_NAMED])
    more = f"等{len(blocking)}笔" if len(blocking) > _MOST_NAMED else ""
    return fitted(f"{_ORDER}{named}{more}。")
