"""Why a request about a month is refused: one function a code, one plain sentence.

Codes that requests about persons get, too, are in `jiesuan_domain/refusals`.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from jiesuan_domain.clearing.state.statement import REJECTED, Statement
from jiesuan_domain.refusals.of_request import malformed
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import CLEARING_STATES, ClearingState, RefusalCode
from jiesuan_events.words.money import yuan
from jiesuan_ledger.clearing.facts import PrepaymentRow, Recovery, StatementRow

_SHOWN: Final = 3
"""Ids that a sentence names; the details name them all."""


def out_of_bounds(row: StatementRow | Recovery | PrepaymentRow) -> Refusal:
    """Refuse what would make a row of sums that readers refuse."""
    match row:
        case StatementRow():
            name, zh = row.statement_id, f"清算单{row.statement_id}"
        case Recovery():
            name, zh = "the recovery", "待追回金额"
        case PrepaymentRow():
            name, zh = "the prepayment", "预付金账户"
    return malformed(
        "data",
        f"the sums of {name} leave the bounds",
        zh=f"{zh}的合计超出允许范围，其中有金额过大的结算",
    )


def month_not_over(month: str) -> Refusal:
    """Refuse to draw a month that is not over."""
    return Refusal(
        RefusalCode.MONTH_NOT_OVER,
        f"{_month(month)}还没有结束，不能清分，请在次月1日以后再发送。",
        {"clr_ym": month},
    )


def already_drawn(month: str, latest: str) -> Refusal:
    """Refuse to draw a month that is not later than the latest drawn."""
    return Refusal(
        RefusalCode.ALREADY_DRAWN,
        f"已清分到{_month(latest)}，{_month(month)}不能再清分；"
        "晚到的结算会纳入下一个月的清分。",
        {"clr_ym": month, "latest_clr_ym": latest},
    )


def not_yet_readable(waits_for: list[dict[str, int]]) -> Refusal:
    """Refuse for now: the ledger is not read up to the end of the month."""
    return Refusal(
        RefusalCode.NOT_YET_READABLE,
        "账本还没有读到清分时点，请稍后原样重发。",
        {"waits_for": waits_for},
    )


def nothing_to_draw(month: str) -> Refusal:
    """Refuse to draw where no row waits."""
    return Refusal(
        RefusalCode.NOTHING_TO_DRAW,
        f"截至{_month(month)}末没有待清分的结算，无需清分。",
        {"clr_ym": month},
    )


def unknown_statement(statement_id: str) -> Refusal:
    """Refuse a statement that was never drawn."""
    return Refusal(
        RefusalCode.UNKNOWN_STATEMENT,
        f"没有清算单{statement_id}，请核对编号，或先清分该月。",
        {"statement_id": statement_id},
    )


def not_your_statement(statement_id: str) -> Refusal:
    """Refuse a sender who is not the party that this request wants."""
    return Refusal(
        RefusalCode.NOT_YOUR_STATEMENT,
        f"清算单{statement_id}不由贵方办理此事，请核对编号，或由该单的另一方办理。",
        {"statement_id": statement_id},
    )


def unknown_confirmation(request_id: str) -> Refusal:
    """Refuse to roll back what is no confirmation of the month, or no more."""
    return Refusal(
        RefusalCode.UNKNOWN_CONFIRMATION,
        f"没有可撤销的确认{request_id}：该月没有这次确认，或已经撤销，请核对编号。",
        {"request_id": request_id},
    )


def wrong_state(statement: Statement, allowed: Iterable[ClearingState]) -> Refusal:
    """Refuse what a statement's state does not allow."""
    states = list(allowed)
    names = "或".join(f"“{CLEARING_STATES[one]}”" for one in states)
    last = max((one for one in states if one != REJECTED), default=REJECTED)
    remedy = "请先办理前一步"
    if statement.state != REJECTED and statement.state > last:
        remedy = "这一步已经过去，请核对清算单编号和办理进度"
    return Refusal(
        RefusalCode.WRONG_STATE,
        f"清算单{statement.id}现为“{CLEARING_STATES[statement.state]}”，"
        f"只有{names}时才能办理，{remedy}。",
        {
            "statement_id": statement.id,
            "clr_stas": statement.state,
            "allowed": states,
        },
    )


def not_in_statement(row_ids: list[str]) -> Refusal:
    """Refuse rows that do not stand in the statement."""
    return Refusal(
        RefusalCode.NOT_IN_STATEMENT,
        f"结算{_named(row_ids)}不在该清算单中，请核对结算编号和清算年月。",
        {"rows": row_ids},
    )


def carried_too_long(row_ids: list[str]) -> Refusal:
    """Refuse to carry a row once more."""
    return Refusal(
        RefusalCode.CARRIED_TOO_LONG,
        f"结算{_named(row_ids)}已结转两个月，不能再结转，请确认后纳入清算。",
        {"rows": row_ids},
    )


def amounts_differ(rows: list[dict[str, Any]]) -> Refusal:
    """Refuse rows whose amounts are not ours."""
    ids = [row["setl_id"] for row in rows]
    return Refusal(
        RefusalCode.AMOUNTS_DIFFER,
        f"结算{_named(ids)}的金额与账本不一致，请先对账，按账本金额确认。",
        {"rows": rows},
    )


def sums_differ(differences: list[dict[str, Any]]) -> Refusal:
    """Refuse a declaration whose control sums are not ours."""
    fields = "、".join(one["field"] for one in differences)
    return Refusal(
        RefusalCode.SUMS_DIFFER,
        f"申报合计与清算单不一致（{fields}），请对账后按清算单合计申报。",
        {"differences": differences},
    )


def deduction_too_large(row_id: str, *, limit: int, found: int) -> Refusal:
    """Refuse to deduct more of a row than the fund paid for it."""
    return Refusal(
        RefusalCode.DEDUCTION_TOO_LARGE,
        f"结算{row_id}的扣款合计{yuan(found)}元，超过基金支付{yuan(limit)}元，"
        "请减少扣款。",
        {"setl_id": row_id, "limit_fen": limit, "found_fen": found},
    )


def too_late(statement_id: str, latest_on: date) -> Refusal:
    """Refuse a declaration after the last day, unless it names its exception."""
    return Refusal(
        RefusalCode.TOO_LATE,
        f"清算单{statement_id}最迟应于{latest_on}申报；"
        "确有特殊情况的，请在exception中写明报备说明后重新申报。",
        {"latest_on": latest_on.isoformat()},
    )


def not_the_full_amount(expected: int, found: int) -> Refusal:
    """Refuse to pay anything but the whole (达州 118号 七(二): 全额清算)."""
    return Refusal(
        RefusalCode.NOT_THE_FULL_AMOUNT,
        f"应全额拨付{yuan(expected)}元，请求为{yuan(found)}元，请按应拨付金额拨付。",
        {"expected_fen": expected, "found_fen": found},
    )


def _month(month: str) -> str:
    return f"{month[:4]}年{int(month[4:])}月"


def _named(row_ids: list[str]) -> str:
    shown = "、".join(row_ids[:_SHOWN])
    return shown if len(row_ids) <= _SHOWN else f"{shown}等{len(row_ids)}笔"
