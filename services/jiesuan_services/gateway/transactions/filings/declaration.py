"""What is filed at the counter: asked of the ledger in the name of the agency."""

import json
from datetime import date, timedelta
from typing import Any, Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.kinds import (
    AnsweredRequest,
    LedgerRequest,
    Nothing,
)
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import Id

NOT_DECLARED: Final = "未查到本机构的待遇申报{}，请核对待遇申报明细流水号和人员编号。"
NOT_ENROLLED: Final = "未查到参保人在{}的参保登记，请核对险种和开始日期。"
SCHEMES: Final = ("310", "390")


class DeclaredFiling(Output):
    """The number under which it can be taken back."""

    trt_dcla_detl_sn: str = Field(title="待遇申报明细流水号")


class DeclarationReply(Output):
    """What 2501, 2503 and 2505 give back."""

    result: DeclaredFiling


class Cancelled(Node):
    """Which declaration is taken back: why, its sender knows (decision 0054)."""

    psn_no: Id = Field(title="人员编号")
    trt_dcla_detl_sn: Id = Field(title="待遇申报明细流水号")


class CancelInput(Node):
    """The node of 2502, 2504 and 2506."""

    data: Cancelled


async def agency_and_scheme(
    call: Call[Any], psn_no: str, *, insutype: str | None, day: date
) -> tuple[str, str]:
    """Return in whose name it is asked, and the scheme: those of the enrolment."""
    rows = await register.enrolments_on(call.db, psn_no, day=day)
    wanted = SCHEMES if insutype is None else (insutype,)
    for scheme in wanted:
        for row in rows:
            if row["insutype"] == scheme:
                return f"/agency/{row['insuplc_admdvs']}", scheme
    raise CounterFault(NOT_ENROLLED.format(day.isoformat()))


async def filed(answered: AnsweredRequest) -> DeclarationReply:
    """Return the number of the declaration: our own name for its message."""
    return DeclarationReply(
        result=DeclaredFiling(trt_dcla_detl_sn=answered.inf_refmsgid)
    )


async def cancelled(answered: AnsweredRequest) -> Nothing:
    """Say no more than that it is done."""
    return Nothing()


async def declaration(call: Call[CancelInput], infno: str) -> tuple[str, Any]:
    """Return in whose name a declaration was asked, and what it said."""
    sent = call.input.data
    row = await call.db.fetchrow(
        query("store", "messages", name="declared"),
        call.place.fixmedins_code,
        infno,
        sent.psn_no,
        sent.trt_dcla_detl_sn,
    )
    if row is None:
        raise CounterFault(NOT_DECLARED.format(sent.trt_dcla_detl_sn))
    message = json.loads(row["request"])["message"]
    return message["source"], message["data"]


def ending(call: Call[CancelInput], data: Any) -> dict[str, Any]:
    """Return what ends something: yesterday, but not before it began."""
    begin = date.fromisoformat(data["begndate"])
    end = max(begin, call.today - timedelta(days=1))
    return {"psn_no": data["psn_no"], "enddate": end.isoformat()}


def asked(type_: str, source: str, *, data: dict[str, Any]) -> LedgerRequest:
    """Return a request in the name of an agency, absent values left out."""
    said = {name: value for name, value in data.items() if value is not None}
    return LedgerRequest(type_, source, data["psn_no"], said)
