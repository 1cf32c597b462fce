"""What is not served yet: refused in words, and nothing of it looked at."""

from typing import Any, Final

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.transactions.kinds import (
    Nothing,
    Reading,
    Transaction,
)
from jiesuan_services.gateway.wire.payload import Node, Output

NOT_YET: Final = (
    "交易{}（{}）本平台尚未开通，本次请求未作任何处理，请改由经办机构线下办理。"
)


class Unread(Node):
    """Whatever was sent: nothing of it is looked at."""


def _closed(infno: str, zh: str) -> Transaction:
    async def refuse(call: Call[Any]) -> Output:
        raise CounterFault(NOT_YET.format(infno, zh))

    return Transaction(infno, zh, Unread, Nothing, Reading(refuse))


CLOSED: Final = tuple(
    _closed(infno, zh)
    for infno, zh in (
        ("3203", "清算申请"),
        ("3203A", "清算申请"),
        ("3204", "清算申请撤销"),
        ("3204A", "清算申请撤销"),
        ("3205A", "清算申请状态查询"),
        ("3260", "异地清分结果查询"),
        ("3261", "异地清分结果确认"),
        ("3262", "异地清分结果确认回退"),
    )
)
