"""A charge batch as the bill that the ledger is asked to quote or to settle."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from pydantic import AliasChoices, Field

from jiesuan_events.words.codes import CARE_TYPES, SCHEMES, with_name
from jiesuan_events.words.fields import CODE
from jiesuan_events.words.instants import policy_date
from jiesuan_events.words.money import Fen, yuan
from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.ledger.asking import SETTLE
from jiesuan_services.gateway.ledger.naming import carried, fits
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.freshness import until_projected
from jiesuan_services.gateway.store.together.rows import AskedCharge
from jiesuan_services.gateway.transactions.asking.outcomes import none_open
from jiesuan_services.gateway.transactions.asking.refusal import DIFFERS
from jiesuan_services.gateway.transactions.kinds import LedgerRequest, VisitSeen
from jiesuan_services.gateway.transactions.lines.splitting import (
    NOT_ENROLLED,
    KeptLine,
    check_split,
    read_lines,
)
from jiesuan_services.gateway.transactions.visits.visit import (
    SETTLED,
    Row,
    described,
    still_settled,
    theirs,
    visit_of,
)
from jiesuan_services.gateway.vault.account import balance
from jiesuan_services.gateway.wire.payload import Node
from jiesuan_services.gateway.wire.values import (
    Code,
    Extension,
    Id,
    OwnNumber,
    Text,
    YuanIn,
)

CHRONIC: Final = "14"
OWN_ACCOUNT: Final = "1"
_OF_HEAD: Final = (
    "insuplc_admdvs",
    "mdtrt_id",
    "insutype",
    "med_type",
    "medfee_sumamt_fen",
)
NO_LINES: Final = "收费批次{}没有已上传的费用明细，请先上传明细（2204）。"
OTHER_CARE: Final = "医疗类别{}与就诊信息的{}不一致，请核对或重新上传就诊信息（2203）。"
OTHER_SCHEME: Final = "险种{}与挂号的{}不一致，请核对后重新发送。"
FAMILY_ACCOUNT: Final = "本平台不支持账户共济支付，请将acct_used_flag改为0或1重新发送。"
NOT_A_FLAG: Final = (
    "个人账户使用标志acct_used_flag的值{}无效，应为0（不使用）或1（使用），"
    "请更正后重新发送。"
)
SHARED_ACCOUNT: Final = "2"
NO_DISEASE_CODE: Final = (
    "病种编码dise_codg应填写编码（如M01600），收到的不是编码，请更正后重新发送。"
)
_CODE: Final = re.compile(CODE)
UPLOADED: Final = (
    "收费批次{}现有明细{}条、合计{}元；同一批次再次上传会替换之前的明细，"
    "请把该批次的明细一次传齐。"
)
"""Why the lines may come to less: the hospital sent them in parts."""
OTHER_SPLIT: Final = "{}{}元与明细分割合计{}元不符，请按2204返回的金额重新发送。"


class Charge(Node):
    """What 2206 and 2207 say: which batch of which visit, and how it is to be paid."""

    decides = frozenset({"acct_used_flag", "exp_content"})

    psn_no: Id = Field(title="人员编号")
    mdtrt_id: Id = Field(title="就诊ID")
    chrg_bchno: OwnNumber = Field(title="收费批次号")
    medfee_sumamt: YuanIn = Field(title="医疗费总额")
    med_type: Code | None = Field(default=None, title="医疗类别")
    insutype: Code | None = Field(default=None, title="险种类型")
    acct_used_flag: Code | None = Field(default=None, title="个人账户使用标志")
    mdtrt_cert_type: Text | None = Field(default=None, title="就诊凭证类型")
    invono: Text | None = Field(default=None, title="发票号")
    exp_content: Extension = Field(
        default_factory=dict,
        title="字段扩展",
        validation_alias=AliasChoices("exp_content", "expContent"),
    )
    fulamt_ownpay_amt: YuanIn | None = Field(default=None, title="全自费金额")
    overlmt_selfpay: YuanIn | None = Field(default=None, title="超限价金额")
    preselfpay_amt: YuanIn | None = Field(default=None, title="先行自付金额")
    inscp_scp_amt: YuanIn | None = Field(default=None, title="符合政策范围金额")


ECHOED: Final = (
    ("fulamt_ownpay_amt", "全自费金额", "fulamt_ownpay_amt_fen"),
    ("overlmt_selfpay", "超限价金额", "overlmt_amt_fen"),
    ("preselfpay_amt", "先行自付金额", "preselfpay_amt_fen"),
    ("inscp_scp_amt", "符合政策范围金额", "inscp_scp_amt_fen"),
)


def takes_of_account(charge: Charge, *, type_: str) -> bool:
    """Whether a settlement takes from the account: it is held until written down."""
    return type_ == SETTLE and charge.acct_used_flag == OWN_ACCOUNT


async def visit_bill(call: Call[Any], charge: Charge, *, type_: str) -> LedgerRequest:
    """Return what the ledger is asked about a batch that was uploaded."""
    psn_no = charge.psn_no
    if takes_of_account(charge, type_=type_):
        await visit_of(call, charge.mdtrt_id, psn_no=psn_no)
    row = await call.services.together.charge(_asked(call, charge))
    while row["has_open"]:
        # Where it is answered meanwhile, what was seen is of before: it is seen again.
        await none_open(call, psn_no, mdtrt_id=charge.mdtrt_id)
        row = await call.services.together.charge(_asked(call, charge))
    found = None if row["version"] is None else row
    visit = described(theirs(found, call, mdtrt_id=charge.mdtrt_id, psn_no=psn_no))
    _agree(charge, visit)
    if row["lines"] is None:
        raise CounterFault(NO_LINES.format(charge.chrg_bchno))
    await _check_free(call, charge, setl_id=row["setl_id"])
    lines = read_lines(row["lines"])
    head = await _head(call, charge, visit=visit, lines=lines)
    if type_ == SETTLE:
        check_echo(charge, lines)
    left = row["left_fen"] if row["is_projected"] else None
    seen = VisitSeen(row["version"], row["is_barred"], row["is_taken"])
    asked = await bill(call, charge, head=head, lines=lines, type_=type_, left=left)
    return replace(asked, seen=seen, echo={**asked.echo, **_uploaded(charge, lines)})


async def _head(
    call: Call[Any], charge: Charge, *, visit: Row, lines: Sequence[KeptLine]
) -> dict[str, Any]:
    """Return what is said of the whole bill, whose lines are split as it settles."""
    head = {
        "mdtrt_id": charge.mdtrt_id,
        "insutype": visit["insutype"],
        "med_type": visit["med_type"],
        "medfee_sumamt_fen": charge.medfee_sumamt,
        "dise_codg": visit["dise_codg"],
        "rxfixmedins_code": visit["rxfixmedins_code"],
        "insuplc_admdvs": visit["insuplc_admdvs"],
        "invono": charge.invono,
    }
    region = await _region(call, charge.psn_no, head=head, lines=lines)
    insutype, day = visit["insutype"], _day(lines)
    check_split(call, lines, region=region, insutype=insutype, day=day)
    return {**head, "insuplc_admdvs": region}


async def _check_free(call: Call[Any], charge: Charge, *, setl_id: str | None) -> None:
    """Refuse a batch that is settled; one that was taken back is marked anew."""
    marked = {} if setl_id is None else {charge.chrg_bchno: setl_id}
    standing = await still_settled(call, charge.psn_no, settled=marked)
    for chrg_bchno, now in standing.items():
        raise CounterFault(SETTLED.format(chrg_bchno, now))


def _uploaded(charge: Charge, lines: Sequence[KeptLine]) -> dict[str, str]:
    """Say what a batch holds, where it does not come to the total that was sent."""
    total = sum(line.asked["det_item_fee_sumamt_fen"] for line in lines)
    if total == charge.medfee_sumamt:
        return {}
    return {DIFFERS: UPLOADED.format(charge.chrg_bchno, len(lines), yuan(total))}


def _asked(call: Call[Any], charge: Charge) -> AskedCharge:
    return AskedCharge(
        charge.mdtrt_id,
        charge.chrg_bchno,
        charge.psn_no,
        *call.key,
        carried(call.envelope.msgid),
    )


async def bill(
    call: Call[Any],
    charge: Any,
    *,
    head: dict[str, Any],
    lines: Sequence[KeptLine],
    type_: str,
    left: Fen | None = None,
) -> LedgerRequest:
    """Return the request to settle or to quote some lines.

    ``left`` is what the account holds, where that is known already.
    """
    psn_no = charge.psn_no
    region = await _region(call, psn_no, head=head, lines=lines)
    uses, account = await _account(call, charge, type_=type_, left=left)
    data = _bill(call, charge, head={**head, "insuplc_admdvs": region}, lines=lines)
    return LedgerRequest(
        type=type_,
        source=call.place.source,
        subject=psn_no,
        data={**data, **account},
        mdtrt_id=head["mdtrt_id"],
        chrg_bchno=getattr(charge, "chrg_bchno", None),
        uses_account=uses,
        echo=_echo(charge, account),
    )


def _bill(
    call: Call[Any], charge: Any, *, head: dict[str, Any], lines: Sequence[KeptLine]
) -> dict[str, Any]:
    """Return the bill without what the account pays."""
    named = _diseases(call, head, region=head["insuplc_admdvs"], lines=lines)
    return {
        "psn_no": charge.psn_no,
        "fixmedins_code": call.place.fixmedins_code,
        "mdtrtarea_admvs": call.place.admdvs,
        **{name: head[name] for name in _OF_HEAD},
        **_given(
            dise_codg=_disease(head["dise_codg"], named),
            rxno=_carried(next((line.rxno for line in lines if line.rxno), None)),
            rxfixmedins_code=_fitting(head["rxfixmedins_code"]),
            invono=_carried(head["invono"]),
            trum_flag=_flag(charge, "TRUM_FLAG"),
            rel_ttp_flag=_flag(charge, "REL_TTP_FLAG"),
        ),
        "feedetail": [_line(line, named=named) for line in lines],
    }


async def _region(
    call: Call[Any], psn_no: str, *, head: dict[str, Any], lines: Sequence[KeptLine]
) -> str:
    """Return where the person is insured: as sent, else as enrolled on the last day."""
    sent = call.envelope.insuplc_admdvs or head["insuplc_admdvs"]
    region = sent or await register.region_of(
        call.db, psn_no, insutype=head["insutype"], day=_day(lines)
    )
    if region is None:
        raise CounterFault(NOT_ENROLLED)
    return str(region)


def _agree(charge: Charge, visit: Row) -> None:
    if charge.med_type not in (None, visit["med_type"]):
        both = (charge.med_type, visit["med_type"])
        named = (with_name(one, CARE_TYPES) for one in both)
        raise CounterFault(OTHER_CARE.format(*named))
    if charge.insutype not in (None, visit["insutype"]):
        both = (charge.insutype, visit["insutype"])
        named = (with_name(one, SCHEMES) for one in both)
        raise CounterFault(OTHER_SCHEME.format(*named))


def check_echo(charge: Any, lines: Sequence[KeptLine]) -> None:
    """Refuse totals of the split that are not ours; not to send them is no fault."""
    for name, title, kept in ECHOED:
        theirs = getattr(charge, name)
        ours = sum(getattr(line, kept) for line in lines)
        if theirs is not None and theirs != ours:
            amounts = (f"{theirs / 100:.2f}", f"{ours / 100:.2f}")
            raise CounterFault(OTHER_SPLIT.format(title, *amounts))


async def _account(
    call: Call[Any], charge: Any, *, type_: str, left: Fen | None
) -> tuple[bool, dict[str, Any]]:
    """Say whether the account pays, and what is in it; a settlement holds it."""
    flag = charge.acct_used_flag or "0"
    if flag == SHARED_ACCOUNT:
        raise CounterFault(FAMILY_ACCOUNT)
    if flag not in ("0", OWN_ACCOUNT):
        raise CounterFault(NOT_A_FLAG.format(flag))
    settles = takes_of_account(charge, type_=type_)
    if settles:
        # Held from here until the request is written down: two counters at once
        # come one after the other, and the second sees what the first has asked.
        await balance(call.db, charge.psn_no, locked=True)
        await none_open(call, charge.psn_no, account=True)
    if left is None or settles:
        await until_projected(call.db, charge.psn_no)
        left = await balance(call.db, charge.psn_no)
    return settles, {"acct_used_flag": flag, "balc_fen": left}


def _day(lines: Sequence[KeptLine]) -> date:
    """Return the last day of some lines: its law is that of all."""
    when = (datetime.fromisoformat(line.asked["fee_ocur_time"]) for line in lines)
    return policy_date(max(when))


def _echo(charge: Any, account: dict[str, Any]) -> dict[str, Any]:
    """Keep what the reply needs and the ledger does not say."""
    return {
        "mdtrt_cert_type": charge.mdtrt_cert_type or "",
        "balc_fen": account["balc_fen"],
    }


def _flag(charge: Any, name: str) -> str | None:
    """Return a flag of the extension: 外伤 (trauma), 涉及第三方 (a third party)."""
    flag = charge.exp_content.get(name)
    return str(flag) if str(flag) in ("0", "1") else None


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _carried(number: str | None) -> str | None:
    """Return a number of the institution's own: its form must not decide."""
    return None if number is None else carried(number)


