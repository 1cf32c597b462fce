"""5301 人员慢特病备案查询: the qualifications that hold today."""

from collections.abc import Sequence
from datetime import date, timedelta

from pydantic import Field

from jiesuan_domain.person.diseases import same_as
from jiesuan_domain.person.enrolment import due_since
from jiesuan_domain.person.state import Qualification
from jiesuan_domain.policy.model import Packs, Rules
from jiesuan_events.words.codes import name_of
from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.database import Connection
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
    psn_no, today = call.input.data.psn_no, call.today
    await until_projected(call.db, psn_no)
    rows = await with_last_days(call.db, psn_no, packs=call.services.packs, day=today)
    return Qualifications(
        feedetail=[
            QualificationRow(
                opsp_dise_code=row["opsp_dise_code"],
                opsp_dise_name=name_of(row["opsp_dise_code"]),
                begndate=row["begndate"],
                enddate=last,
            )
            for row, last in rows
            if row["begndate"] <= today <= last
        ]
    )


async def with_last_days(
    db: Connection, psn_no: str, *, packs: Packs, day: date
) -> list[tuple[register.Row, date]]:
    """Return what counts on a day of each disease of a person, with its last day.

    The rules are those of the day, as for a bill of that day; of one that the pack no
    longer knows, those of its last.
    """
    enrolled = await register.enrolments_on(db, psn_no, day=day)
    regions = {row["insutype"]: row["insuplc_admdvs"] for row in enrolled}
    treated = await register.treated(db, psn_no, day=day)
    found = []
    for row in await register.qualifications(db, psn_no, day=day):
        pack = packs.find(regions.get(row["insutype"], ""), row["insutype"])
        rules = None if pack is None else pack.on(min(day, pack.last_day or day))
        found.append((row, last_day(row, rules, treated=treated)))
    return found


def last_day(
    row: register.Row, rules: Rules | None, *, treated: Sequence[register.Row]
) -> date:
    """Return the last day of a qualification: its end, or the day before it is due.

    When it is due is the law's to say (67号第十五条); ``treated`` says until when each
    disease was, under whichever of its codes.
    """
    scheme, disease, begin = row["insutype"], row["opsp_dise_code"], row["begndate"]
    if rules is None:
        return min(row["enddate"] or FAR, FAR)
    diseases = same_as(rules, disease)
    days = [
        one["service_day"]
        for one in treated
        if one["insutype"] == scheme and one["dise_codg"] in diseases
        if one["service_day"] >= begin
    ]
    said = Qualification(scheme, disease, begin, row["enddate"])
    due = due_since(said, FAR, last_settled=max(days, default=None), rules=rules)
    return FAR if due is None else due.since - timedelta(days=1)


TRANSACTION = Transaction(
    "5301", "人员慢特病备案查询", Input5301, Qualifications, Reading(qualifications)
)
