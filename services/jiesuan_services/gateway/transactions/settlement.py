"""`setlinfo` and `setldetail`: the money of a decision in the standard's words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import Field

from jiesuan_events.words.codes import ORDINARY
from jiesuan_events.words.instants import moment
from jiesuan_services.gateway.wire.payload import Output
from jiesuan_services.gateway.wire.values import MomentOut, Number, Yuan, read_decimal

NO_LIMIT_FEN: Final = 99_999_900
"""What platforms write where there is no ceiling."""
CLEARED_BY_ITEM: Final = "1"
"""按项目付费 (50号 三(一))."""


class SetlDetail(Output):
    """What one fund paid."""

    fund_pay_type: str = Field(title="基金支付类型")
    fund_pay_type_name: str = Field(title="基金支付类型名称")
    inscp_scp_amt: Yuan = Field(title="符合政策范围金额")
    crt_payb_lmt_amt: Yuan = Field(title="本次可支付限额金额")
    fund_payamt: Yuan = Field(title="基金支付金额")
    setl_proc_info: str = Field(default="", title="结算过程信息")


class SetlInfo(Output):
    """Who pays what; the person's name and numbers are added when it is sent."""

    setl_id: str | None = Field(default=None, title="结算ID")
    mdtrt_id: str = Field(title="就诊ID")
    psn_no: str = Field(title="人员编号")
    insutype: str = Field(title="险种类型")
    psn_type: str = Field(title="人员类别")
    cvlserv_flag: str = Field(default="0", title="公务员标志")
    setl_time: MomentOut = Field(title="结算时间")
    mdtrt_cert_type: str = Field(default="", title="就诊凭证类型")
    med_type: str = Field(title="医疗类别")
    medfee_sumamt: Yuan = Field(title="医疗费总额")
    fulamt_ownpay_amt: Yuan = Field(title="全自费金额")
    overlmt_selfpay: Yuan = Field(title="超限价自费费用")
    preselfpay_amt: Yuan = Field(title="先行自付金额")
    inscp_scp_amt: Yuan = Field(title="符合政策范围金额")
    act_pay_dedc: Yuan = Field(title="实际支付起付线")
    hifp_pay: Yuan = Field(title="基本医疗保险统筹基金支出")
    pool_prop_selfpay: Number = Field(title="基本医疗保险统筹基金支付比例")
    cvlserv_pay: Yuan = Field(title="公务员医疗补助资金支出")
    hifes_pay: Yuan = Field(title="企业补充医疗保险基金支出")
    hifmi_pay: Yuan = Field(title="居民大病保险资金支出")
    hifob_pay: Yuan = Field(title="职工大额医疗费用补助基金支出")
    maf_pay: Yuan = Field(title="医疗救助基金支出")
    hifdm_pay: Yuan = Field(title="伤残人员医疗保障基金支出")
    oth_pay: Yuan = Field(title="其他支出")
    fund_pay_sumamt: Yuan = Field(title="基金支付总额")
    psn_part_amt: Yuan = Field(title="个人负担总金额")
    acct_pay: Yuan = Field(title="个人账户支出")
    psn_cash_pay: Yuan = Field(title="个人现金支出")
    hosp_part_amt: Yuan = Field(title="医院负担金额")
    balc: Yuan = Field(title="余额")
    acct_mulaid_pay: Yuan = Field(default=0, title="个人账户共济支付金额")
    medins_setl_id: str = Field(title="医药机构结算ID")
    clr_optins: str = Field(title="清算经办机构")
    clr_way: str = Field(default=CLEARED_BY_ITEM, title="清算方式")
    clr_type: str = Field(title="清算类别")
    exp_content: str = Field(default="", title="字段扩展")


class Setl(Output):
    """What 2206, 2207, 2102 and the like give back."""

    setlinfo: SetlInfo
    setldetail: list[SetlDetail]


MONEY: Final = tuple(
    name
    for name, field in SetlInfo.model_fields.items()
    if field.annotation is int and name not in ("balc", "acct_mulaid_pay")
)
"""The amounts that are the ledger's own, name for name without its suffix."""

_POOL: Final = {
    ("310", True): ("310102", "职工门诊统筹基金"),
    ("310", False): ("310100", "职工基本医疗保险统筹基金"),
    ("390", True): ("390102", "居民门诊统筹基金"),
    ("390", False): ("390100", "居民基本医疗保险基金"),
}
_OTHER_POOL: Final = ("999997", "其他基金")
_PAYERS: Final = (
    ("hifob_pay", "330100", "大额医疗费用补助基金"),
    ("hifes_pay", "370100", "企业补充医疗保险基金"),
    ("hifmi_pay", "390200", "居民大病保险资金"),
    ("cvlserv_pay", "320100", "公务员医疗补助基金"),
    ("maf_pay", "610100", "医疗救助基金"),
    ("hifdm_pay", "350100", "伤残人员医疗保障基金"),
    ("oth_pay", "999997", "其他基金"),
    ("acct_pay", "310200", "个人账户"),
    ("hosp_part_amt", "999996", "医院垫付"),
)


def detail_of(block: Mapping[str, Any]) -> list[SetlDetail]:
    """List who paid: funds, account and institution add up to all but the cash."""
    ordinary = block["med_type"] in ORDINARY
    pool = _POOL.get((block["insutype"], ordinary), _OTHER_POOL)
    payers = (("hifp_pay", *pool), *_PAYERS)
    return [
        SetlDetail(
            fund_pay_type=code,
            fund_pay_type_name=name,
            inscp_scp_amt=block["inscp_scp_amt_fen"],
            crt_payb_lmt_amt=NO_LIMIT_FEN,
            fund_payamt=block[f"{field}_fen"],
            setl_proc_info=_derivation(block, field),
        )
        for field, code, name in payers
        if field == "hifp_pay" or block[f"{field}_fen"]
    ]


def _derivation(block: Mapping[str, Any], field: str) -> str:
    """Say in Chinese how the amount came about."""
    steps = block.get("setl_proc_info", ())
    return "；".join(
        step["zh"].rstrip("。") for step in steps if step["field"] == f"{field}_fen"
    )[:4000]


def setlinfo_of(
    block: Mapping[str, Any],
    psn_no: str,
    *,
    msgid: str,
    balance: int,
    at: str | datetime,
    mdtrt_cert_type: str = "",
) -> dict[str, Any]:
    """Return the fields of `setlinfo` from the ledger's block, by name."""
    return {
        "setl_id": block.get("setl_id"),
        "mdtrt_id": block["mdtrt_id"],
        "psn_no": psn_no,
        "insutype": block["insutype"],
        "psn_type": block["psn_type"],
        "setl_time": moment(at) if isinstance(at, str) else at,
        "mdtrt_cert_type": mdtrt_cert_type,
        "med_type": block["med_type"],
        **{name: block[f"{name}_fen"] for name in MONEY},
        "pool_prop_selfpay": read_decimal(block["pool_prop_selfpay"]),
        "balc": balance,
        "medins_setl_id": msgid,
        "clr_optins": block["mdtrtarea_admvs"],
        "clr_type": block["clr_type"],
    }
