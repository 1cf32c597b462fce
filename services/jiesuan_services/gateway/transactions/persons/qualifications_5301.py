"""5301 人员慢特病备案查询: the qualifications that hold today."""

from collections.abc import Mapping
from datetime import date, timedelta

from pydantic import Field

from jiesuan_domain.policy.model import Packs
from jiesuan_events.words.codes import name_of
from jiesuan_events.words.instants import plus_years
from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.freshness import until_projected
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import DayOut, Id

FAR: date = date(2099, 12, 31)
"""A client drops a row whose end is no date."""


class QualifiedPerson(Node):
    """Whose qualifications are asked for."""

    psn_no: Id = Field(title="人员编号")


class Input5301(Node):
    """The node of the transaction."""

    data: QualifiedPerson


class QualificationRow(Output):
    """One disease, from when to when."""

    opsp_dise_code: str = Field(title="门慢门特病种目录代码")
    opsp_dise_name: str = Field(title="门慢门特病种名称")
    begndate: DayOut = Field(title="开始日期")
    enddate: DayOut = Field(title="结束日期")


class Qualifications(Output):
    """What 5301 gives back: no row where there is none, never nothing."""

    feedetail: list[QualificationRow]


async def qualifications(call: Call[Input5301]) -> Qualifications:
    """List what holds today; where no end was filed, it ends when it is due again."""
    psn_no = call.input.data.psn_no
    await until_projected(call.db, psn_no)
    rows = await register.qualifications(call.db, psn_no, day=call.today)
    enrolled = await register.enrolments_on(call.db, psn_no, day=call.today)
    regions = {row["insutype"]: row["insuplc_admdvs"] for row in enrolled}
    found = [
        QualificationRow(
            opsp_dise_code=row["opsp_dise_code"],
            opsp_dise_name=name_of(row["opsp_dise_code"]),
            begndate=row["begndate"],
            enddate=last_day(row, regions, packs=call.services.packs),
        )
        for row in rows
    ]
    today = call.today
    return Qualifications(
        feedetail=[one for one in found if one.begndate <= today <= one.enddate]
    )


def last_day(row: register.Row, regions: Mapping[str, str], *, packs: Packs) -> date:
    """Return the last day of a qualification: its end, or the day before it is due."""
    pack = packs.find(regions.get(row["insutype"], ""), row["insutype"])
    years = None if pack is None else pack.on(row["begndate"]).reverification_years
    end = row["enddate"] or FAR
    if years is None:
        return min(end, FAR)
    return min(end, plus_years(row["begndate"], years) - timedelta(days=1), FAR)


TRANSACTION = Transaction(
    "5301", "人员慢特病备案查询", Input5301, Qualifications, Reading(qualifications)
)
