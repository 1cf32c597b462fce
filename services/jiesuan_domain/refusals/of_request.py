"""What is wrong with a request itself: its form, its name, who is named in it."""

from typing import Any

from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words.codes import RefusalCode


def malformed(path: str, reason: str, *, zh: str) -> Refusal:
    """Say which field is wrong, why, and that it must be sent again corrected."""
    return Refusal(
        RefusalCode.MALFORMED,
        f"报文字段{path}有误：{zh}，请更正后重新发送。",
        {"path": path, "reason": reason},
    )


def duplicate_different(first_entry: dict[str, Any]) -> Refusal:
    """Say that the name was used for other content, and where that was entered."""
    return Refusal(
        RefusalCode.DUPLICATE_DIFFERENT,
        "同一报文编号已用于内容不同的请求，请使用新的报文编号。",
        {"first_entry": first_entry},
    )


def compensated_before() -> Refusal:
    """Say that the name was barred by a compensation."""
    return Refusal(
        RefusalCode.COMPENSATED_BEFORE,
        "该报文已被冲正，不能再办理，请使用新的报文编号重新结算。",
        {},
    )


def unknown_institution(code: str | None = None) -> Refusal:
    """Say that the institution must be registered first: the sender, or another."""
    which = "该定点医药机构" if code is None else f"定点医药机构{code}"
    return Refusal(
        RefusalCode.UNKNOWN_INSTITUTION,
        f"{which}尚未登记，请联系医保经办机构登记后重试。",
        {} if code is None else {"fixmedins_code": code},
    )


def too_large(size: int, limit: int) -> Refusal:
    """Say that what would have to be written is more than the log takes."""
    return Refusal(
        RefusalCode.TOO_LARGE,
        f"这一请求要写入的内容有{size}字节，超过账本单条记录的上限{limit}字节，"
        "没有办理；请分几次办理，如按时间倒序逐笔退费后重新结算。",
        {"bytes": size, "limit": limit},
    )
