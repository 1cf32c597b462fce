"""A refused request as a page: every reason, what stands in the way, what to do."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from jiesuan_events.words.codes import CARE_TYPES, CHRONIC, RefusalCode
from jiesuan_events.words.instants import BEIJING
from jiesuan_services.cli.pages.settlement import grid

ASKED: Final = {
    "jiesuan.institution.v1": "机构登记",
    "jiesuan.catalogue.v1": "目录登记",
    "jiesuan.enrol.v1": "参保登记",
    "jiesuan.qualify.v1": "门诊慢特病备案",
    "jiesuan.disqualify.v1": "取消门诊慢特病备案",
    "jiesuan.designate.v1": "定点备案",
    "jiesuan.undesignate.v1": "取消定点备案",
    "jiesuan.file.v1": "异地就医备案",
    "jiesuan.unfile.v1": "取消异地就医备案",
    "jiesuan.admit.v1": "入院登记",
    "jiesuan.discharge.v1": "出院登记",
    "jiesuan.inpatient.v1": "住院结算报送",
    "jiesuan.settle.v1": "结算",
    "jiesuan.quote.v1": "预结算",
    "jiesuan.refund.v1": "退费",
    "jiesuan.gap-refund.v1": "隔笔退费",
    "jiesuan.compensate.v1": "冲正",
    "jiesuan.claim.v1": "手工报销",
    "jiesuan.clearing.draw.v1": "清分",
    "jiesuan.clearing.confirm.v1": "清分确认",
    "jiesuan.clearing.unconfirm.v1": "撤销清分确认",
    "jiesuan.clearing.declare.v1": "清算申报",
    "jiesuan.clearing.withdraw.v1": "撤回清算申报",
    "jiesuan.clearing.accept.v1": "清算受理",
    "jiesuan.clearing.audit.v1": "清算审核",
    "jiesuan.clearing.finish-audit.v1": "清算审核完成",
    "jiesuan.clearing.clear.v1": "清算",
    "jiesuan.clearing.pay.v1": "清算拨付",
    "jiesuan.clearing.reject.v1": "清算驳回",
    "jiesuan.clearing.fine.v1": "处罚入账",
    "jiesuan.prepay.quota.v1": "预付金额度",
}
"""What each type of request asks for, as it is called at the counter."""
NAMES_TAKEN: Final = (
    RefusalCode.DUPLICATE_DIFFERENT.value,
    RefusalCode.COMPENSATED_BEFORE.value,
)


def refusals_of(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each refused answer with all its reasons, in the order of the contract."""
    reasons: list[dict[str, Any]] = []
    for row in rows:
        one = dict(row)
        one["refusals"] = json.loads(one.pop("details"))
        reasons.append(one)
    return reasons


def refusal_page(request_id: str, reasons: list[dict[str, Any]]) -> Group:
    """Render every refusal of a request, oldest first."""
    parts: list[RenderableType] = []
    for one in reasons:
        parts.append(_title(request_id, one))
        parts.append(Padding(_reasons(one["refusals"]), (0, 0, 0, 2)))
        parts += [Padding(more, (0, 0, 0, 2)) for more in _particulars(one["refusals"])]
        parts.append(Text(_next(one["refusals"][0])))
    return Group(*parts)


def _title(request_id: str, one: Mapping[str, Any]) -> Text:
    at: datetime | None = one["answered_at"]
    when = "" if at is None else f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    what = ASKED.get(one["request_type"] or "", "请求")
    return Text.assemble(
        (f"{what} {request_id} 被拒绝", "bold red"),
        f"  {when}  {one['request_source'] or ''}",
    )


def _reasons(refusals: list[dict[str, Any]]) -> RenderableType:
    table = grid("", "原因和办法", "代码", title="为什么（排在前面的算数）")
    for at, refusal in enumerate(refusals, 1):
        table.add_row(str(at), refusal["message"], refusal["code"])
    return table


def _particulars(refusals: list[dict[str, Any]]) -> Iterator[RenderableType]:
    """Tabulate what a sentence has no room for: an order of refunds, lines sorted."""
    for refusal in refusals:
        details = refusal.get("details") or {}
        if "blocking" in details:
            yield _blocking(details["blocking"])
        if "lines" in details:
            yield _lines(details["lines"])


def _blocking(blocking: list[dict[str, Any]]) -> RenderableType:
    table = grid("", "结算", "机构结算编号", "机构", title="请按此顺序先退")
    for at, one in enumerate(blocking, 1):
        table.add_row(
            str(at), one["setl_id"], one["medins_setl_id"], one["fixmedins_code"]
        )
    return table


def _lines(lines: dict[str, list[str]]) -> RenderableType:
    table = grid("归属", "明细序号", title="请这样分开结算")
    for where, ids in lines.items():
        table.add_row(_where(where), "、".join(ids))
    return table


def _where(where: str) -> str:
    if where.isdigit() and len(where) == 4:
        return f"{where}年度"
    return CARE_TYPES.get(where, f"{CARE_TYPES[CHRONIC]}{where}")


def _next(first: Mapping[str, Any]) -> str:
    """Say whether the name may be used again, where the sentence has not said it."""
    if first["code"] in NAMES_TAKEN:
        return ""
    return "没有留下任何记录；按上面的办法办妥后，可用同一编号重发。"
