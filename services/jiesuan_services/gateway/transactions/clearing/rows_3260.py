"""3260 异地清分结果查询: a month's rows of patients insured elsewhere, page by page."""

from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store.statements import rows_of_month
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import (
    CountIn,
    MomentOut,
    Yuan,
    read_text,
    shaped,
)

PAGE: Final = 100
SETTLED_AT_THE_PLACE: Final = "0"
NOT_DRAWN: Final = "{}年{}月尚未清分，请在经办机构清分后用新的报文重新查询。"
TreatmentYear = Annotated[
    str, BeforeValidator(read_text), shaped(r"^[0-9]{4}$", "应为4位数字的年份")
]
TreatmentMonth = Annotated[
    str, BeforeValidator(read_text), shaped(r"^(0?[1-9]|1[0-2])$", "应为1至12的月份")
]


class TreatmentMonthNode(Node):
    """The month that a message is about."""

    trt_year: TreatmentYear = Field(title="结算年度")
    trt_month: TreatmentMonth = Field(title="结算月份")

    @property
    def clr_ym(self) -> str:
        """Return year and month as clearing names them."""
        return f"{self.trt_year}{self.trt_month:0>2}"


class RowsQuery(TreatmentMonthNode):
    """Which month, and from which row on: the first is 1, of who counts hundreds 0."""

    startrow: CountIn = Field(default=1, ge=0, le=10**9, title="开始行")


class Input3260(Node):
    """The node of the transaction."""

    data: RowsQuery


class RemoteRow(Output):
    """One settlement or refund of a patient insured elsewhere."""

    seqno: int = Field(title="顺序号")
    mdtrtarea: str = Field(title="就医地医保区划")
    medins_no: str = Field(title="医疗机构编号")
    psn_no: str = Field(title="人员编号")
    certno: str = Field(default="", title="证件号码")
    mdtrt_id: str = Field(title="就诊登记号")
    mdtrt_setl_time: MomentOut = Field(title="就诊结算时间")
    setl_sn: str = Field(title="结算流水号")
    fulamt_advpay_flag: str = Field(title="全额垫付标志")
    medfee_sumamt: Yuan = Field(title="总费用")
    optins_pay_sumamt: Yuan = Field(title="经办机构支付总额")
    cnfm_flag: str = Field(title="确认标志")


class RemoteRows(Output):
    """What 3260 gives back: at most a hundred rows, none after the last."""

    data: list[RemoteRow]


def rows_before(startrow: int) -> int:
    """Return how many rows lie before a page.

    Rows are counted from 1. Who asks for the first page from 0 on, asks for the next
    from 100 on, which nobody does who began at 1.
    """
    return startrow if startrow % PAGE == 0 else startrow - 1


async def rows(call: Call[Input3260]) -> RemoteRows:
    """List the rows that the month's statements of the institution hold."""
    sent = call.input.data
    skipped = rows_before(sent.startrow)
    found = await rows_of_month(call, sent.clr_ym, skipped=skipped, most=PAGE)
    if found is None:
        raise CounterFault(NOT_DRAWN.format(sent.trt_year, sent.trt_month))
    return RemoteRows(
        data=[
            RemoteRow(
                seqno=number,
                mdtrtarea=row["mdtrtarea_admvs"],
                medins_no=row["fixmedins_code"],
                psn_no=row["psn_no"],
                mdtrt_id=row["mdtrt_id"],
                mdtrt_setl_time=row["recorded_at"],
                setl_sn=row["setl_id"],
                fulamt_advpay_flag=SETTLED_AT_THE_PLACE,
                medfee_sumamt=row["medfee_sumamt_fen"],
                optins_pay_sumamt=row["fund_pay_sumamt_fen"],
                cnfm_flag=row["cnfm_flag"] or "",
            )
            for number, row in enumerate(found, skipped + 1)
        ]
    )


TRANSACTION = Transaction(
    "3260",
    "异地清分结果查询",
    Input3260,
    RemoteRows,
    Reading(rows),
    names_person=True,
)
