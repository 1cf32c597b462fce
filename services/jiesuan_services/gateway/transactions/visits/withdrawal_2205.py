"""2205 费用明细撤销: lines that are not settled go; settled ones cannot."""

from typing import Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.asking.outcomes import none_open
from jiesuan_services.gateway.transactions.kinds import Keeping, Nothing, Transaction
from jiesuan_services.gateway.transactions.visits.visit import (
    SETTLED,
    settled_batches,
    visit_of,
)
from jiesuan_services.gateway.wire.payload import Node
from jiesuan_services.gateway.wire.values import Id, OwnNumber

ALL: Final = "0000"
NO_BATCH: Final = "就诊登记{}没有收费批次{}的未结算明细，请核对批次号。"


class Withdrawal(Node):
    """Which batch goes; `0000` is every one that is not settled."""

    mdtrt_id: Id = Field(title="就诊ID")
    chrg_bchno: OwnNumber = Field(title="收费批次号")
    psn_no: Id = Field(title="人员编号")


class Input2205(Node):
    """The node of the transaction."""

    data: Withdrawal


async def withdraw(call: Call[Input2205]) -> Nothing:
    """Drop the lines."""
    sent = call.input.data
    await visit_of(call, sent.mdtrt_id, psn_no=sent.psn_no)
    await none_open(call, sent.psn_no, mdtrt_id=sent.mdtrt_id)
    await call.db.execute(query("store", "visits", name="changed"), sent.mdtrt_id)
    settled = await settled_batches(call, sent.mdtrt_id, psn_no=sent.psn_no)
    if sent.chrg_bchno == ALL:
        statement = query("store", "visits", name="drop_unsettled")
        await call.db.execute(statement, sent.mdtrt_id)
        return Nothing()
    if sent.chrg_bchno in settled:
        setl_id = settled[sent.chrg_bchno]
        raise CounterFault(SETTLED.format(sent.chrg_bchno, setl_id))
    statement = query("store", "visits", name="drop_batch")
    done = await call.db.execute(statement, sent.mdtrt_id, sent.chrg_bchno)
    if done == "DELETE 0":
        raise CounterFault(NO_BATCH.format(sent.mdtrt_id, sent.chrg_bchno))
    return Nothing()


TRANSACTION = Transaction(
    "2205", "门诊费用明细信息撤销", Input2205, Nothing, Keeping(withdraw)
)
