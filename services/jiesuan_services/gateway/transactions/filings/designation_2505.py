"""2505 人员定点备案, 2506 撤销: the institution where a person has his care."""

from typing import Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.transactions.filings.declaration import (
    CancelInput,
    DeclarationReply,
    agency_and_scheme,
    asked,
    cancelled,
    declaration,
    ending,
    filed,
)
from jiesuan_services.gateway.transactions.kinds import (
    Asking,
    LedgerRequest,
    Nothing,
    Transaction,
)
from jiesuan_services.gateway.wire.payload import Node
from jiesuan_services.gateway.wire.values import Code, DayIn, Id

DESIGNATE: Final = "jiesuan.designate.v1"
UNDESIGNATE: Final = "jiesuan.undesignate.v1"


class DesignationInput(Node):
    """Which institution, for which disease if for one, from when on."""

    psn_no: Id = Field(title="人员编号")
    insutype: Code | None = Field(default=None, title="险种类型")
    fixmedins_code: Id = Field(title="定点医药机构编号")
    opsp_dise_code: Code | None = Field(default=None, title="门慢门特病种目录代码")
    begndate: DayIn = Field(title="开始日期")
    enddate: DayIn | None = Field(default=None, title="结束日期")


class Input2505(Node):
    """The node of the transaction."""

    data: DesignationInput


async def ask(call: Call[Input2505]) -> LedgerRequest:
    """Ask for the designation in the name of the person's agency."""
    sent = call.input.data
    source, scheme = await agency_and_scheme(
        call, sent.psn_no, insutype=sent.insutype, day=sent.begndate
    )
    data = {
        "psn_no": sent.psn_no,
        "insutype": scheme,
        "fixmedins_code": sent.fixmedins_code,
        "opsp_dise_code": sent.opsp_dise_code,
        "begndate": sent.begndate.isoformat(),
        "enddate": sent.enddate and sent.enddate.isoformat(),
    }
    return asked(DESIGNATE, source, data=data)


async def cancel(call: Call[CancelInput]) -> LedgerRequest:
    """Ask for its end."""
    source, data = await declaration(call, "2505")
    names = ("insutype", "fixmedins_code", "opsp_dise_code")
    named = {name: data.get(name) for name in names}
    return asked(UNDESIGNATE, source, data={**ending(call, data), **named})


TRANSACTION = Transaction(
    "2505", "人员定点备案", Input2505, DeclarationReply, Asking(ask, filed)
)
CANCELLATION = Transaction(
    "2506", "人员定点备案撤销", CancelInput, Nothing, Asking(cancel, cancelled)
)