def _fitting(code: str | None) -> str | None:
    """Return a code, or nothing where the text sent for it is none."""
    return code if code is not None and fits(code) else None


def _diseases(
    call: Call[Any], head: dict[str, Any], *, region: str, lines: Sequence[KeptLine]
) -> frozenset[str] | None:
    """Return the diseases that the ledger is to hear of; None: every one.

    For ordinary care `dise_codg` is a diagnosis, which the ledger does not settle by. A
    chronic disease of the region is passed on all the same, so that it is refused and
    never settled as ordinary care.
    """
    if head["med_type"] == CHRONIC:
        return None
    pack = call.services.packs.find(region, head["insutype"])
    rules = None if pack is None else pack.on(_day(lines))
    if rules is None:
        return frozenset()
    return (rules.chronic_diseases or frozenset()) | (
        rules.cross_province_diseases or frozenset()
    )


def _disease(code: str | None, named: frozenset[str] | None) -> str | None:
    if named is not None:
        return code if code in named else None
    if code is not None and not (_CODE.fullmatch(code) and fits(code)):
        raise CounterFault(NO_DISEASE_CODE)
    return code


def _line(line: KeptLine, *, named: frozenset[str] | None) -> dict[str, Any]:
    return {**line.asked, **_given(dise_codg=_disease(line.dise_codg, named))}
