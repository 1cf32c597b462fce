"""2503 慢特病备案, 2504 撤销: a chronic disease recognised, and taken back."""

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
    HOSPITALS,
    Asking,
    LedgerRequest,
    Nothing,
    Transaction,
)
from jiesuan_services.gateway.wire.payload import Node
from jiesuan_services.gateway.wire.values import Code, DayIn, Id

QUALIFY: Final = "jiesuan.qualify.v1"
DISQUALIFY: Final = "jiesuan.disqualify.v1"


class QualificationInput(Node):
    """Which disease, identified by whom, from when on."""

    psn_no: Id = Field(title="人员编号")
    insutype: Code | None = Field(default=None, title="险种类型")
    opsp_dise_code: Code = Field(title="门慢门特病种目录代码")
    begndate: DayIn = Field(title="开始日期")
    enddate: DayIn | None = Field(default=None, title="结束日期")
    hosp_ide_date: DayIn | None = Field(default=None, title="医院鉴定日期")
    ide_fixmedins_no: Id | None = Field(default=None, title="鉴定定点医药机构编号")


class Input2503(Node):
    """The node of the transaction."""

    data: QualificationInput


async def ask(call: Call[Input2503]) -> LedgerRequest:
    """Ask for the qualification in the name of the person's agency."""
    sent = call.input.data
    source, scheme = await agency_and_scheme(
        call, sent.psn_no, insutype=sent.insutype, day=sent.begndate
    )
    data = {
        "psn_no": sent.psn_no,
        "insutype": scheme,
        "opsp_dise_code": sent.opsp_dise_code,
        "begndate": sent.begndate.isoformat(),
        "enddate": sent.enddate and sent.enddate.isoformat(),
        "ide_fixmedins_no": sent.ide_fixmedins_no,
        "hosp_ide_date": sent.hosp_ide_date and sent.hosp_ide_date.isoformat(),
    }
    return asked(QUALIFY, source, data=data)


async def cancel(call: Call[CancelInput]) -> LedgerRequest:
    """Ask for its end."""
    source, data = await declaration(call, "2503")
    named = {name: data[name] for name in ("insutype", "opsp_dise_code")}
    return asked(DISQUALIFY, source, data={**ending(call, data), **named})


# Who made the diagnosis may file it: a hospital (67号第十二条).
TRANSACTION = Transaction(
    "2503",
    "人员慢特病备案",
    Input2503,
    DeclarationReply,
    Asking(ask, filed),
    who=HOSPITALS,
)
CANCELLATION = Transaction(
    "2504", "人员慢特病备案撤销", CancelInput, Nothing, Asking(cancel, cancelled)
)
