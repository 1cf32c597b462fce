"""An answer as lines for a person: what came of it, and every fen of it, in yuan."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from jiesuan_events.words.codes import CARE_TYPES, CLEARING_STATES
from jiesuan_services.cli.console import yuan
from jiesuan_services.cli.pages.refusal import ASKED

DONE: Final = {
    "decided": "已入账",
    "quoted": "只作预结算，未入账",
    "recorded": "已登记",
    "refused": "拒绝",
}
COMPENSATED: Final = {
    "reversed": "已冲回",
    "nothing-to-reverse": "没有可冲的，编号不再可用",
    "already-reversed": "此前已冲回",
}
INDENT: Final = "   "
WIDEST: Final = 12
"""Columns of an amount: 9,999,999.99 and its sign."""
_STEERS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What steers a terminal or breaks a line; an id that does not read may hold it."""


def answer_lines(number: int, answer: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines of one answer; ``number`` is that of its request.

    Characters that steer a terminal are written as their numbers.
    """
    for line in _lines(number, answer):
        yield _STEERS.sub(lambda one: f"\\u{ord(one[0]):04x}", line)


def _lines(number: int, answer: Mapping[str, Any]) -> Iterator[str]:
    said: Mapping[str, Any] = answer["data"]
    yield f"{number} {_title(answer, said)}：{_outcome(said)}。"
    for refusal in said.get("refusals", ()):
        yield f"{INDENT}{refusal['message']}"
        yield from _blocking(refusal["details"].get("blocking", ()))
    if "setl_proc_info" in said:
        yield from _block(said)
    for name, title in (("reversed", "撤销"), ("resettled", "重新结算")):
        for block in said.get(name, ()):
            undone = block.get("init_medins_setl_id")
            yield f"{INDENT}{title} {undone or block['medins_setl_id']}"
            yield from _block(block)
    if "difference" in said:
        moved = said["difference"]["total"]["fund_pay_sumamt_fen"]
        yield f"{INDENT}合计：基金支付变动 {yuan(moved)} 元"
    for statement in said.get("statements", ()):
        yield f"{INDENT}{_statement(statement)}"
    if "prepayment" in said:
        quota, used = (said["prepayment"][f"{one}_fen"] for one in ("quota", "used"))
        yield f"{INDENT}预付额度 {yuan(quota)} 元，已用 {yuan(used)} 元"


def _title(answer: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    kind = ASKED.get(said["request_type"] or "", "请求")
    about = [said["psn_no"] or answer["subject"], said.get("service_day")]
    care = CARE_TYPES.get(said.get("med_type", ""))
    known = "，".join(one for one in (*about, care) if one)
    named = f"{kind} {said['request_id']}" if said["request_id"] else kind
    return f"{named}（{known}）" if known else named


def _outcome(said: Mapping[str, Any]) -> str:
    done = DONE[said["outcome"]]
    came = COMPENSATED.get(said.get("compensated", ""))
    return f"{done}，{came}" if came else done


def _statement(row: Mapping[str, Any]) -> str:
    """Say where a statement of a month stands after the request."""
    state = CLEARING_STATES[row["clr_stas"]]
    payable = yuan(row["payable_fen"])
    return f"{row['statement_id']}：{state}，{row['setl_cnt']}笔，应付 {payable} 元"


def _blocking(blocking: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say which settlements to take back first, in this order."""
    if blocking:
        order = "，".join(
            f"{at}. {one['medins_setl_id']}（{one['fixmedins_code']}）"
            for at, one in enumerate(blocking, 1)
        )
        yield f"{INDENT}请按此顺序先退：{order}"


def _block(block: Mapping[str, Any]) -> Iterator[str]:
    """Explain one settlement or mirror: a line a step, then who pays."""
    for step in block["setl_proc_info"]:
        amount = yuan(step["out_fen"])
        article = "" if step["article"] == "-" else f"（{step['article']}）"
        yield f"{INDENT}{amount:>{WIDEST}}  {step['zh']}{article}"
    paid = {
        name: yuan(block[f"{name}_fen"])
        for name in (
            "medfee_sumamt",
            "fund_pay_sumamt",
            "psn_part_amt",
            "acct_pay",
            "psn_cash_pay",
        )
    }
    yield (
        f"{INDENT}{paid['medfee_sumamt']:>{WIDEST}}  费用总额："
        f"基金支付{paid['fund_pay_sumamt']}，个人负担{paid['psn_part_amt']}"
        f"（账户{paid['acct_pay']}，现金{paid['psn_cash_pay']}）"
    )
