"""2204 费用明细上传: each line split by the care place's catalogue of its day."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store.together.rows import VisitChange
from jiesuan_services.gateway.transactions.kinds import (
    ChangedVisit,
    Changing,
    Transaction,
)
from jiesuan_services.gateway.transactions.lines.catalogue import items_of
from jiesuan_services.gateway.transactions.lines.splitting import (
    KeptLine,
    SplitRow,
    row_of,
    split_lines,
    write_lines,
)
from jiesuan_services.gateway.transactions.visits.visit import (
    SETTLED,
    Row,
    described,
    free_taken_back,
    heard_visit,
)
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import (
    Code,
    Id,
    MomentIn,
    OwnNumber,
    PriceIn,
    QuantityIn,
    Text,
    YuanIn,
)

MOST_LINES: Final = 1_000
TOO_MANY: Final = "收费批次{}有{}条明细，一次结算最多1000条，请分批次上传和结算。"
SEVERAL_VISITS: Final = "一次上传只能是一名参保人一次就诊的明细，请分开上传。"
TWICE: Final = "费用明细流水号{}在收费批次{}中出现两次，请更正后重新上传。"


class FeeLine(Node):
    """One line of a charge, as the hospital counts it."""

    decides = frozenset({"hosp_appr_flag"})

    feedetl_sn: OwnNumber = Field(title="费用明细流水号")
    mdtrt_id: Id = Field(title="就诊ID")
    psn_no: Id = Field(title="人员编号")
    chrg_bchno: OwnNumber = Field(title="收费批次号")
    fee_ocur_time: MomentIn = Field(title="费用发生时间")
    med_list_codg: Id = Field(title="医疗目录编码")
    medins_list_codg: Text | None = Field(default=None, title="医药机构目录编码")
    det_item_fee_sumamt: YuanIn = Field(title="明细项目费用总额")
    cnt: QuantityIn = Field(title="数量")
    pric: PriceIn = Field(title="单价")
    hosp_appr_flag: Code | None = Field(default=None, title="医院审批标志")
    dise_codg: Text | None = Field(default=None, title="病种编码")
    rxno: Text | None = Field(default=None, title="处方号")


class Input2204(Node):
    """The node of the transaction."""

    feedetail: list[FeeLine] = Field(min_length=1, title="费用明细")


class Split(Output):
    """What 2204 gives back: a row for every line, in the order of the lines."""

    result: list[SplitRow]


async def upload(call: Call[Input2204]) -> ChangedVisit:
    """Split the lines and keep them; a batch sent again replaces what it was."""
    lines = call.input.feedetail
    if len({(line.mdtrt_id, line.psn_no) for line in lines}) > 1:
        raise CounterFault(SEVERAL_VISITS)
    batches: dict[str, list[FeeLine]] = {}
    for line in lines:
        batches.setdefault(line.chrg_bchno, []).append(line)
    visit = await _visit(call, lines[0], batches=batches)
    kept: list[tuple[str, str]] = []
    rows: dict[str, SplitRow] = {}
    for chrg_bchno, batch in batches.items():
        split = await _batch(call, visit, lines=batch, chrg_bchno=chrg_bchno)
        kept.append((chrg_bchno, write_lines(split)))
        for row in map(row_of, split):
            rows[f"{chrg_bchno}\n{row.feedetl_sn}"] = row
    said = [rows[f"{line.chrg_bchno}\n{line.feedetl_sn}"] for line in lines]
    change = VisitChange(visit["mdtrt_id"], visit["version"], batches=tuple(kept))
    return ChangedVisit(Split(result=said), change)


async def _visit(call: Call[Any], line: FeeLine, *, batches: Iterable[str]) -> Row:
    """Return the visit, of which none of the batches is settled."""

    def suits(row: Row) -> bool:
        return row["med_type"] is not None and row["settled"].keys().isdisjoint(batches)

    visit = described(
        await heard_visit(call, line.mdtrt_id, psn_no=line.psn_no, suits=suits)
    )
    marked = {one: visit["settled"][one] for one in batches if one in visit["settled"]}
    standing = await free_taken_back(call, line.psn_no, settled=marked)
    for chrg_bchno, setl_id in standing.items():
        raise CounterFault(SETTLED.format(chrg_bchno, setl_id))
    return visit


async def _batch(
    call: Call[Input2204], visit: Row, *, lines: Sequence[FeeLine], chrg_bchno: str
) -> list[KeptLine]:
    if len(lines) > MOST_LINES:
        raise CounterFault(TOO_MANY.format(chrg_bchno, len(lines)))
    seen: set[str] = set()
    for line in lines:
        if line.feedetl_sn in seen:
            raise CounterFault(TWICE.format(line.feedetl_sn, chrg_bchno))
        seen.add(line.feedetl_sn)
    items = await items_of(call, lines)
    return await split_lines(call, visit, lines=lines, items=items)


TRANSACTION = Transaction(
    "2204", "门诊费用明细信息上传", Input2204, Split, Changing(upload)
)
