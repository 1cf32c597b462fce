"""2203, 2203A 就诊信息上传: which kind of care a visit is; sent again it replaces."""

from typing import Any, Final

from pydantic import AliasChoices, Field

from jiesuan_services.gateway.call import HOSPITAL, Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store.together.rows import VisitChange, VisitDescription
from jiesuan_services.gateway.transactions.kinds import (
    ChangedVisit,
    Changing,
    Nothing,
    Transaction,
)
from jiesuan_services.gateway.transactions.visits.visit import (
    Row,
    heard_visit,
    seen_visit,
    still_settled,
)
from jiesuan_services.gateway.wire.payload import Node
from jiesuan_services.gateway.wire.values import Code, Id, Text

CARE: Final = {"1": ("11", "13", "14"), "2": ("14", "41")}
"""The kinds of care of hospitals and of pharmacies that the ledger settles."""
NOT_SETTLED: Final = "医疗类别{}不在本平台结算，请改用{}后重新发送。"
NO_DISEASE: Final = "门诊慢特病就诊应填写病种编码dise_codg，请补充后重新发送。"
ONE_KIND: Final = (
    "就诊登记{}已按医疗类别{}结算，一次就诊只能有一个医疗类别，请重新挂号（2201）。"
)


class Description(Node):
    """What a visit is for; for ordinary care the disease is a diagnosis like others."""

    mdtrt_id: Id = Field(title="就诊ID")
    psn_no: Id = Field(title="人员编号")
    med_type: Code = Field(title="医疗类别")
    dise_codg: Text | None = Field(default=None, title="病种编码")
    dise_name: Text | None = Field(default=None, title="病种名称")
    rxfixmedins_code: Text | None = Field(
        default=None,
        title="处方医药机构编码",
        validation_alias=AliasChoices("rxfixmedins_code", "rxfixmedinsCode"),
    )


class Input2203(Node):
    """The nodes of the transaction; diagnoses decide nothing and are not kept."""

    mdtrtinfo: Description


async def describe(call: Call[Input2203]) -> ChangedVisit:
    """Take down what kind of care it is."""
    sent = call.input.mdtrtinfo
    check_care(sent.med_type, call.place.fixmedins_type)
    if sent.med_type == "14" and sent.dise_codg is None:
        raise CounterFault(NO_DISEASE)
    visit = await _visit(call, sent)
    said = VisitDescription(
        sent.med_type, sent.dise_codg, sent.dise_name, sent.rxfixmedins_code
    )
    return ChangedVisit(
        Nothing(), VisitChange(sent.mdtrt_id, visit["version"], described=said)
    )


async def _visit(call: Call[Any], sent: Description) -> Row:
    """Return the visit; by another kind of care it is neither settled nor about to."""

    def suits(row: Row) -> bool:
        return row["med_type"] in (None, sent.med_type)

    mdtrt_id, psn_no = sent.mdtrt_id, sent.psn_no
    visit = await seen_visit(call, mdtrt_id, psn_no=psn_no, suits=suits)
    if suits(visit):
        return visit
    visit = await heard_visit(call, mdtrt_id, psn_no=psn_no, suits=suits)
    settled = {} if suits(visit) else visit["settled"]
    if await still_settled(call, psn_no, settled=settled):
        raise CounterFault(ONE_KIND.format(mdtrt_id, visit["med_type"]))
    return visit


def check_care(med_type: str, fixmedins_type: str) -> None:
    """Refuse a kind of care that is not settled here, naming those that are."""
    settled = CARE.get(fixmedins_type, CARE[HOSPITAL])
    if med_type not in settled:
        raise CounterFault(NOT_SETTLED.format(med_type, "、".join(settled)))


TRANSACTION = Transaction(
    "2203", "就诊信息上传", Input2203, Nothing, Changing(describe)
)
EXTENDED = Transaction("2203A", "就诊信息上传", Input2203, Nothing, Changing(describe))
