"""3201 对总账: figures of an institution's days held against ours."""

from collections.abc import Mapping
from typing import Any, Final

from jiesuan_events.words.money import yuan

EVEN: Final = "0"
UNEVEN: Final = "1"
AMOUNTS: Final = (
    ("medfee_sumamt_fen", "医疗费总额"),
    ("fund_pay_sumamt_fen", "基金支付总额"),
    ("acct_pay_fen", "个人账户支付"),
)


def reconciled(theirs: Mapping[str, int], ours: Mapping[str, int]) -> dict[str, Any]:
    """Return whether figures are even, what differs, and ours, in fen.

    Some count a refund as a row, some take it off the count: either is even.
    """
    differences = [
        {"field": name, "theirs": theirs[name], "ours": ours[name]}
        for name, _ in AMOUNTS
        if theirs[name] != ours[name]
    ]
    if theirs["setl_cnt"] not in (ours["rows"], ours["net"]):
        count = {
            "field": "setl_cnt",
            "theirs": theirs["setl_cnt"],
            "ours": ours["rows"],
        }
        differences.insert(0, count)
    return {
        "stmt_rslt": UNEVEN if differences else EVEN,
        "differences": differences,
        "ours": {
            "setl_cnt": ours["rows"],
            "setl_cnt_net": ours["net"],
            **{name: ours[name] for name, _ in AMOUNTS},
        },
    }


def in_words(found: Mapping[str, Any]) -> list[str]:
    """Return the result as sentences, amounts in yuan."""
    ours, said = found["ours"], []
    names = dict(AMOUNTS)
    for one in found["differences"]:
        theirs, mine = one["theirs"], one["ours"]
        if one["field"] == "setl_cnt":
            said.append(
                f"笔数：本机构{theirs}笔，平台{mine}笔"
                f"（含退费；退费相抵后{ours['setl_cnt_net']}笔）"
            )
        else:
            said.append(
                f"{names[one['field']]}：本机构{yuan(theirs)}元，平台{yuan(mine)}元，"
                f"相差{yuan(theirs - mine)}元"
            )
    return said
