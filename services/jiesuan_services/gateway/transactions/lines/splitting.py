"""A line under its catalogue: split as the law splits it, and kept as it will ask."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
import orjson
from msgspec import Struct
from pydantic import Field

from jiesuan_domain.asked.commands import BillLine
from jiesuan_domain.benefit.lines.split import Fault as NotAddedUp
from jiesuan_domain.benefit.lines.split import is_excluded, split_line
from jiesuan_events.words.codes import APPROVED, CLASS_B, DENIED
from jiesuan_events.words.instants import policy_date
from jiesuan_events.words.money import MAX_LINE_FEN, yuan
from jiesuan_events.words.regions import called
from jiesuan_ledger.parts.block import SplitLine
from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.ledger.naming import carried, fits
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.together.catalogue import NO_ITEM, Item
from jiesuan_services.gateway.wire.payload import Output
from jiesuan_services.gateway.wire.values import Number, Yuan, read_decimal, rounded

NO_CEILING: Final = "999999"
"""What platforms write where an item has no price ceiling."""
_FACTS: Final = ("pric_uplmt_amt", "selfpay_prop", "hi_nego_drug_flag", "lmt_used_flag")
TOO_LARGE: Final = (
    "费用明细{}的金额{}元过大，一条明细正负不超过{}元，请核对后重新发送。"
)
NOT_ADDED_UP: Final = (
    "费用明细{}的单价乘数量为{}元，与该行金额{}元不符，请核对后重新发送。"
)
NO_RATIO: Final = (
    "费用明细{}为乙类项目，参保地{}未配置先行自付比例，"
    "请核对报文的insuplc_admdvs，无误时联系参保地经办机构。"
)
OTHER_REGION: Final = (
    "费用明细{}上传时按先行自付{}元拆分，按结算的参保地{}应为{}元；"
    "请核对insuplc_admdvs，重新上传明细（2204）后重新发送。"
)
NOT_LISTED: Final = (
    "就医地目录中没有医疗目录编码{}（区分大小写），按丙类全额自费，请核对编码。"
)
RESTRICTED: Final = (
    "限制使用的项目，未经审批按全额自费；已审批的请将hosp_appr_flag填1后重新上传。"
)
REFUSED: Final = "hosp_appr_flag为2（审批未通过），按全额自费。"
NOT_ENROLLED: Final = "未查到参保人当日的参保登记，请核对险种或联系参保地经办机构。"


class SplitRow(Output):
    """One line after its split, as the standard returns it."""

    feedetl_sn: str = Field(title="费用明细流水号")
    det_item_fee_sumamt: Yuan = Field(title="明细项目费用总额")
    cnt: Number = Field(title="数量")
    pric: Number = Field(title="单价")
    pric_uplmt_amt: Number = Field(title="定价上限金额")
    selfpay_prop: Number = Field(title="自付比例")
    fulamt_ownpay_amt: Yuan = Field(title="全自费金额")
    overlmt_amt: Yuan = Field(title="超限价金额")
    preselfpay_amt: Yuan = Field(title="先行自付金额")
    inscp_scp_amt: Yuan = Field(title="符合政策范围金额")
    chrgitm_lv: str = Field(title="收费项目等级")
    med_chrgitm_type: str = Field(title="医疗收费项目类别")
    bas_medn_flag: str = Field(default="0", title="基本药物标志")
    hi_nego_drug_flag: str = Field(default="0", title="医保谈判药品标志")
    chld_medc_flag: str = Field(default="0", title="儿童用药标志")
    list_sp_item_flag: str = Field(default="0", title="目录特项标志")
    lmt_used_flag: str = Field(default="0", title="限制使用标志")
    drt_reim_flag: str = Field(default="0", title="直报标志")
    memo: str = Field(default="", title="备注")
    exp_content: str = Field(default="", title="字段扩展")


class KeptLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a batch as it is kept: what the ledger is asked, and its split."""

    asked: dict[str, Any]
    fulamt_ownpay_amt_fen: int
    overlmt_amt_fen: int
    preselfpay_amt_fen: int
    inscp_scp_amt_fen: int
    ratio: str
    med_chrgitm_type: str
    feedetl_sn: str | None = None
    """The hospital's own number, where the ledger is told another."""
    medins_list_codg: str | None = None
    rxno: str | None = None
    dise_codg: str | None = None
    memo: str = ""
    """Why its person pays all of it, where the line itself does not show that."""


