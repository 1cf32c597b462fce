"""3203, 3203A 清算申请: the statements of a month and category declared together."""

from datetime import date
from itertools import combinations
from typing import Any, Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store.statements import Row, own_statements
from jiesuan_services.gateway.transactions.kinds import (
    AnsweredRequest,
    Asking,
    LedgerRequest,
    Transaction,
)
from jiesuan_services.gateway.transactions.reconciliation.totals_3201 import (
    kinds_meant,
)
from jiesuan_services.gateway.vault.identities import names_somebody
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import (
    Code,
    CountIn,
    DayIn,
    Month,
    Text,
    YuanIn,
)

DECLARE: Final = "jiesuan.clearing.declare.v1"
OPEN: Final = ("00", "70")
"""Drawn, or sent back: what may be declared."""
NOT_DRAWN: Final = (
    "{}清算类别{}还没有本机构的清算单，请在经办机构清分后用新的报文重新申请。"
)
TWO_MONTHS: Final = "一次只能申请一个清算年月，请按月分别申请。"
NAMES_SOMEBODY: Final = (
    "备注memo中有证件号码或手机号码；备注记入账本后不能删除，请去掉后重新申请。"
)
SUMS: Final = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")


class ClearingApplication(Node):
    """What the institution believes its rows of a month come to."""

    clr_type: Code = Field(title="清算类别")
    clr_way: Code | None = Field(default=None, title="清算方式")
    setlym: Month | None = Field(default=None, title="清算年月")
    insutype: Code | None = Field(default=None, title="险种类型")
    psntime: CountIn | None = Field(default=None, title="清算人次")
    medfee_sumamt: YuanIn = Field(title="医疗费总额")
    med_sumfee: YuanIn | None = Field(default=None, title="医保认可费用总额")
    fund_appy_sum: YuanIn = Field(title="基金申报总额")
    cash_payamt: YuanIn = Field(title="现金支付金额")
    acct_pay: YuanIn = Field(title="个人账户支出")
    begndate: DayIn = Field(title="开始日期")
    enddate: DayIn = Field(title="结束日期")
    clr_optins: Text | None = Field(default=None, title="清算经办机构")
    memo: Text | None = Field(default=None, title="备注（特殊情况报备）")


class Input3203(Node):
    """The node of the transaction."""

    data: ClearingApplication


class ApplicationNumber(Output):
    """The number under which the application is found and withdrawn."""

    clr_appy_evt_id: str = Field(title="机构清算申请事件ID")


class ClearingApplied(Output):
    """What 3203 gives back. One client reads nothing but an object here."""

    result: ApplicationNumber


async def ask(call: Call[Input3203]) -> LedgerRequest:
    """Declare the statements that these sums are of."""
    sent = call.input.data
    if names_somebody(sent.memo or ""):
        raise CounterFault(NAMES_SOMEBODY)
    month = _month(sent)
    drawn = await own_statements(call, month=month)
    rows = [row for row in drawn if sent.insutype in (None, row["insutype"])]
    meant = _meant(sent, rows)
    if not meant:
        raise CounterFault(NOT_DRAWN.format(month, sent.clr_type))
    data: dict[str, Any] = {
        "statement_ids": [row["statement_id"] for row in meant],
        "setl_cnt": _count(sent, meant),
        **{f"{name}_fen": value for name, value in _sums(sent).items()},
    }
    if sent.memo is not None:
        data["exception"] = sent.memo
    return LedgerRequest(DECLARE, call.place.source, call.place.admdvs, data)


def _month(sent: ClearingApplication) -> str:
    """Return the month: named, or that of the days, which must then be one."""
    first, last = (_of(day) for day in (sent.begndate, sent.enddate))
    if sent.setlym is None and first != last:
        raise CounterFault(TWO_MONTHS)
    return sent.setlym or last


def _of(day: date) -> str:
    return f"{day:%Y%m}"


def _meant(sent: ClearingApplication, rows: list[Row]) -> list[Row]:
    """Return the statements whose sums these are, else all of the category named.

    One client sends other care as ordinary, with it or apart. What is declared
    already is asked for only where nothing is left to declare: the ledger says so.
    """
    meant = kinds_meant(sent.clr_type)
    groups = [one for n in range(len(meant)) for one in combinations(meant, n + 1)]
    left = [row for row in rows if row["clr_stas"] in OPEN] or rows
    found = [[row for row in left if row["clr_type"] in kinds] for kinds in groups]
    named = [group for group in found if group]
    even = (group for group in named if _total(group) == _sums(sent))
    return next(even, named[0] if named else [])


def _sums(sent: ClearingApplication) -> dict[str, int]:
    sums = (sent.medfee_sumamt, sent.fund_appy_sum, sent.acct_pay, sent.cash_payamt)
    return dict(zip(SUMS, sums, strict=True))


def _total(rows: list[Row]) -> dict[str, int]:
    return {name: sum(row[f"{name}_fen"] for row in rows) for name in SUMS}


def _count(sent: ClearingApplication, rows: list[Row]) -> int:
    """Return the count told; ours if none was, or one with refunds taken off."""
    ours = sum(row["setl_cnt"] for row in rows)
    net = ours - 2 * sum(row["refd_cnt"] for row in rows)
    return ours if sent.psntime in (None, net) else int(sent.psntime or 0)


async def applied(answered: AnsweredRequest) -> ClearingApplied:
    """Return the number of the application: our own name for its message."""
    return ClearingApplied(
        result=ApplicationNumber(clr_appy_evt_id=answered.inf_refmsgid)
    )


TRANSACTION = Transaction(
    "3203", "清算申请", Input3203, ClearingApplied, Asking(ask, applied)
)
ALIAS = Transaction(
    "3203A", "清算申请", Input3203, ClearingApplied, Asking(ask, applied)
)
