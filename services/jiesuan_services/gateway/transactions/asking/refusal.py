"""The ledger's no in the words of its own sentence, fitted to `err_msg`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from jiesuan_events.words.money import yuan
from jiesuan_services.gateway.faults import fitted

BARRED: Final = "compensated-before"
"""Says more than what else is wrong with such a message."""
LATER_FIRST: Final = "later-settlements-first"
_ORDER: Final = "请先按时间倒序撤销之后的结算，再撤销本笔；依次为结算ID："
_MOST_NAMED: Final = 4
NOT_ENROLLED: Final = "not-enrolled"
_CHECK_REGION: Final = "{}，请核对报文的insuplc_admdvs（以1101返回的为准）和险种。"
SUMS_DIFFER: Final = "sums-differ"
COUNT: Final = "setl_cnt"
_SUMS: Final = {
    COUNT: "清算人次",
    "medfee_sumamt_fen": "医疗费总额",
    "fund_pay_sumamt_fen": "基金申报总额",
    "acct_pay_fen": "个人账户支出",
    "psn_cash_pay_fen": "现金支付金额",
}


def sentence_of(data: Mapping[str, Any]) -> str:
    """Return the sentence of the refusal that counts.

    For the order of refunds it names what to undo first, newest first: clients send
    refunds in the order of their database.
    """
    refusals = data["refusals"]
    barred = (one for one in refusals if one["code"] == BARRED)
    first = next(barred, refusals[0])
    if first["code"] == SUMS_DIFFER:
        return fitted(_sums(first["details"]["differences"]))
    region = first["details"].get("insuplc_admdvs")
    if first["code"] == NOT_ENROLLED and region and region in first["message"]:
        # The cause names the region that was asked; what said so is the field.
        return fitted(_CHECK_REGION.format(first["message"].rpartition("，")[0]))
    blocking = first["details"].get("blocking", ())
    if first["code"] != LATER_FIRST or not blocking:
        return fitted(first["message"])
    named = "、".join(one["setl_id"] for one in blocking[:_MOST_NAMED])
    more = f"等{len(blocking)}笔" if len(blocking) > _MOST_NAMED else ""
    return fitted(f"{_ORDER}{named}{more}。")


def _sums(differences: Sequence[Mapping[str, Any]]) -> str:
    """Say under the names of 3203 what was declared, and what the statement holds."""
    said = []
    for one in differences:
        theirs, ours = one["found"], one["expected"]
        if one["field"] != COUNT:
            theirs, ours = f"{yuan(theirs)}元", f"{yuan(ours)}元"
        said.append(f"{_SUMS[one['field']]}申报{theirs}、清算单{ours}")
    return f"申报合计与清算单不一致：{'；'.join(said)}。请对账后按清算单重新申请。"