async def split_lines(
    call: Call[Any],
    visit: Mapping[str, Any],
    *,
    lines: Sequence[Any],
    items: Sequence[Item],
) -> list[KeptLine]:
    """Split every line; the first that does not add up is named."""
    day = max(line.fee_ocur_time for line in lines)
    region = call.envelope.insuplc_admdvs or visit["insuplc_admdvs"]
    region = region or await register.region_of(
        call.db, visit["psn_no"], insutype=visit["insutype"], day=policy_date(day)
    )
    if region is None:
        raise CounterFault(NOT_ENROLLED)
    class_b = _class_b(call, region, insutype=visit["insutype"], day=policy_date(day))
    return [
        split_one(line, item, class_b=class_b, region=region)
        for line, item in zip(lines, items, strict=True)
    ]


def _class_b(call: Call[Any], region: str, *, insutype: str, day: date) -> int | None:
    """Return the share of 乙类 that a region's insured pay first on a day."""
    pack = call.services.packs.find(region, insutype)
    return None if pack is None else pack.on(day).class_b_selfpay_prop


def check_split(
    call: Call[Any],
    lines: Sequence[KeptLine],
    *,
    region: str,
    insutype: str,
    day: date,
) -> None:
    """Refuse lines that the region settled under splits otherwise than 2204 said.

    Which region 2204 split for is not kept; a line shows the ratio that it took. Only
    what may differ is split again. What cannot be split the ledger refuses.
    """
    class_b = _class_b(call, region, insutype=insutype, day=day)
    ratio = _text_of(class_b)
    for line in lines:
        if _shows(line, ratio):
            continue
        split = split_line(msgspec.convert(line.asked, BillLine), class_b)
        if not isinstance(split, SplitLine):
            continue
        was, now = line.preselfpay_amt_fen, split.upfront_copay
        if was != now:
            name = line.feedetl_sn or line.asked["feedetl_sn"]
            raise CounterFault(
                OTHER_REGION.format(name, yuan(was), called(region), yuan(now))
            )


def _shows(line: KeptLine, ratio: str) -> bool:
    """Whether a line shows that it was split by a region's ratio, or by none.

    A negotiated drug is split by the region's, whatever its own is, which it may show:
    it did before.
    """
    asked = line.asked
    if asked.get("hi_nego_drug_flag") == "1":
        return False
    is_regional = asked["chrgitm_lv"] == CLASS_B and not asked.get("selfpay_prop")
    return not is_regional or line.ratio == ratio


def _text_of(class_b: int | None) -> str:
    return str(read_decimal(class_b or 0).scaleb(-4))


def split_one(line: Any, item: Item, *, class_b: int | None, region: str) -> KeptLine:
    """Split a line under its item; CounterFault names it and says why it cannot be."""
    amount = line.det_item_fee_sumamt
    if abs(amount) > MAX_LINE_FEN:
        bounds = (line.feedetl_sn, yuan(amount), yuan(MAX_LINE_FEN))
        raise CounterFault(TOO_LARGE.format(*bounds))
    asked = asked_of(line, item)
    read = msgspec.convert(asked, BillLine)
    split = split_line(read, class_b)
    if isinstance(split, NotAddedUp):
        amounts = (line.feedetl_sn, yuan(split.expected), yuan(split.found))
        raise CounterFault(NOT_ADDED_UP.format(*amounts))
    if not isinstance(split, SplitLine):
        raise CounterFault(NO_RATIO.format(line.feedetl_sn, called(region)))
    return KeptLine(
        asked=asked,
        fulamt_ownpay_amt_fen=split.excluded,
        overlmt_amt_fen=split.line_over_limit,
        preselfpay_amt_fen=split.upfront_copay,
        inscp_scp_amt_fen=split.in_scope,
        ratio=_ratio(read, class_b=class_b),
        med_chrgitm_type=item["med_chrgitm_type"],
        feedetl_sn=None if fits(line.feedetl_sn) else line.feedetl_sn,
        medins_list_codg=line.medins_list_codg,
        rxno=line.rxno,
        dise_codg=line.dise_codg,
        memo=_memo(item, asked),
    )


