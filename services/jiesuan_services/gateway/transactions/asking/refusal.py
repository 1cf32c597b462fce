"""The ledger's no in the words of its own sentence, fitted to `err_msg`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from jiesuan_events.words.money import yuan
from jiesuan_services.gateway.faults import MOST_CHARACTERS, fitted
from jiesuan_services.gateway.ledger.asking import DONE

BARRED: Final = "compensated-before"
"""Says more than what else is wrong with such a message."""
LATER_FIRST: Final = "later-settlements-first"
NOT_ADDED_UP: Final = "lines-do-not-add-up"
TOTAL: Final = "sum"
DIFFERS: Final = "differs"
"""Under which name a request's echo says why its total may not be that of its lines."""
CALLED: Final = "called"
"""Under which name a request's echo says how its sender calls what it names."""
_MOST_OF_A_NAME: Final = 50
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


WITHDRAWN: Final = "已撤销清算单{}（险种:清算类别），其余未撤销："
"""An application is of one institution and month."""
TOO_LATE: Final = "too-late"
MALFORMED: Final = "malformed"
_DATA: Final = "data."
_ON_THE_WIRE: Final = {
    "jiesuan.clearing.confirm.v1": {
        "clr_ym": "trt_month",
        "rows": "detail",
        "setl_id": "setl_sn",
        "medfee_sumamt_fen": "medfee_sumamt",
        "fund_pay_sumamt_fen": "optins_pay_sumamt",
    },
    "jiesuan.clearing.unconfirm.v1": {"clr_ym": "trt_month", "request_id": "otransid"},
    "jiesuan.clearing.declare.v1": {
        "statement_ids": "clr_type",
        "setl_cnt": "psntime",
        "medfee_sumamt_fen": "medfee_sumamt",
        "fund_pay_sumamt_fen": "fund_appy_sum",
        "acct_pay_fen": "acct_pay",
        "psn_cash_pay_fen": "cash_payamt",
        "exception": "memo",
    },
    "jiesuan.clearing.withdraw.v1": {"statement_id": "clr_appy_evt_id"},
}
"""What is sent about months stands under other names in what the ledger is asked."""


def sentence_of(data: Mapping[str, Any], echo: Mapping[str, Any]) -> str:
    """Return the sentence of the refusal that counts.

    ``echo`` is what the counter kept of the request: it knows why a total may differ,
    and what its sender calls what the ledger knows by another name.

    For the order of refunds it names what to undo first, newest first, and where:
    clients send refunds in the order of their database, and not all of what blocks one
    is their own.
    """
    refusals = data["refusals"]
    barred = (one for one in refusals if one["code"] == BARRED)
    first = next(barred, refusals[0])
    if first["code"] == SUMS_DIFFER:
        return fitted(_sums(first["details"]["differences"]))
    names = _ON_THE_WIRE.get(data.get("request_type", ""))
    if names is not None:
        said = _as_sent(first, echo.get(CALLED, {}), names=names)
        return fitted(_withdrawn(data.get(DONE, ())) + said)
    region = first["details"].get("insuplc_admdvs")
    if first["code"] == NOT_ENROLLED and region and region in first["message"]:
        # The cause names the region that was asked; what said so is the field.
        return fitted(_CHECK_REGION.format(first["message"].rpartition("，")[0]))
    if first["code"] == LATER_FIRST:
        return fitted(_shortened(first["message"], first["details"]["blocking"]))
    if first["code"] == NOT_ADDED_UP and first["details"]["what"] == TOTAL:
        return fitted(first["message"] + echo.get(DIFFERS, ""))
    return fitted(first["message"])


def _withdrawn(done: Sequence[Mapping[str, Any]]) -> str:
    """Return which statements were withdrawn before one that was not, if there are any.

    They are named by what tells those of an application apart.
    """
    if not done:
        return ""
    ids = (one["statement_id"].split(":")[-2:] for one in done)
    return WITHDRAWN.format("、".join(":".join(parts) for parts in ids))


def _shortened(message: str, blocking: Sequence[Mapping[str, Any]]) -> str:
    """Return the sentence with the newest settlements that fit, and their number."""
    shorter, more = message, f"等{len(blocking)}笔。"
    for last in reversed(blocking[1:]):
        if len(shorter) <= MOST_CHARACTERS:
            break
        head, found, _ = message.partition(f"、{last['setl_id']}（")
        shorter = f"{head}{more}" if found else shorter
    return shorter


def _as_sent(
    refusal: Mapping[str, Any], called: Mapping[str, str], *, names: Mapping[str, str]
) -> str:
    """Return the sentence of a refusal with the field that it names as it was sent."""
    said = _called(refusal, called)
    if refusal["code"] == TOO_LATE:
        return said.replace("exception", names["exception"])
    if refusal["code"] != MALFORMED:
        return said
    path: str = refusal["details"]["path"]
    parts = path.removeprefix(_DATA).split(".")
    shown = [str(int(one) + 1) if one.isdigit() else one for one in parts]
    return said.replace(path, ".".join(names.get(one, one) for one in shown))


def _called(refusal: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return the sentence with the request that it names as its sender calls it."""
    said, ours = refusal["message"], refusal["details"].get("request_id")
    if ours not in names:
        return str(said)
    theirs = names[ours]
    cut = "" if len(theirs) <= _MOST_OF_A_NAME else "…"
    return str(said).replace(ours, theirs[:_MOST_OF_A_NAME] + cut)


def _sums(differences: Sequence[Mapping[str, Any]]) -> str:
    """Say under the names of 3203 what was declared, and what the statement holds."""
    said = []
    for one in differences:
        theirs, ours = one["found"], one["expected"]
        if one["field"] != COUNT:
            theirs, ours = f"{yuan(theirs)}元", f"{yuan(ours)}元"
        said.append(f"{_SUMS[one['field']]}申报{theirs}、清算单{ours}")
    return f"申报合计与清算单不一致：{'；'.join(said)}。请对账后按清算单重新申请。"
