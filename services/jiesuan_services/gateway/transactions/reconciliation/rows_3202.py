"""3202 对明细账: an uploaded file of rows held against the ledger, row by row."""

import asyncio
import io
from typing import Any, Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store.filing import keep, kept_file
from jiesuan_services.gateway.store.freshness import until_all_projected
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.kinds import Keeping, Transaction
from jiesuan_services.gateway.transactions.reconciliation.statement_file import (
    MOST_ROWS,
    read_text,
    write_file,
)
from jiesuan_services.gateway.transactions.reconciliation.totals_3201 import (
    kinds_meant,
    span,
)
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import Code, DayIn, Id, MomentOut
from jiesuan_services.reconciling.detail import Reconciler, elsewhere, strangers
from jiesuan_services.reconciling.lines import FileFault
from jiesuan_services.reconciling.opened import numbered
from jiesuan_services.reconciling.ours import OurRows, our_row

RESULT: Final = "stmt_result_{}.txt.zip"
MEMBER: Final = "result.txt"
"""The name of the text in it: one real client opens it unseen."""
BAD_FILE: Final = "明细文件{}；请更正后重新上传。"
TOO_MANY: Final = "所选日期内平台明细超过100000条，请缩短对账日期后重新发送。"


class DayRows(Node):
    """Which file of which days; its totals are what its rows add up to."""

    file_qury_no: Id = Field(title="文件查询号")
    clr_type: Code = Field(title="清算类别")
    stmt_begndate: DayIn = Field(title="对账开始日期")
    stmt_enddate: DayIn = Field(title="对账结束日期")


class Input3202(Node):
    """The node of the transaction."""

    data: DayRows


class FileInfo(Output):
    """Where the result is fetched (9102), and until when."""

    file_qury_no: str = Field(title="文件查询号")
    filename: str = Field(title="文件名称")
    dld_endtime: MomentOut = Field(title="下载截止时间")


class Compared(Output):
    """What 3202 gives back."""

    fileinfo: FileInfo


async def compare(call: Call[Input3202]) -> Compared:
    """Compare row by row, and keep the result to be fetched."""
    sent = call.input.data
    content = (await kept_file(call, sent.file_qury_no)).content
    theirs = await asyncio.to_thread(read_text, content)
    await until_all_projected(call.db, call.place.fixmedins_code)
    ours = await _rows_of_days(call)
    try:
        kind = await asyncio.to_thread(_kind_of, theirs, ours, named=sent.clr_type)
        lines = await _held_against(call, theirs, ours=_of(ours, kind), kind=kind)
    except FileFault as wrong:
        raise CounterFault(BAD_FILE.format(wrong)) from None
    name = RESULT.format(sent.file_qury_no)
    kept = await keep(call, name, content=write_file(lines, MEMBER))
    return Compared(
        fileinfo=FileInfo(
            file_qury_no=kept.file_qury_no,
            filename=kept.filename,
            dld_endtime=kept.dld_endtime,
        )
    )


async def _rows_of_days(call: Call[Input3202]) -> list[Any]:
    sent = call.input.data
    rows: list[Any] = await call.db.fetch(
        query("store", "register", name="rows_of_days"),
        call.place.fixmedins_code,
        list(kinds_meant(sent.clr_type)),
        *span(sent.stmt_begndate, sent.stmt_enddate),
        MOST_ROWS + 1,
    )
    if len(rows) > MOST_ROWS:
        raise CounterFault(TOO_MANY)
    return rows


def _of(rows: list[Any], kind: str) -> OurRows:
    return OurRows(row["line"] for row in rows if row["clr_type"] == kind)


def _kind_of(theirs: bytes, rows: list[Any], *, named: str) -> str:
    """Return the category that a file is of: the first that may be meant and of which
    it has a row, else the one named.

    One client sends other care as ordinary: then none of its rows is of the latter.
    """
    meant = (one for one in kinds_meant(named) if _names_any(theirs, _of(rows, one)))
    return next(meant, named)


def _names_any(theirs: bytes, ours: OurRows) -> bool:
    for _, line in numbered(io.BytesIO(theirs)):
        flag = line.rpartition(b"\t")[2]
        if ours.meant(line.partition(b"\t")[0], flag) in ours:
            return True
    return False


async def _held_against(
    call: Call[Input3202], theirs: bytes, *, ours: OurRows, kind: str
) -> list[bytes]:
    """Return all lines of the result; others go on while it is made."""
    text = io.BytesIO(theirs)
    others = await call.db.fetch(
        query("store", "register", name="rows_elsewhere"),
        call.place.fixmedins_code,
        await asyncio.to_thread(lambda: list(strangers(text, ours))),
        kind,
    )
    known = elsewhere(our_row(row["line"]) for row in others)
    reconciler = Reconciler(ours, known)
    return await asyncio.to_thread(lambda: list(reconciler.results(text)))


TRANSACTION = Transaction(
    "3202", "医药机构费用结算对明细账", Input3202, Compared, Keeping(compare)
)
