"""3262 异地清分结果确认回退: a confirmation taken back by the name of its message."""

from typing import Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.ledger.naming import carried
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.asking.refusal import CALLED
from jiesuan_services.gateway.transactions.clearing.rows_3260 import (
    TreatmentMonthNode,
)
from jiesuan_services.gateway.transactions.kinds import (
    AnsweredRequest,
    Asking,
    LedgerRequest,
    Nothing,
    Transaction,
)
from jiesuan_services.gateway.wire.payload import Node
from jiesuan_services.gateway.wire.values import MsgId

UNCONFIRM: Final = "jiesuan.clearing.unconfirm.v1"


class ConfirmationRollback(TreatmentMonthNode):
    """Which confirmation: by its sender's msgid, or by our name for the message."""

    otransid: MsgId = Field(title="原交易流水号")


class Input3262(Node):
    """The node of the transaction."""

    data: ConfirmationRollback


async def ask(call: Call[Input3262]) -> LedgerRequest:
    """Take back what the message of that name confirmed."""
    sent, place = call.input.data, call.place
    asked_as = await call.db.fetchval(
        query("store", "messages", name="asked_by_name"),
        place.fixmedins_code,
        "3261",
        sent.otransid,
    )
    known_as = asked_as or carried(sent.otransid)
    data = {
        "clr_ym": sent.clr_ym,
        "fixmedins_code": place.fixmedins_code,
        "request_id": known_as,
    }
    echo = {CALLED: {known_as: sent.otransid}}
    return LedgerRequest(UNCONFIRM, place.source, place.admdvs, data, echo=echo)


async def rolled_back(answered: AnsweredRequest) -> Nothing:
    """Say no more than that it is done."""
    return Nothing()


TRANSACTION = Transaction(
    "3262", "异地清分结果确认回退", Input3262, Nothing, Asking(ask, rolled_back)
)
