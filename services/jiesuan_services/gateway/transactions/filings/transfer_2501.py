"""2501 转院备案, 2502 撤销: care in another region, on referral."""

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
from jiesuan_services.gateway.wire.values import Code, DayIn, Id, Region

FILE: Final = "jiesuan.file.v1"
UNFILE: Final = "jiesuan.unfile.v1"
REFERRED: Final = "referred"


class Referral(Node):
    """Where a person is sent, and from when on."""

    psn_no: Id = Field(title="人员编号")
    insutype: Code | None = Field(default=None, title="险种类型")
    mdtrtarea_admdvs: Region = Field(title="就医地行政区划")
    refl_date: DayIn | None = Field(default=None, title="转院日期")
    begndate: DayIn | None = Field(default=None, title="开始日期")
    enddate: DayIn | None = Field(default=None, title="结束日期")


class Input2501(Node):
    """The node of the transaction."""

    refmedin: Referral


async def ask(call: Call[Input2501]) -> LedgerRequest:
    """Ask for the filing in the name of the person's agency."""
    sent = call.input.refmedin
    begin = sent.begndate or sent.refl_date or call.today
    source, scheme = await agency_and_scheme(
        call, sent.psn_no, insutype=sent.insutype, day=begin
    )
    data = {
        "psn_no": sent.psn_no,
        "insutype": scheme,
        "filing_type": REFERRED,
        "rloc_admdvs": sent.mdtrtarea_admdvs,
        "refl_fixmedins_code": call.place.fixmedins_code,
        "begndate": begin.isoformat(),
        "enddate": sent.enddate and sent.enddate.isoformat(),
    }
    return asked(FILE, source, data=data)


async def cancel(call: Call[CancelInput]) -> LedgerRequest:
    """Ask for its end."""
    source, data = await declaration(call, "2501")
    named = {name: data[name] for name in ("insutype", "rloc_admdvs")}
    return asked(UNFILE, source, data={**ending(call, data), **named})


TRANSACTION = Transaction(
    "2501", "转院备案", Input2501, DeclarationReply, Asking(ask, filed)
)
CANCELLATION = Transaction(
    "2502", "转院备案撤销", CancelInput, Nothing, Asking(cancel, cancelled)
)
