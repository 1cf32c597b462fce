"""A visit as the counter keeps it: looked up for its institution and person alone."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store import register
from jiesuan_services.gateway.store.freshness import until_projected
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.asking.outcomes import none_open

Row = Mapping[str, Any]
_HOME: Final = ("store", "visits")
UNKNOWN: Final = "未查到本机构的就诊登记{}，请核对就诊ID或重新挂号（2201）。"
OTHER_PERSON: Final = "就诊登记{}不是该参保人的，请核对人员编号后重新发送。"
CANCELLED: Final = "就诊登记{}已撤销，请重新挂号（2201）。"
NOT_DESCRIBED: Final = "就诊登记{}还没有上传就诊信息，请先上传（2203）再继续。"
SETTLED: Final = "收费批次{}已结算（结算ID {}），不能更改，请先撤销该结算（2208）。"


async def visit_of(call: Call[Any], mdtrt_id: str, *, psn_no: str) -> Row:
    """Return the visit, held until the transaction ends, or say why there is none."""
    row = await call.db.fetchrow(query(*_HOME, name="lock_visit"), mdtrt_id)
    return theirs(row, call, mdtrt_id=mdtrt_id, psn_no=psn_no)


async def seen_visit(
    call: Call[Any],
    mdtrt_id: str,
    *,
    psn_no: str,
    suits: Callable[[Row], bool] = lambda _: True,
) -> Row:
    """Return the visit as it was seen last, where it suits; else as it is now.

    Who changes it says which version he saw.
    """
    visits = call.services.visits
    row = visits.remembered(mdtrt_id)
    if row is not None and row["psn_no"] == psn_no and suits(row):
        is_theirs = row["fixmedins_code"] == call.place.fixmedins_code
        if is_theirs and not row["cancelled"]:
            return row
    row = await visits.afresh(mdtrt_id)
    return theirs(row, call, mdtrt_id=mdtrt_id, psn_no=psn_no)


async def heard_visit(
    call: Call[Any], mdtrt_id: str, *, psn_no: str, suits: Callable[[Row], bool]
) -> Row:
    """Return the visit as `seen_visit` does, with no outcome about it open.

    Raises Unresolved while one is.
    """
    visit = await seen_visit(call, mdtrt_id, psn_no=psn_no, suits=suits)
    while visit["has_open"]:
        # Where it is answered meanwhile, what was seen is of before: it is seen again.
        await none_open(call, psn_no, mdtrt_id=mdtrt_id)
        visit = await seen_visit(call, mdtrt_id, psn_no=psn_no, suits=suits)
    return visit


def theirs(row: Row | None, call: Call[Any], *, mdtrt_id: str, psn_no: str) -> Row:
    """Return the visit that was found, or say why it is none for this message."""
    if row is None or row["fixmedins_code"] != call.place.fixmedins_code:
        raise CounterFault(UNKNOWN.format(mdtrt_id))
    if row["psn_no"] != psn_no:
        raise CounterFault(OTHER_PERSON.format(mdtrt_id))
    if row["cancelled"]:
        raise CounterFault(CANCELLED.format(mdtrt_id))
    return row


def described(row: Row) -> Row:
    """Return the visit, whose kind of care was uploaded (2203)."""
    if row["med_type"] is None:
        raise CounterFault(NOT_DESCRIBED.format(row["mdtrt_id"]))
    return row


async def still_settled(
    call: Call[Any], psn_no: str, *, settled: Mapping[str, str]
) -> dict[str, str]:
    """Return which batches are settled, each with the settlement that stands now.

    What settled a batch may be taken back, or settled anew, where the counter does not
    see it: by a gap refund, or by what an institution sends past the counter. It is
    looked for only where a batch seems to be settled.
    """
    if not settled:
        return {}
    await until_projected(call.db, psn_no)
    now = await register.standing(call.db, psn_no, setl_ids=settled.values())
    return {one: now[was] for one, was in settled.items() if was in now}


async def free_taken_back(
    call: Call[Any], psn_no: str, *, settled: Mapping[str, str]
) -> dict[str, str]:
    """Return what `still_settled` does, and free the other batches."""
    standing = await still_settled(call, psn_no, settled=settled)
    for chrg_bchno, setl_id in settled.items():
        if chrg_bchno not in standing:
            await call.db.execute(query(*_HOME, name="unsettle"), setl_id)
    return standing


async def settled_batches(
    call: Call[Any], mdtrt_id: str, *, psn_no: str
) -> dict[str, str]:
    """Return the batches of a visit that are settled; free those that are no more."""
    rows = await call.db.fetch(query(*_HOME, name="settled"), mdtrt_id)
    settled = {row["chrg_bchno"]: row["setl_id"] for row in rows}
    return await free_taken_back(call, psn_no, settled=settled)
