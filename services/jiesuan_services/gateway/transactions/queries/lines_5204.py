"""5204 费用明细查询: the lines of a settlement, of a refund, or of a visit."""

from typing import Any, Final

from pydantic import Field

from jiesuan_ledger.parts.block import Block
from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.ledger.entries import blocks_at
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.freshness import until_projected
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.transactions.lines.splitting import read_lines, row_of
from jiesuan_services.gateway.transactions.queries.fee_row import FeeRow
from jiesuan_services.gateway.transactions.queries.settlement_5203 import NOT_FOUND
from jiesuan_services.gateway.transactions.visits.visit import UNKNOWN
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import Id, read_moment

MOST_OF_VISIT: Final = 100
TOO_MANY: Final = "就诊{}的结算超过{}笔，请改用结算ID（setl_id）逐笔查询。"


class FeeQuery(Node):
    """Which settlement, or which visit."""

    psn_no: Id = Field(title="人员编号")
    setl_id: Id | None = Field(default=None, title="结算ID")
    mdtrt_id: Id | None = Field(default=None, title="就诊ID")


class Input5204(Node):
    """The node of the transaction."""

    data: FeeQuery


class Fees(Output):
    """What 5204 gives back; one real client reads `output`, another the rows' node."""

    feedetail: list[FeeRow]


async def lines(call: Call[Input5204]) -> Fees:
    """List the lines: as they are kept here, else as the ledger has them."""
    rows = [row for batch in await _batches(call) for row in _rows(batch)]
    return Fees(feedetail=rows or await _of_ledger(call))


async def _of_ledger(call: Call[Input5204]) -> list[FeeRow]:
    """Return what the ledger says of the lines of a settlement, refund or visit.

    What is kept here are lines to be settled: a batch that was taken back may be
    another one by now, a month that was imported never had one here, and the state
    here may be lost.
    """
    await until_projected(call.db, call.input.data.psn_no)
    if call.input.data.setl_id is not None:
        places = [await _settlement(call, call.input.data.setl_id)]
    else:
        places = await _standing(call, call.input.data.mdtrt_id or "")
    if not places:
        return []
    blocks = await blocks_at(call.services.ledger.bootstrap, places)
    return [row for block in blocks for row in _ledger_rows(block)]


async def _settlement(call: Call[Input5204], setl_id: str) -> register.Row:
    sent = call.input.data
    row = await register.settlement(
        call.db, setl_id, psn_no=sent.psn_no, fixmedins_code=call.place.fixmedins_code
    )
    if row is None or sent.mdtrt_id not in (None, row["mdtrt_id"]):
        raise CounterFault(NOT_FOUND.format(setl_id))
    return row


async def _standing(call: Call[Input5204], mdtrt_id: str) -> list[register.Row]:
    """Return what stands of a visit; of one that nobody knows, say so."""
    made = await register.settlements_of_visit(
        call.db,
        mdtrt_id,
        psn_no=call.input.data.psn_no,
        fixmedins_code=call.place.fixmedins_code,
        most=MOST_OF_VISIT + 1,
    )
    if not made and await _visit(call) is None:
        raise CounterFault(UNKNOWN.format(mdtrt_id))
    if len(made) > MOST_OF_VISIT:
        raise CounterFault(TOO_MANY.format(mdtrt_id, MOST_OF_VISIT))
    return [row for row in made if row["stands"]]


def _ledger_rows(block: Block) -> list[FeeRow]:
    return [
        FeeRow.of(
            {
                "feedetl_sn": line.line_id,
                "mdtrt_id": block.visit_id,
                "setl_id": block.settlement_id,
                "med_list_codg": line.item,
                "det_item_fee_sumamt": line.line_total,
                "fulamt_ownpay_amt": line.excluded,
                "overlmt_amt": line.line_over_limit,
                "preselfpay_amt": line.upfront_copay,
                "inscp_scp_amt": line.in_scope,
            }
        )
        for line in block.lines
    ]


async def _batches(call: Call[Input5204]) -> list[Any]:
    sent, own = call.input.data, (call.input.data.psn_no, call.place.fixmedins_code)
    if sent.setl_id is not None:
        statement = query("store", "visits", name="lines_of_settlement")
        rows = await call.db.fetch(statement, sent.setl_id)
        return [
            row
            for row in rows
            if (row["psn_no"], row["fixmedins_code"]) == own
            and sent.mdtrt_id in (None, row["mdtrt_id"])
        ]
    if await _visit(call) is None:
        return []
    found: list[Any] = await call.db.fetch(
        query("store", "visits", name="lines_of_visit"), sent.mdtrt_id
    )
    return found


async def _visit(call: Call[Input5204]) -> Any:
    """Return the visit as it is kept here, if it is the institution's and person's."""
    sent = call.input.data
    row = await call.db.fetchrow(
        query("store", "visits", name="visit"), sent.mdtrt_id or ""
    )
    own = (sent.psn_no, call.place.fixmedins_code)
    is_own = row is not None and (row["psn_no"], row["fixmedins_code"]) == own
    return row if is_own else None


def _rows(batch: Any) -> list[FeeRow]:
    return [
        FeeRow.of(
            {
                **dict(row_of(line)),
                "mdtrt_id": batch["mdtrt_id"],
                "setl_id": batch["setl_id"] or "",
                "chrg_bchno": batch["chrg_bchno"],
                "med_list_codg": line.asked["med_list_codg"],
                "medins_list_codg": line.medins_list_codg or "",
                "fee_ocur_time": read_moment(line.asked["fee_ocur_time"]),
                "rxno": line.rxno or "",
            }
        )
        for line in read_lines(batch["lines"])
    ]


TRANSACTION = Transaction("5204", "费用明细查询", Input5204, Fees, Reading(lines))
