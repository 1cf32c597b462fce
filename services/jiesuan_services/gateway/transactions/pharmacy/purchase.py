"""A purchase at a pharmacy: who buys what on which prescription."""

from typing import Any, Final

from pydantic import AliasChoices, Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.ledger.naming import carried
from jiesuan_services.gateway.store.serial import new_purchase_id
from jiesuan_services.gateway.transactions.kinds import LedgerRequest
from jiesuan_services.gateway.transactions.lines.catalogue import items_of
from jiesuan_services.gateway.transactions.lines.splitting import (
    KeptLine,
    split_lines,
)
from jiesuan_services.gateway.transactions.settling.bill import bill
from jiesuan_services.gateway.transactions.visits.description_2203 import (
    NO_DISEASE,
    check_care,
)
from jiesuan_services.gateway.wire.payload import Node
from jiesuan_services.gateway.wire.values import (
    Code,
    Extension,
    Id,
    LooseMomentIn,
    MomentIn,
    OwnNumber,
    PriceIn,
    QuantityIn,
    Text,
    YuanIn,
)

_PRESCRIBED_BY: Final = AliasChoices("rxfixmedins_code", "rxfixmedinsCode")


class DrugInfo(Node):
    """The head of a purchase."""

    decides = frozenset({"acct_used_flag", "exp_content"})

    psn_no: Id = Field(title="人员编号")
    insutype: Code = Field(title="险种类型")
    med_type: Code = Field(title="医疗类别")
    medfee_sumamt: YuanIn = Field(title="医疗费总额")
    begntime: LooseMomentIn = Field(default=None, title="开始时间")
    mdtrt_cert_type: Text | None = Field(default=None, title="就诊凭证类型")
    acct_used_flag: Code | None = Field(default=None, title="个人账户使用标志")
    dise_codg: Text | None = Field(default=None, title="病种编码")
    invono: Text | None = Field(default=None, title="发票号")
    exp_content: Extension = Field(
        default_factory=dict,
        title="字段扩展",
        validation_alias=AliasChoices("exp_content", "expContent"),
    )
    rxno: Text | None = Field(default=None, title="处方号")
    rxfixmedins_code: Id | None = Field(
        default=None, title="处方医药机构编码", validation_alias=_PRESCRIBED_BY
    )


class DrugLine(Node):
    """One item of a purchase."""

    decides = frozenset({"hosp_appr_flag"})

    feedetl_sn: OwnNumber = Field(title="费用明细流水号")
    fee_ocur_time: MomentIn = Field(title="费用发生时间")
    med_list_codg: Id = Field(title="医疗目录编码")
    medins_list_codg: Text | None = Field(default=None, title="医药机构目录编码")
    det_item_fee_sumamt: YuanIn = Field(title="明细项目费用总额")
    cnt: QuantityIn = Field(title="数量")
    pric: PriceIn = Field(title="单价")
    hosp_appr_flag: Code | None = Field(default=None, title="医院审批标志")
    dise_codg: Text | None = Field(default=None, title="病种编码")
    rxno: Text | None = Field(default=None, title="处方号")
    rxfixmedins_code: Id | None = Field(
        default=None, title="处方医药机构编码", validation_alias=_PRESCRIBED_BY
    )


class PurchaseInput(Node):
    """The nodes of 2101 and 2102."""

    druginfo: DrugInfo
    drugdetail: list[DrugLine] = Field(min_length=1, title="药品明细")


async def purchase(
    call: Call[PurchaseInput], *, type_: str
) -> tuple[LedgerRequest, list[KeptLine]]:
    """Return what the ledger is asked about a purchase, and its lines."""
    head, lines = call.input.druginfo, call.input.drugdetail
    check_care(head.med_type, call.place.fixmedins_type)
    if head.med_type == "14" and head.dise_codg is None:
        raise CounterFault(NO_DISEASE)
    visit = {
        "mdtrt_id": await new_purchase_id(call.db, call.place.admdvs, at=call.received),
        "psn_no": head.psn_no,
        "insutype": head.insutype,
        "insuplc_admdvs": call.envelope.insuplc_admdvs,
    }
    items = await items_of(call, lines)
    split = await split_lines(call, visit, lines=lines, items=items)
    named = next((one.rxfixmedins_code for one in lines if one.rxfixmedins_code), None)
    whole: dict[str, Any] = {
        **visit,
        "med_type": head.med_type,
        "medfee_sumamt_fen": head.medfee_sumamt,
        "dise_codg": head.dise_codg,
        "rxfixmedins_code": head.rxfixmedins_code or named,
        "invono": head.invono,
    }
    asked = await bill(call, head, head=whole, lines=split, type_=type_)
    if head.rxno is not None:
        asked = _prescribed(asked, head.rxno)
    return asked, split


def _prescribed(asked: LedgerRequest, rxno: str) -> LedgerRequest:
    """Take the head's prescription number where the lines have none."""
    data = {**asked.data, "rxno": asked.data.get("rxno", carried(rxno))}
    return LedgerRequest(
        asked.type,
        asked.source,
        asked.subject,
        data,
        mdtrt_id=asked.mdtrt_id,
        chrg_bchno=asked.chrg_bchno,
        uses_account=asked.uses_account,
        echo=asked.echo,
    )
