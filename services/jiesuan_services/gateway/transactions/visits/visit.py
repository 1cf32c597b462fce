"""A visit as the counter keeps it: looked up for its institution and person alone."""

from collections.abc import Mapping
from typing import Any, Final

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store.sql import query

Row = Mapping[str, Any]
_HOME: Final = ("store", "visits")
UNKNOWN: Final = "未查到本机构的就诊登记{}，请核对就诊ID或重新挂号（2201）。"
OTHER_PERSON: Final = "就诊登记{}不是该参保人的，请核对人员编号后重新发送。"
CANCELLED: Final = "就诊登记{}已撤销，请重新挂号（2201）。"
NOT_DESCRIBED: Final = "就诊登记{}还没有上传就诊信息，请先上传（2203）再继续。"
SETTLED: Final = "收费批次{}已结算（结算ID {}），不能更改，请先撤销该结算（2208）。"


async def visit_of(
    call: Call[Any], mdtrt_id: str, *, psn_no: str, held: bool = True
) -> Row:
    """Return the visit, held until the transaction ends, or say why there is none."""
    name = "lock_visit" if held else "visit"
    row = await call.db.fetchrow(query(*_HOME, name=name), mdtrt_id)
    if row is None or row["fixmedins_code"] != call.place.fixmedins_code:
        raise CounterFault(UNKNOWN.format(mdtrt_id))
    if row["psn_no"] != psn_no:
        raise CounterFault(OTHER_PERSON.format(mdtrt_id))
    if row["cancelled"]:
        raise CounterFault(CANCELLED.format(mdtrt_id))
    found: Row = row
    return found


async def described_visit(
    call: Call[Any], mdtrt_id: str, *, psn_no: str, held: bool = True
) -> Row:
    """Return the visit whose kind of care was uploaded (2203)."""
    row = await visit_of(call, mdtrt_id, psn_no=psn_no, held=held)
    if row["med_type"] is None:
        raise CounterFault(NOT_DESCRIBED.format(mdtrt_id))
    return row


async def settled_batches(call: Call[Any], mdtrt_id: str) -> list[Row]:
    """Return the batches of a visit that are settled, with their settlements."""
    rows: list[Row] = await call.db.fetch(query(*_HOME, name="settled"), mdtrt_id)
    return rows
