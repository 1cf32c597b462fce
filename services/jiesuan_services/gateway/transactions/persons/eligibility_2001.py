"""2001 人员待遇享受检查: the law's own gates, asked with a bill of nothing."""

from datetime import date
from typing import Any, Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.ledger.asking import QUOTE
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.freshness import until_projected
from jiesuan_services.gateway.transactions.asking.message import question_of
from jiesuan_services.gateway.transactions.kinds import (
    LedgerRequest,
    Reading,
    Transaction,
)
from jiesuan_services.gateway.transactions.visits.description_2203 import check_care
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import (
    Code,
    DayOut,
    Id,
    LooseMomentIn,
    Text,
)

LATER: Final = frozenset({"prescription-required"})
"""What only the purchase itself will show."""
POOL: Final = {"310": "310100", "390": "390100"}
CHECKED: Final = "1"


class BenefitQuestion(Node):
    """Which care is meant, and from when."""

    psn_no: Id = Field(title="人员编号")
    insutype: Code = Field(title="险种类型")
    med_type: Code = Field(title="医疗类别")
    begntime: LooseMomentIn = Field(default=None, title="开始时间")
    dise_codg: Text | None = Field(default=None, title="病种编码")


class Input2001(Node):
    """The node of the transaction."""

    data: BenefitQuestion


class Benefit(Output):
    """Whether the pool pays for such care, and if not, why."""

    psn_no: str = Field(title="人员编号")
    trt_chk_type: str = Field(title="待遇检查类型")
    fund_pay_type: str = Field(title="基金支付类型")
    trt_enjymnt_flag: str = Field(title="基金款项待遇享受标志")
    begndate: DayOut = Field(title="开始日期")
    enddate: DayOut = Field(title="结束日期")
    trt_chk_rslt: str = Field(title="待遇检查结果")
    exp_content: str = Field(default="", title="字段扩展")


class Benefits(Output):
    """What 2001 gives back."""

    trtinfo: list[Benefit]


async def check(call: Call[Input2001]) -> Benefits:
    """Ask the ledger to quote a bill of nothing on that day."""
    question = call.input.data
    check_care(question.med_type, call.place.fixmedins_type)
    at = question.begntime or call.received
    await until_projected(call.db, question.psn_no)
    region = call.envelope.insuplc_admdvs or await register.region_of(
        call.db, question.psn_no, insutype=question.insutype, day=at.date()
    )
    if region is None:
        return _benefits(question, at.date(), why="未查到参保人该险种当日的参保登记。")
    data = _nothing(call, question, region=region, at=at.isoformat(timespec="seconds"))
    asked = LedgerRequest(QUOTE, call.place.source, question.psn_no, data)
    answer = await call.services.ledger.ask(question_of(call, asked))
    reasons = answer.data.get("refusals", ())
    why = next((one["message"] for one in reasons if one["code"] not in LATER), "")
    return _benefits(question, at.date(), why=why)


def _nothing(
    call: Call[Input2001], question: BenefitQuestion, *, region: str, at: str
) -> Any:
    chronic = {"dise_codg": question.dise_codg} if question.med_type == "14" else {}
    return {
        "psn_no": question.psn_no,
        "fixmedins_code": call.place.fixmedins_code,
        "mdtrt_id": "2001",
        "insutype": question.insutype,
        "med_type": question.med_type,
        "mdtrtarea_admvs": call.place.admdvs,
        "insuplc_admdvs": region,
        "medfee_sumamt_fen": 0,
        "acct_used_flag": "0",
        **chronic,
        "feedetail": [
            {
                "feedetl_sn": "1",
                "fee_ocur_time": at,
                "med_list_codg": "2001",
                "pric": "0",
                "cnt": "1",
                "det_item_fee_sumamt_fen": 0,
                "chrgitm_lv": "01",
            }
        ],
    }


def _benefits(question: BenefitQuestion, day: date, *, why: str) -> Benefits:
    return Benefits(
        trtinfo=[
            Benefit(
                psn_no=question.psn_no,
                trt_chk_type=CHECKED,
                fund_pay_type=POOL.get(question.insutype, question.insutype),
                trt_enjymnt_flag="0" if why else "1",
                begndate=day,
                enddate=day,
                trt_chk_rslt=why or "可以享受待遇。",
            )
        ]
    )


TRANSACTION = Transaction(
    "2001", "人员待遇享受检查", Input2001, Benefits, Reading(check)
)