def _memo(item: Item, asked: Mapping[str, Any]) -> str:
    """Say why a line is paid by its person alone, though nobody wrote so."""
    approval = asked.get("hosp_appr_flag")
    if item is NO_ITEM:
        return NOT_LISTED.format(asked["med_list_codg"])
    if approval == DENIED:
        return REFUSED
    if item["lmt_used_flag"] == "1" and approval != APPROVED:
        return RESTRICTED
    return ""


def asked_of(line: Any, item: Item) -> dict[str, Any]:
    """Return a line as the ledger is asked: what it cost, and what splitting needs."""
    facts = {name: item[name] for name in _FACTS if item[name] is not None}
    approval = line.hosp_appr_flag if line.hosp_appr_flag in ("0", "1", "2") else None
    return {
        "feedetl_sn": carried(line.feedetl_sn),
        "fee_ocur_time": line.fee_ocur_time.isoformat(timespec="seconds"),
        "med_list_codg": line.med_list_codg,
        "pric": line.pric,
        "cnt": line.cnt,
        "det_item_fee_sumamt_fen": line.det_item_fee_sumamt,
        "chrgitm_lv": item["chrgitm_lv"],
        **facts,
        **({} if approval is None else {"hosp_appr_flag": approval}),
    }


def _ratio(line: BillLine, *, class_b: int | None) -> str:
    """Say which share of the line its person pays first, as the law took it."""
    if is_excluded(line):
        return "1"
    is_negotiated = line.negotiated == "1"
    if line.item_class != CLASS_B and not is_negotiated:
        return "0"
    own = None if is_negotiated else line.self_pay_ratio
    return own or _text_of(class_b)


def row_of(kept: KeptLine) -> SplitRow:
    """Return the row that 2204, 2102 and 5204 return for a line."""
    asked = kept.asked
    return SplitRow(
        feedetl_sn=kept.feedetl_sn or asked["feedetl_sn"],
        det_item_fee_sumamt=asked["det_item_fee_sumamt_fen"],
        cnt=rounded(read_decimal(asked["cnt"]), 4),
        pric=rounded(read_decimal(asked["pric"]), 6),
        pric_uplmt_amt=read_decimal(asked.get("pric_uplmt_amt", NO_CEILING)),
        selfpay_prop=rounded(read_decimal(kept.ratio), 4),
        fulamt_ownpay_amt=kept.fulamt_ownpay_amt_fen,
        overlmt_amt=kept.overlmt_amt_fen,
        preselfpay_amt=kept.preselfpay_amt_fen,
        inscp_scp_amt=kept.inscp_scp_amt_fen,
        chrgitm_lv=asked["chrgitm_lv"],
        med_chrgitm_type=kept.med_chrgitm_type,
        hi_nego_drug_flag=asked.get("hi_nego_drug_flag", "0"),
        lmt_used_flag=asked.get("lmt_used_flag", "0"),
        memo=kept.memo,
    )


def write_lines(lines: Sequence[KeptLine]) -> str:
    """Write the lines of a batch to be kept."""
    return orjson.dumps([msgspec.to_builtins(line) for line in lines]).decode()


def read_lines(text: str) -> list[KeptLine]:
    """Read the lines of a batch that was kept."""
    return msgspec.json.decode(text, type=list[KeptLine])
