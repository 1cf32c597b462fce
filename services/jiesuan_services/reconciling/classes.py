"""How a row of theirs stands to one of ours, and what to do about it, in words."""

from typing import Final

from jiesuan_services.reconciling.lines import NULL, DetailLine
from jiesuan_services.reconciling.ours import OurRow

EQUAL: Final = b"000000"
ONLY_THEIRS: Final = b"000101"
ONLY_OURS: Final = b"000102"
DIFFERENT: Final = b"000103"
OTHER_SIGN: Final = b"000104"
_NAMES: Final = ("医疗费总额", "基金支付总额", "个人账户支付")
_FIX: Final = "请核对本机构账目，确有错误的更正后重新对账，仍不一致的请报经办机构"


def compared(theirs: DetailLine, ours: DetailLine) -> bytes:
    """Return the class of two rows that mean the same settlement or refund."""
    same_party = theirs[1:3] == ours[1:3]
    if same_party and theirs[3:] == ours[3:]:
        return EQUAL
    sizes = [value.lstrip(b"-") for value in theirs.amounts]
    if same_party and sizes == [value.lstrip(b"-") for value in ours.amounts]:
        return OTHER_SIGN
    return DIFFERENT


def result(theirs: DetailLine | None, ours: OurRow | None, *, class_: bytes) -> bytes:
    """Return a line of the result: the person and visit theirs, the amounts ours."""
    shown = ours.line if ours is not None else theirs
    named = theirs if theirs is not None else shown
    assert shown is not None, "a row is somebody's"
    assert named is not None, "a row is somebody's"
    memo = _memo(class_, theirs, ours=ours)
    fields = (
        named.psn_no,
        named.mdtrt_id,
        shown.setl_id,
        ours.medins_setl_id if ours is not None else NULL,
        class_,
        shown.flag,
        memo.encode() or NULL,
        *shown.amounts,
    )
    return b"\t".join(fields) + b"\n"


def equal_result(id_: bytes, rest: bytes, *, sender: bytes) -> bytes:
    """Return the line of the result for a line that is ours to the byte.

    Most lines of a million are: an eighth of `result` (`python -m tools.shapes`).
    """
    visit, person, medfee, fund_pay, acct_pay, flag = rest.split(b"\t")
    return b"%b\t%b\t%b\t%b\t000000\t%b\tnull\t%b\t%b\t%b\n" % (
        person,
        visit,
        id_,
        sender,
        flag,
        medfee,
        fund_pay,
        acct_pay,
    )


def _memo(class_: bytes, theirs: DetailLine | None, *, ours: OurRow | None) -> str:
    if class_ == EQUAL:
        return ""
    if class_ == ONLY_OURS:
        return "本机构无此笔：请核对是否漏记；实际未发生的，请办理退费"
    if ours is None:
        return "平台无此笔：请核对是否已上传结算；未成功结算的，请从本机构账目中冲销"
    if class_ == ONLY_THEIRS:
        return _elsewhere(ours)
    assert theirs is not None, "a difference is between two"
    if class_ == OTHER_SIGN:
        kind = "退费" if ours.is_refund else "结算，没有退费"
        return f"退费标志或金额正负不一致，平台为{kind}：请核对是否已办理退费"
    return "；".join(_differences(theirs, ours.line)) + f"：{_FIX}"


def _elsewhere(ours: OurRow) -> str:
    day, category = ours.day.decode(), ours.clr_type.decode()
    if category:
        return f"平台于{day}按清算类别{category}入账：请列入该日该类别的对账"
    return f"平台于{day}入账：请列入该日的对账"


def _differences(theirs: DetailLine, ours: DetailLine) -> list[str]:
    found = []
    if theirs.psn_no != ours.psn_no:
        found.append("人员编号不一致")
    if theirs.mdtrt_id != ours.mdtrt_id:
        found.append("就诊ID不一致")
    for name, one, other in zip(_NAMES, theirs.amounts, ours.amounts, strict=True):
        if one != other:
            found.append(f"{name}本机构{one.decode()}元、平台{other.decode()}元")
    return found
