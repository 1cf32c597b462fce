"""5203 结算信息查询: a settlement of one's own as it stands."""

from datetime import datetime, time
from typing import Any, Final

from pydantic import Field

from jiesuan_events.words.codes import name_of
from jiesuan_events.words.instants import BEIJING
from jiesuan_events.words.money import Fen
from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.freshness import until_projected
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.transactions.settlement import (
    SetlDetail,
    SetlInfo,
    detail_of,
    setlinfo_of,
)
from jiesuan_services.gateway.vault.account import balance
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import Id, MomentOut, Yuan

NOT_FOUND: Final = "未查到本机构的结算{}，请核对结算ID和人员编号。"
WITHOUT_NUMBERS: Final = frozenset({"pool_prop_selfpay"})


class SettlementQuery(Node):
    """Which settlement."""

    psn_no: Id = Field(title="人员编号")
    setl_id: Id = Field(title="结算ID")
    mdtrt_id: Id | None = Field(default=None, title="就诊ID")


class Input5203(Node):
    """The node of the transaction."""

    data: SettlementQuery


class EffectiveInfo(SetlInfo):
    """A settlement, and what only this query tells of it."""

    pay_loc: str = Field(title="支付地点类别")
    fixmedins_code: str = Field(title="定点医药机构编号")
    fixmedins_name: str = Field(title="定点医药机构名称")
    dedc_hosp_lv: str = Field(title="起付线医院等级")
    insu_optins: str = Field(title="参保机构医保区划")
    begndate: MomentOut = Field(title="开始日期")
    enddate: MomentOut = Field(title="结束日期")
    psn_pay: Yuan = Field(title="个人支付金额")
    cash_payamt: Yuan = Field(title="现金支付金额")
    refd_setl_flag: str = Field(title="退费结算标志")
    year: str = Field(title="年度")
    dise_codg: str = Field(title="病种编码")
    dise_name: str = Field(title="病种名称")
    init_setl_id: str = Field(title="原结算ID")
    refd_setl_id: str = Field(title="退费结算ID")


class EffectiveSettlement(Output):
    """What 5203 gives back."""

    setlinfo: EffectiveInfo
    setldetail: list[SetlDetail]


async def settlement(call: Call[Input5203]) -> EffectiveSettlement:
    """Look the settlement up once the counter's own writes are projected."""
    sent = call.input.data
    await until_projected(call.db, sent.psn_no)
    row = await register.settlement(
        call.db,
        sent.setl_id,
        psn_no=sent.psn_no,
        fixmedins_code=call.place.fixmedins_code,
    )
    if row is None or sent.mdtrt_id not in (None, row["mdtrt_id"]):
        raise CounterFault(NOT_FOUND.format(sent.setl_id))
    info = _info(call, row, balance=await _balance(call, row))
    return EffectiveSettlement(setlinfo=info, setldetail=detail_of(row))


async def _balance(call: Call[Input5203], row: register.Row) -> Fen:
    """Return what a settlement left in the account, where the account was asked.

    Of others and of refunds, which carry what their settlements saw: what is in it.
    """
    if row["balc_fen"] is None or row["init_setl_id"]:
        return await balance(call.db, row["psn_no"])
    left: Fen = row["balc_fen"] - row["acct_pay_fen"]
    return left


def _info(call: Call[Input5203], row: register.Row, *, balance: Fen) -> EffectiveInfo:
    day = datetime.combine(row["service_day"], time(), BEIJING)
    money: dict[str, Any] = setlinfo_of(
        {**row, "pool_prop_selfpay": row["pool_prop_selfpay"]},
        row["psn_no"],
        msgid=row["msgid"],
        balance=balance,
        at=row["recorded_at"],
    )
    disease = row["dise_codg"] or ""
    return EffectiveInfo(
        **money,
        pay_loc=row["pay_loc"],
        fixmedins_code=row["fixmedins_code"],
        fixmedins_name=call.place.fixmedins_name,
        dedc_hosp_lv=row["dedc_hosp_lv"],
        insu_optins=row["insuplc_admdvs"],
        begndate=day,
        enddate=day,
        psn_pay=row["psn_part_amt_fen"],
        cash_payamt=row["psn_cash_pay_fen"],
        # As a settlement says of itself, and as one that was taken back is marked.
        refd_setl_flag="1" if row["refunded_by"] else row["refd_setl_flag"],
        year=row["year"],
        dise_codg=disease,
        dise_name=name_of(disease),
        init_setl_id=row["init_setl_id"] or "",
        refd_setl_id=row["refunded_by"] or "",
    )


TRANSACTION = Transaction(
    "5203",
    "结算信息查询",
    Input5203,
    EffectiveSettlement,
    Reading(settlement),
    names_person=True,
)
