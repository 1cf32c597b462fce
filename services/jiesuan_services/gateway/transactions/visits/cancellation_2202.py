"""2202 挂号撤销: a visit of which nothing is settled ends; what it held goes too."""

from typing import Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.asking.outcomes import none_open
from jiesuan_services.gateway.transactions.kinds import Keeping, Nothing, Transaction
from jiesuan_services.gateway.transactions.visits.visit import (
    settled_batches,
    visit_of,
)
from jiesuan_services.gateway.wire.payload import Node
from jiesuan_services.gateway.wire.values import Id

STANDS: Final = "就诊登记{}还有未撤销的结算{}，请先撤销结算（2208）再撤销挂号。"


class Cancellation(Node):
    """Which visit is cancelled."""

    psn_no: Id = Field(title="人员编号")
    mdtrt_id: Id = Field(title="就诊ID")


class Input2202(Node):
    """The node of the transaction."""

    data: Cancellation


async def cancel(call: Call[Input2202]) -> Nothing:
    """End the visit."""
    sent = call.input.data
    await visit_of(call, sent.mdtrt_id, psn_no=sent.psn_no)
    await none_open(call, sent.psn_no, mdtrt_id=sent.mdtrt_id)
    settled = await settled_batches(call, sent.mdtrt_id, psn_no=sent.psn_no)
    for setl_id in settled.values():
        raise CounterFault(STANDS.format(sent.mdtrt_id, setl_id))
    await call.db.execute(
        query("store", "visits", name="drop_unsettled"), sent.mdtrt_id
    )
    await call.db.execute(query("store", "visits", name="cancel"), sent.mdtrt_id)
    return Nothing()


TRANSACTION = Transaction("2202", "门诊挂号撤销", Input2202, Nothing, Keeping(cancel))
