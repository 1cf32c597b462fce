"""2201 门诊挂号: a new visit each time, whatever number the hospital gives it."""

from typing import Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store.together.rows import NewVisit, VisitChange
from jiesuan_services.gateway.transactions.kinds import (
    ChangedVisit,
    Changing,
    Transaction,
)
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import Code, Id, LooseMomentIn, Text

SCHEMES: Final = ("310", "390")
NOT_A_SCHEME: Final = "险种{}不在本平台结算，请选择310职工医保或390居民医保重新挂号。"


class Registration(Node):
    """What is needed of a registration; who the person is, `psn_no` alone says."""

    psn_no: Id = Field(title="人员编号")
    insutype: Code = Field(title="险种类型")
    begntime: LooseMomentIn = Field(default=None, title="开始时间")
    ipt_otp_no: Text = Field(min_length=1, title="住院/门诊号")


class Input2201(Node):
    """The node of the transaction."""

    data: Registration


class VisitOpened(Output):
    """The visit under its new number."""

    mdtrt_id: str = Field(title="就诊ID")
    psn_no: str = Field(title="人员编号")
    ipt_otp_no: str = Field(title="住院/门诊号")
    exp_content: str = Field(default="", title="字段扩展")


class VisitRegistered(Output):
    """What 2201 gives back."""

    data: VisitOpened


async def register(call: Call[Input2201]) -> ChangedVisit:
    """Open a visit."""
    sent = call.input.data
    if sent.insutype not in SCHEMES:
        raise CounterFault(NOT_A_SCHEME.format(sent.insutype))
    mdtrt_id = await call.services.serials.name(call.place.admdvs, call.received)
    opened = NewVisit(
        fixmedins_code=call.place.fixmedins_code,
        psn_no=sent.psn_no,
        insutype=sent.insutype,
        insuplc_admdvs=call.envelope.insuplc_admdvs,
        ipt_otp_no=sent.ipt_otp_no,
        begntime=sent.begntime or call.received,
    )
    visit = VisitOpened(
        mdtrt_id=mdtrt_id, psn_no=sent.psn_no, ipt_otp_no=sent.ipt_otp_no
    )
    return ChangedVisit(
        VisitRegistered(data=visit), VisitChange(mdtrt_id, opened=opened)
    )


TRANSACTION = Transaction(
    "2201", "门诊挂号", Input2201, VisitRegistered, Changing(register)
)
