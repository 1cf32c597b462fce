"""1101 人员信息获取: who presents a certificate or card, and where he is insured."""

import re
from datetime import date
from typing import Any, Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.freshness import until_projected
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.vault.account import balance
from jiesuan_services.gateway.vault.joining import note_look
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import DayOut, LooseMomentIn, Text, Yuan

NO_SUCH_PERSON: Final = "未查到该证件或卡号的参保人，请核对证件号码后重新读取。"
SEVERAL: Final = "该号码对应多名参保人，请改用居民身份证号重新读取。"
NO_NUMBER: Final = "缺少就诊凭证编号mdtrt_cert_no，请读取证件或卡后重新发送。"
TWO_PERSONS: Final = (
    "就诊凭证编号mdtrt_cert_no与{}不是同一参保人的，请核对证件或卡后重新读取。"
)
CERTNO: Final = "证件号码certno"
NAME: Final = "人员姓名psn_name"
_NOT_OF_A_NAME: Final = re.compile(r"[\s·•・．.]")
"""What one system writes in a name and another does not."""


class Presented(Node):
    """What is presented at the counter; the number decides, its type may be wrong."""

    mdtrt_cert_type: Text | None = Field(default=None, title="就诊凭证类型")
    mdtrt_cert_no: Text | None = Field(default=None, title="就诊凭证编号")
    psn_cert_type: Text | None = Field(default=None, title="人员证件类型")
    certno: Text | None = Field(default=None, title="证件号码")
    psn_name: Text | None = Field(default=None, title="人员姓名")
    begntime: LooseMomentIn = Field(default=None, title="开始时间")


class Input1101(Node):
    """The node of the transaction."""

    data: Presented


class BaseInfo(Output):
    """Who it is; name, numbers and birth are added when it is sent."""

    psn_no: str = Field(title="人员编号")
    exp_content: str = Field(default="", title="字段扩展")


class InsuInfo(Output):
    """One enrolment."""

    balc: Yuan = Field(title="余额")
    insutype: str = Field(title="险种类型")
    psn_type: str = Field(title="人员类别")
    psn_insu_stas: str = Field(title="人员参保状态")
    psn_insu_date: DayOut = Field(title="个人参保日期")
    paus_insu_date: DayOut | None = Field(default=None, title="暂停参保日期")
    cvlserv_flag: str = Field(default="0", title="公务员标志")
    insuplc_admdvs: str = Field(title="参保地医保区划")
    emp_name: str = Field(default="", title="单位名称")


class PersonFound(Output):
    """What 1101 gives back."""

    baseinfo: BaseInfo
    insuinfo: list[InsuInfo]
    idetinfo: list[dict[str, str]] = Field(default_factory=list, title="身份信息")


async def find(call: Call[Input1101]) -> PersonFound:
    """Find the person by number and list his enrolments of the day."""
    sent = call.input.data
    psn_no = await _found(call)
    if sent.psn_name is not None:
        await _check_name(call, sent.psn_name, psn_no=psn_no)
    await until_projected(call.db, psn_no)
    day = call.today if sent.begntime is None else sent.begntime.date()
    rows = await register.enrolments_on(call.db, psn_no, day=day)
    left = await balance(call.db, psn_no)
    # One client takes the first row, another the last that holds: what holds is first,
    # and of it employees' insurance last.
    rows = sorted(rows, key=_holds_and_scheme, reverse=True)
    return PersonFound(
        baseinfo=BaseInfo(psn_no=psn_no),
        insuinfo=[_row(row, left=left, day=day) for row in rows],
    )


async def _found(call: Call[Input1101]) -> str:
    """Return whom the numbers mean; one that nobody has, an e-token, says nothing."""
    sent = call.input.data
    numbers = dict.fromkeys(one for one in (sent.mdtrt_cert_no, sent.certno) if one)
    if not numbers:
        raise CounterFault(NO_NUMBER)
    vault = call.services.vault
    found = [set(await vault.find(call.db, number)) for number in numbers]
    known = [persons for persons in found if persons]
    if not known:
        raise CounterFault(NO_SUCH_PERSON)
    meant = set.intersection(*known)
    if len(meant) == 1:
        return meant.pop()
    if any(len(persons) > 1 for persons in known):
        raise CounterFault(SEVERAL)
    raise CounterFault(TWO_PERSONS.format(CERTNO))


async def _check_name(call: Call[Input1101], name: str, *, psn_no: str) -> None:
    """Refuse a name that is another's; whatever is said next tells that it was read."""
    await note_look(call, psn_no, why=TRANSACTION.zh)
    identity = await call.services.vault.identity(call.db, psn_no)
    if identity is not None and _plain(identity.psn_name) != _plain(name):
        raise CounterFault(TWO_PERSONS.format(NAME))


def _holds_and_scheme(row: register.Row) -> tuple[bool, str]:
    return row["stas"] == register.ENROLLED, row["insutype"]


def _plain(name: str) -> str:
    return _NOT_OF_A_NAME.sub("", name)


def _row(row: register.Row, *, left: int, day: date) -> InsuInfo:
    paused: Any = None
    if row["stas"] == register.SUSPENDED:
        paused = row["begndate"]
    elif row["stas"] == register.ENDED:
        paused = row["enddate"]
    return InsuInfo(
        balc=left,
        insutype=row["insutype"],
        psn_type=row["psn_type"],
        psn_insu_stas=row["stas"],
        psn_insu_date=row["begndate"],
        paus_insu_date=paused,
        insuplc_admdvs=row["insuplc_admdvs"],
    )


TRANSACTION = Transaction(
    "1101", "人员信息获取", Input1101, PersonFound, Reading(find), names_person=True
)
