"""3205A 清算申请状态查询: the institution's statements and how far each has come."""

from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from jiesuan_events.words.instants import BEIJING
from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store.statements import (
    Row,
    latest_applications,
    own_statements,
)
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import (
    Code,
    DayOut,
    MomentOut,
    Month,
    Text,
    Yuan,
)

State = Annotated[Code, AfterValidator(lambda code: code.zfill(2))]
"""The standard's table says 0 of what is 00 here."""


class StatusQuery(Node):
    """Which month and state; all of them if neither is named."""

    clr_ym: Month | None = Field(default=None, title="清算年月")
    clr_stas: State | None = Field(default=None, title="清算状态")
    clr_optins: Text | None = Field(default=None, title="清算经办机构")


class Input3205(Node):
    """The node of the transaction."""

    data: StatusQuery = StatusQuery()


class ApplicationRow(Output):
    """One statement: a month, a scheme, a category."""

    fixmedins_code: str = Field(title="定点医药机构编号")
    fixmedins_name: str = Field(title="定点医药机构名称")
    clr_appy_evt_id: str = Field(title="机构清算申请事件ID")
    clr_stas: str = Field(title="清算状态")
    clr_ym: str = Field(title="清算年月")
    clr_type: str = Field(title="清算类别")
    insutype: str = Field(title="险种类型")
    clr_optins: str = Field(title="清算经办机构")
    opt_time: MomentOut = Field(title="经办时间")
    begndate: DayOut = Field(title="开始日期")
    enddate: DayOut = Field(title="结束日期")
    psntime: int = Field(title="清算人次")
    medfee_sumamt: Yuan = Field(title="医疗费总额")
    medfee_Sumamt: Yuan = Field(title="医疗费总额")
    hi_agre_sumfee: Yuan = Field(title="医保认可费用总额")
    fund_appy_sum: Yuan = Field(title="基金申报总额")
    cash_payamt: Yuan = Field(title="现金支付金额")
    acct_pay: Yuan = Field(title="个人账户支出")
    deducted: Yuan = Field(title="扣款合计")
    payable: Yuan = Field(title="应拨付金额")
    memo: str = Field(title="备注")


class ApplicationStates(Output):
    """What 3205A gives back: one row bare, none as nothing, as its client reads it."""

    clr_appys: ApplicationRow | list[ApplicationRow] | None = Field(
        default=None, title="清算申请：没有时不返回，只有一条时为对象，否则为数组"
    )


async def states(call: Call[Input3205]) -> ApplicationStates:
    """List the statements, own declarations included."""
    sent = call.input.data
    rows = await own_statements(call, month=sent.clr_ym, state=sent.clr_stas)
    numbers = await latest_applications(call, [row["statement_id"] for row in rows])
    listed = [_shown(call, row, numbers=numbers) for row in rows]
    return ApplicationStates(
        clr_appys=listed[0] if len(listed) == 1 else listed or None
    )


def _shown(
    call: Call[Input3205], row: Row, *, numbers: dict[str, str]
) -> ApplicationRow:
    id_, medfee = row["statement_id"], row["medfee_sumamt_fen"]
    first = date(int(row["clr_ym"][:4]), int(row["clr_ym"][4:]), 1)
    days = [row[name] for name in ("drawn_on", "declared_on", "paid_on")]
    return ApplicationRow(
        **{name: row[name] for name in ("clr_stas", "clr_ym", "clr_type", "insutype")},
        fixmedins_code=call.place.fixmedins_code,
        fixmedins_name=call.place.fixmedins_name,
        clr_appy_evt_id=numbers.get(id_, id_),
        clr_optins=row["mdtrtarea_admvs"],
        opt_time=datetime.combine(max(filter(None, days)), time(), BEIJING),
        begndate=first,
        enddate=(first + timedelta(days=31)).replace(day=1) - timedelta(days=1),
        psntime=row["setl_cnt"],
        medfee_sumamt=medfee,
        medfee_Sumamt=medfee,
        hi_agre_sumfee=medfee,
        fund_appy_sum=row["fund_pay_sumamt_fen"],
        cash_payamt=row["psn_cash_pay_fen"],
        acct_pay=row["acct_pay_fen"],
        deducted=row["deducted_fen"],
        payable=row["payable_fen"],
        memo=row["reason"] or row["exception"] or "",
    )


TRANSACTION = Transaction(
    "3205A", "清算申请状态查询", Input3205, ApplicationStates, Reading(states)
)
