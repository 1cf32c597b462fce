"""2208 门诊结算撤销: the whole settlement taken back, as a settlement of its own."""

from typing import Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.freshness import until_projected
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.asking.outcomes import nothing_open
from jiesuan_services.gateway.transactions.kinds import (
    AnsweredRequest,
    Asking,
    LedgerRequest,
    Transaction,
)
from jiesuan_services.gateway.transactions.settlement import (
    SetlDetail,
    SetlInfo,
    detail_of,
    setlinfo_of,
)
from jiesuan_services.gateway.vault.account import balance
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import Id, Yuan

REFUND: Final = "jiesuan.refund.v1"
OTHER_VISIT: Final = "就诊ID{}与结算{}的就诊ID不一致，请核对后用新的报文重新发送。"


class RefundNode(Node):
    """Which settlement is taken back; its visit need not be named, but not wrongly."""

    psn_no: Id = Field(title="人员编号")
    setl_id: Id = Field(title="结算ID")
    mdtrt_id: Id | None = Field(default=None, title="就诊ID")


class Input2208(Node):
    """The node of the transaction."""

    data: RefundNode


class RefundInfo(SetlInfo):
    """The mirror's money; cash under both names that clients read."""

    pdn_cash_pay: Yuan = Field(title="个人现金支出")


class RefundReply(Output):
    """What 2208 and 2103 give back."""

    setlinfo: RefundInfo
    setldetail: list[SetlDetail]


async def ask(call: Call[Input2208]) -> LedgerRequest:
    """Say which settlement is to be taken back."""
    sent = call.input.data
    # A refund need not name its visit, and frees the batch that is marked: what is
    # answered afterwards would mark it again.
    await nothing_open(call, sent.psn_no)
    await until_projected(call.db, sent.psn_no)
    await _of_its_visit(call)
    data = {
        "psn_no": sent.psn_no,
        "fixmedins_code": call.place.fixmedins_code,
        "setl_id": sent.setl_id,
    }
    return LedgerRequest(
        REFUND, call.place.source, sent.psn_no, data, mdtrt_id=sent.mdtrt_id
    )


async def _of_its_visit(call: Call[Input2208]) -> None:
    """Refuse another visit's id; what is no settlement here the ledger refuses."""
    sent = call.input.data
    if sent.mdtrt_id is None:
        return
    row = await register.settlement(
        call.db,
        sent.setl_id,
        psn_no=sent.psn_no,
        fixmedins_code=call.place.fixmedins_code,
    )
    if row is not None and row["mdtrt_id"] != sent.mdtrt_id:
        raise CounterFault(OTHER_VISIT.format(sent.mdtrt_id, sent.setl_id))


async def refunded(answered: AnsweredRequest) -> RefundReply:
    """Free the batch, and give the money with its sign turned."""
    block = answered.answer.data
    await answered.db.execute(
        query("store", "visits", name="unsettle"), block["init_setl_id"]
    )
    offset = block["entry"]["offset"]
    left = await balance(answered.db, answered.psn_no, without=offset)
    return RefundReply(
        setlinfo=RefundInfo(
            **setlinfo_of(
                block,
                answered.psn_no,
                msgid=answered.msgid,
                balance=left - block["acct_pay_fen"],
                at=answered.answer.time,
            ),
            pdn_cash_pay=block["psn_cash_pay_fen"],
        ),
        setldetail=detail_of(block),
    )


TRANSACTION = Transaction(
    "2208",
    "门诊结算撤销",
    Input2208,
    RefundReply,
    Asking(ask, refunded),
    names_person=True,
)
