"""3201 对总账: a span of days held against the ledger's rows of one institution."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

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
OTHERS: Final = ("14", "13", "15")
"""Chronic care, emergencies, the two diseases: each sent as 11 in its own message."""
Part = str | None
"""Settlements alone, refunds alone, or both."""
PARTS: Final[dict[Part, str]] = {"0": "只计结算：", "1": "只计退费：", None: ""}
ENDS_BEFORE: Final = "对账结束日期早于开始日期，请更正后重新发送。"
MOST_DAYS: Final = 366
"""A year: of so many days all that the country settled may be read."""
TOO_LONG: Final = "对账日期共{}天，一次最多{}天，请分段对账，每段缩短日期后重新发送。"


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
    refd_setl_flag: Text | None = Field(default=None, title="退费结算标志")

    @property
    def part(self) -> Part:
        """Return what the totals are said to be of: any other flag says nothing."""
        return self.refd_setl_flag if self.refd_setl_flag in PARTS else None


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
    days = span(sent.stmt_begndate, sent.stmt_enddate)
    await until_all_projected(call.db, call.place.fixmedins_code)
    rows = await call.db.fetch(
        query("store", "register", name="totals"),
        call.place.fixmedins_code,
        sent.insutype,
        *days,
    )
    ours = {(row["clr_type"], row["refd_setl_flag"]): row for row in rows}
    differences = _told(sent, ours)
    said = StmtInfo(
        setl_optins=sent.setl_optins or call.place.admdvs,
        stmt_rslt=UNEVEN if differences else EVEN,
        stmt_rslt_dscr=differences[:200] or "平",
    )
    return Stated(stmtinfo=said)


class DaySpan(NamedTuple):
    """Some days as the read models are asked for them, in Beijing's time."""

    midnight: datetime
    """The instant from which they lie."""
    end: datetime
    """The instant before which they lie."""
    first_month: str
    last_month: str


def span(begins: date, ends: date) -> DaySpan:
    """Return some days, or say why they are not reconciled."""
    if ends < begins:
        raise CounterFault(ENDS_BEFORE)
    count = (ends - begins).days + 1
    if count > MOST_DAYS:
        raise CounterFault(TOO_LONG.format(count, MOST_DAYS))
    midnight = datetime.combine(begins, time(), BEIJING)
    end = midnight + timedelta(days=count)
    return DaySpan(midnight, end, f"{begins:%Y%m}", f"{ends:%Y%m}")


def kinds_meant(clr_type: str) -> tuple[str, ...]:
    """Return the categories a client may mean: one knows of outpatients 11 alone."""
    return (ORDINARY, *OTHERS) if clr_type == ORDINARY else (clr_type,)


def _told(sent: DayTotals, ours: Mapping[tuple[str, Part], Any]) -> str:
    """Say what differs; nothing where the totals agree with what they may be of.

    What is told is of the category named. Another that may be meant, or both parts
    where one is named, counts only if it has rows and agrees in everything; totals of
    nothing are of no other category.
    """
    says_nothing = not any(
        (sent.medfee_sumamt, sent.fund_pay_sumamt, sent.fixmedins_setl_cnt)
    )
    named = sent.clr_type
    kinds = (named,) if says_nothing else kinds_meant(named)
    others = [(kind, part) for kind in kinds for part in (sent.part, None)][1:]
    found = _differences(sent, ours.get((named, sent.part), {}))
    if any(one in ours and not _differences(sent, ours[one]) for one in others):
        return ""
    return PARTS[sent.part] * bool(found) + "；".join(found)


def _differences(sent: DayTotals, ours: Mapping[str, Any]) -> list[str]:
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
        both = "" if sent.part else f"（含退费；退费相抵后{net}笔）"
        found.append(f"笔数本机构{sent.fixmedins_setl_cnt}笔、平台{rows}笔{both}")
    return found


TRANSACTION = Transaction(
    "3201", "医药机构费用结算对总账", Input3201, Stated, Reading(reconcile)
)
