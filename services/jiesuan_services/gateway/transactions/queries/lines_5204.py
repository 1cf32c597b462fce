"""5204 费用明细查询: the lines of a settlement or a visit as the counter kept them."""

from typing import Any

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.transactions.lines.splitting import (
    SplitRow,
    read_lines,
    row_of,
)
from jiesuan_services.gateway.transactions.queries.settlement_5203 import NOT_FOUND
from jiesuan_services.gateway.transactions.visits.visit import UNKNOWN
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import Id, MomentOut, read_moment


class FeeQuery(Node):
    """Which settlement, or which visit."""

    psn_no: Id = Field(title="人员编号")
    setl_id: Id | None = Field(default=None, title="结算ID")
    mdtrt_id: Id | None = Field(default=None, title="就诊ID")


class Input5204(Node):
    """The node of the transaction."""

    data: FeeQuery


class FeeRow(SplitRow):
    """A line and its split, and where it belongs."""

    mdtrt_id: str = Field(title="就诊ID")
    setl_id: str = Field(title="结算ID")
    chrg_bchno: str = Field(title="收费批次号")
    med_list_codg: str = Field(title="医疗目录编码")
    medins_list_codg: str = Field(title="医药机构目录编码")
    fee_ocur_time: MomentOut = Field(title="费用发生时间")
    rxno: str = Field(title="处方号")


class Fees(Output):
    """What 5204 gives back; one real client reads `output`, another the rows' node."""

    feedetail: list[FeeRow]


async def lines(call: Call[Input5204]) -> Fees:
    """List the lines."""
    sent = call.input.data
    batches = await _batches(call)
    if not batches and sent.setl_id is not None:
        raise CounterFault(NOT_FOUND.format(sent.setl_id))
    return Fees(feedetail=[row for batch in batches for row in _rows(batch)])


async def _batches(call: Call[Input5204]) -> list[Any]:
    sent, place = call.input.data, call.place.fixmedins_code
    if sent.setl_id is not None:
        statement = query("store", "visits", name="lines_of_settlement")
        rows = await call.db.fetch(statement, sent.setl_id)
        own = (sent.psn_no, place)
        return [row for row in rows if (row["psn_no"], row["fixmedins_code"]) == own]
    visit = await call.db.fetchrow(
        query("store", "visits", name="visit"), sent.mdtrt_id or ""
    )
    if visit is None or (visit["psn_no"], visit["fixmedins_code"]) != (
        sent.psn_no,
        place,
    ):
        raise CounterFault(UNKNOWN.format(sent.mdtrt_id or ""))
    found: list[Any] = await call.db.fetch(
        query("store", "visits", name="lines_of_visit"), sent.mdtrt_id
    )
    return found


def _rows(batch: Any) -> list[FeeRow]:
    return [
        FeeRow(
            **{name: getattr(row, name) for name in SplitRow.model_fields},
            mdtrt_id=batch["mdtrt_id"],
            setl_id=batch["setl_id"] or "",
            chrg_bchno=batch["chrg_bchno"],
            med_list_codg=line.asked["med_list_codg"],
            medins_list_codg=line.medins_list_codg or "",
            fee_ocur_time=read_moment(line.asked["fee_ocur_time"]),
            rxno=line.rxno or "",
        )
        for line in read_lines(batch["lines"])
        for row in [row_of(line)]
    ]


TRANSACTION = Transaction("5204", "费用明细查询", Input5204, Fees, Reading(lines))
