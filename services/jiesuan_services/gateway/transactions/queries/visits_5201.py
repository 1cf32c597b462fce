"""5201 就诊信息查询: a person's visits here, in a span of time.

A visit that is not kept here, as it was imported or its state was lost, is listed as
its settlements tell: under the day of its costs.
"""

from datetime import timedelta
from typing import Final

from pydantic import Field

from jiesuan_events.words.codes import name_of
from jiesuan_events.words.instants import policy_date
from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import (
    Code,
    Id,
    LooseEndIn,
    LooseMomentIn,
    MomentOut,
)

SPAN: Final = timedelta(days=365)


class VisitQuery(Node):
    """Whose visits, from when to when."""

    psn_no: Id = Field(title="人员编号")
    begntime: LooseMomentIn = Field(default=None, title="开始时间")
    endtime: LooseEndIn = Field(default=None, title="结束时间")
    med_type: Code | None = Field(default=None, title="医疗类别")
    mdtrt_id: Id | None = Field(default=None, title="就诊ID")


class Input5201(Node):
    """The node of the transaction."""

    data: VisitQuery


class VisitRow(Output):
    """One visit."""

    mdtrt_id: str = Field(title="就诊ID")
    psn_no: str = Field(title="人员编号")
    insutype: str = Field(title="险种类型")
    ipt_otp_no: str = Field(title="住院/门诊号")
    begntime: MomentOut = Field(title="开始时间")
    med_type: str = Field(title="医疗类别")
    dise_codg: str = Field(title="病种编码")
    dise_name: str = Field(title="病种名称")
    fixmedins_code: str = Field(title="定点医药机构编号")
    fixmedins_name: str = Field(title="定点医药机构名称")


class Visits(Output):
    """What 5201 gives back."""

    mdtrtinfo: list[VisitRow]


async def visits(call: Call[Input5201]) -> Visits:
    """List the visits that match."""
    sent = call.input.data
    until = sent.endtime or call.received
    since = sent.begntime or until - SPAN
    kept = await call.db.fetch(
        query("store", "visits", name="visits_of_person"),
        sent.psn_no,
        call.place.fixmedins_code,
        since,
        until,
    )
    settled = await register.visits_settled(
        call.db,
        sent.psn_no,
        fixmedins_code=call.place.fixmedins_code,
        days=(policy_date(since), policy_date(until)),
    )
    rows = sorted((*kept, *settled), key=lambda row: row["begntime"])
    return Visits(
        mdtrtinfo=[
            VisitRow(
                **{name: row[name] for name in ("mdtrt_id", "psn_no", "insutype")},
                ipt_otp_no=row["ipt_otp_no"],
                begntime=row["begntime"],
                med_type=row["med_type"] or "",
                dise_codg=row["dise_codg"] or "",
                dise_name=row["dise_name"] or name_of(row["dise_codg"] or ""),
                fixmedins_code=row["fixmedins_code"],
                fixmedins_name=call.place.fixmedins_name,
            )
            for row in rows
            if sent.med_type in (None, row["med_type"])
            and sent.mdtrt_id in (None, row["mdtrt_id"])
        ]
    )


TRANSACTION = Transaction("5201", "就诊信息查询", Input5201, Visits, Reading(visits))
