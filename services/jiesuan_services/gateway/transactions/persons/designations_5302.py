"""5302 人员定点信息查询: the institutions that a person chose, as they hold today."""

from datetime import date
from typing import Final

from pydantic import Field

from jiesuan_events.words.codes import name_of
from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.freshness import until_projected
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import Code, DayOut, Id

FAR: Final = date(2099, 12, 31)


class DesignatedPerson(Node):
    """Whose choices are asked for."""

    psn_no: Id = Field(title="人员编号")
    biz_appy_type: Code | None = Field(default=None, title="业务申请类型")


class Input5302(Node):
    """The node of the transaction."""

    data: DesignatedPerson


class DesignationRow(Output):
    """One institution, for a disease or for ordinary care."""

    psn_no: str = Field(title="人员编号")
    insutype: str = Field(title="险种类型")
    fix_srt_no: str = Field(title="定点排序号")
    fixmedins_code: str = Field(title="定点医药机构编号")
    fixmedins_name: str = Field(title="定点医药机构名称")
    opsp_dise_code: str = Field(title="门慢门特病种目录代码")
    opsp_dise_name: str = Field(title="门慢门特病种名称")
    begndate: DayOut = Field(title="开始日期")
    enddate: DayOut = Field(title="结束日期")
    memo: str = Field(title="备注")


class Designations(Output):
    """What 5302 gives back."""

    psnfixmedin: list[DesignationRow]


async def designations(call: Call[Input5302]) -> Designations:
    """List the choices that hold today."""
    psn_no = call.input.data.psn_no
    await until_projected(call.db, psn_no)
    rows = await register.designations(call.db, psn_no, day=call.today)
    return Designations(
        psnfixmedin=[
            DesignationRow(
                psn_no=psn_no,
                insutype=row["insutype"],
                fix_srt_no=str(number),
                fixmedins_code=row["fixmedins_code"],
                fixmedins_name=row["fixmedins_name"] or "",
                opsp_dise_code=row["opsp_dise_code"] or "",
                opsp_dise_name=name_of(row["opsp_dise_code"] or ""),
                begndate=row["begndate"],
                enddate=row["enddate"] or FAR,
                memo=row["memo"] or "",
            )
            for number, row in enumerate(rows, 1)
        ]
    )


TRANSACTION = Transaction(
    "5302", "人员定点信息查询", Input5302, Designations, Reading(designations)
)
