"""3201 对总账: a span of days held against the ledger's rows of one institution."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from pydantic import Field

from jiesuan_events.words.instants import BEIJING
from jiesuan_events.words.money import yuan
from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store.freshness import until_all_projected
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import Code, CountIn, DayIn, Text, YuanIn
from jiesuan_services.reconciling.totals import AMOUNTS, EVEN, UNEVEN

ORDINARY: Final = "11"
CHRONIC: Final = "14"
ENDS_BEFORE: Final = "对账结束日期早于开始日期，请更正后重新发送。"


class DayTotals(Node):
    """What the institution believes of its days; refunds are negative rows."""

    insutype: Code = Field(title="险种类型")
    clr_type: Code = Field(title="清算类别")
    stmt_begndate: DayIn = Field(title="对账开始日期")
    stmt_enddate: DayIn = Field(title="对账结束日期")
    medfee_sumamt: YuanIn = Field(title="医疗费总额")
    fund_pay_sumamt: YuanIn = Field(title="基金支付总额")
    acct_pay: YuanIn = Field(title="个人账户支付金额")
    fixmedins_setl_cnt: CountIn = Field(title="定点医药机构结算笔数")
    setl_optins: Text | None = Field(default=None, title="结算经办机构")


class Input3201(Node):
    """The node of the transaction."""

    data: DayTotals


class StmtInfo(Output):
    """Whether it is even, and if not, what differs."""

    setl_optins: str = Field(title="结算经办机构")
    stmt_rslt: str = Field(title="对账结果")
    stmt_rslt_dscr: str = Field(title="对账结果说明")


class Stated(Output):
    """What 3201 gives back."""

    stmtinfo: StmtInfo


async def reconcile(call: Call[Input3201]) -> Stated:
    """Compare the totals with the ledger, once the counter's writes are visible."""
    sent = call.input.data
    midnight, end = span(sent.stmt_begndate, sent.stmt_enddate)
    await until_all_projected(call.db, call.place.fixmedins_code)
    rows = await call.db.fetch(
        query("store", "register", name="totals"),
        call.place.fixmedins_code,
        sent.insutype,
        midnight,
        end,
    )
    ours = {row["clr_type"]: row for row in rows}
    differences = min(
        (_differences(sent, ours.get(kind, {})) for kind in kinds_meant(sent.clr_type)),
        key=len,
    )
    said = StmtInfo(
        setl_optins=sent.setl_optins or call.place.admdvs,
        stmt_rslt=UNEVEN if differences else EVEN,
        stmt_rslt_dscr="；".join(differences)[:200] or "平",
    )
    return Stated(stmtinfo=said)


def span(begins: date, ends: date) -> tuple[datetime, datetime]:
    """Return the instants from which and before which days lie, in Beijing's time."""
    if ends < begins:
        raise CounterFault(ENDS_BEFORE)
    midnight = datetime.combine(begins, time(), BEIJING)
    return midnight, datetime.combine(ends, time(), BEIJING) + timedelta(days=1)


def kinds_meant(clr_type: str) -> tuple[str, ...]:
    """Return the categories a client may mean: one sends chronic care as 11."""
    return (ORDINARY, CHRONIC) if clr_type == ORDINARY else (clr_type,)


def _differences(sent: DayTotals, ours: Any) -> list[str]:
    """Say what differs: even when the amounts agree and either way of counting does."""
    found = []
    for name, title in AMOUNTS:
        theirs, have = getattr(sent, name.removesuffix("_fen")), ours.get(name, 0)
        if theirs != have:
            found.append(
                f"{title}本机构{yuan(theirs)}元、平台{yuan(have)}元，"
                f"相差{yuan(theirs - have)}元"
            )
    rows, net = ours.get("rows", 0), ours.get("net", 0)
    if sent.fixmedins_setl_cnt not in (rows, net):
        found.append(
            f"笔数本机构{sent.fixmedins_setl_cnt}笔、平台{rows}笔"
            f"（含退费；退费相抵后{net}笔）"
        )
    return found


TRANSACTION = Transaction(
    "3201", "医药机构费用结算对总账", Input3201, Stated, Reading(reconcile)
)
