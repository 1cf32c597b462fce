"""2601 冲正交易: undoes a message whose outcome its sender does not know."""

from typing import Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.ledger.naming import carried, known_as, unseen_name
from jiesuan_services.gateway.store.serial import is_numbered
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.asking.outcomes import BARRED
from jiesuan_services.gateway.transactions.kinds import (
    AnsweredRequest,
    Asking,
    LedgerRequest,
    Nothing,
    Transaction,
    VisitSeen,
)
from jiesuan_services.gateway.transactions.settling.lost import (
    lost_message,
    standing_message,
)
from jiesuan_services.gateway.transactions.settling.made import name_of_open
from jiesuan_services.gateway.wire.payload import Node
from jiesuan_services.gateway.wire.values import Code, Id, MsgId

COMPENSATE: Final = "jiesuan.compensate.v1"
REVERSED: Final = "reversed"
COMPENSABLE: Final = {"2207": "2207", "2207A": "2207", "2102": "2102"}
"""What can be undone, and what the ledger calls it."""
NOT_COMPENSABLE: Final = "交易{}不能冲正，只有2207和2102可以；请用对应的撤销交易。"
OTHER_PERSON: Final = (
    "要冲正的报文属于另一参保人，本次未作任何处理；"
    "请核对人员编号psn_no和原报文omsgid后重新发送。"
)
LOST_NAME: Final = (
    "平台已无inf_refmsgid为{}的报文记录，本次未作任何处理；"
    "请将omsgid改为原报文的msgid后重新发送。"
)
"""The ledger knows a message by its sender's name alone."""
OTHER_STANDS: Final = (
    "该原报文已冲正或未结算成功，本次未作任何处理；同一msgid的结算{}仍有效，"
    "如需撤销请用2208（药店用2103）按结算ID撤销。"
)
"""Its sender may mean it, or may ask again for what was done: he must say which."""


class Compensation(Node):
    """Which message is undone: by its sender's name for it, or by ours."""

    psn_no: Id = Field(title="人员编号")
    omsgid: MsgId = Field(title="原发送方报文ID")
    oinfno: Code = Field(title="原交易编号")


class Input2601(Node):
    """The node of the transaction."""

    data: Compensation


async def ask(call: Call[Input2601]) -> LedgerRequest:
    """Return the compensation of the request that a message became.

    A message that never came is barred. The name is held until the compensation is
    written down: who takes another name for it meanwhile then finds that.
    """
    sent = call.input.data
    oinfno = COMPENSABLE.get(sent.oinfno.upper())
    if oinfno is None:
        raise CounterFault(NOT_COMPENSABLE.format(sent.oinfno))
    names = [name for name, base in COMPENSABLE.items() if base == oinfno]
    await call.db.execute(
        query("store", "messages", name="hold_name"),
        call.place.fixmedins_code,
        sent.omsgid,
    )
    data = {
        "psn_no": sent.psn_no,
        "fixmedins_code": call.place.fixmedins_code,
        "omsgid": await _asked_as(call, sent, infnos=names),
        "oinfno": oinfno,
    }
    echo = {"omsgid": data["omsgid"], "name": sent.omsgid, "infnos": names}
    # A request cannot undo one of its own name: as if that were taken already.
    is_own = data["omsgid"] == carried(call.envelope.msgid)
    return LedgerRequest(
        COMPENSATE,
        call.place.source,
        sent.psn_no,
        data,
        echo=echo,
        seen=VisitSeen(None, is_barred=False, is_taken=True) if is_own else None,
    )


async def _asked_as(
    call: Call[Input2601], sent: Compensation, *, infnos: list[str]
) -> str:
    """Return the ledger's name of the message; of one that never came a free one.

    A message of another infno may have the name, and is not meant; nor is it where only
    the ledger knows it. A name that we gave and do not know was lost, and is no message
    that never came. Of several messages of one name one is undone: done is not said
    where nothing of it is left to undo while another stands.
    """
    known = await _known_as(call, sent, infnos=infnos)
    if known is not None:
        return known
    lost = await lost_message(call, sent.psn_no, msgid=sent.omsgid, infnos=infnos)
    made = lost.made_by(infnos)
    if made is not None:
        return made
    if is_numbered(sent.omsgid, call.place.admdvs):
        raise CounterFault(LOST_NAME.format(sent.omsgid))
    statement = query("store", "messages", name="is_taken")
    name = carried(sent.omsgid)
    if await call.db.fetchval(statement, call.place.fixmedins_code, name):
        # It may have come since it was looked for, and have the name itself.
        known = await _known_as(call, sent, infnos=infnos)
        return known or unseen_name(sent.omsgid, infnos[0])
    lost.check_sure(infnos[0])
    return unseen_name(sent.omsgid, infnos[0]) if lost.is_known else name


async def _known_as(
    call: Call[Input2601], sent: Compensation, *, infnos: list[str]
) -> str | None:
    """Return the ledger's name of the message, None where it is not there by now.

    Where nobody has heard it yet, its sender's name may be another's in the ledger,
    which must not be undone for it. A second name is its own.
    """
    found = await call.db.fetchrow(
        query("store", "messages", name="asked_as"),
        call.place.fixmedins_code,
        infnos,
        sent.omsgid,
        sent.psn_no,
    )
    if found is None:
        return None
    if found["psn_no"] != sent.psn_no:
        raise CounterFault(OTHER_PERSON)
    if found["replied_at"] is None and found["request_id"] in known_as(found["msgid"]):
        return await name_of_open(call, found)
    if found["is_done_with"]:
        await _check_alone(call, sent, infnos=infnos)
    return str(found["request_id"])


async def _check_alone(
    call: Call[Input2601], sent: Compensation, *, infnos: list[str]
) -> None:
    """Refuse where another settlement of the sender's name stands."""
    stands = await standing_message(call, sent.psn_no, msgid=sent.omsgid, infnos=infnos)
    if stands is not None:
        raise CounterFault(OTHER_STANDS.format(stands))


async def compensated(answered: AnsweredRequest) -> Nothing:
    """Free the batch that was settled; the message itself has its last word now."""
    block = answered.answer.data
    whose = (answered.fixmedins_code, answered.psn_no, answered.echo["infnos"])
    name = answered.echo["name"]
    await answered.db.execute(
        query("store", "messages", name="close_compensated"),
        *whose,
        answered.echo["omsgid"],
        name,
        BARRED,
    )
    await answered.db.execute(query("store", "messages", name="bar"), *whose, name)
    if block["compensated"] == REVERSED:
        await answered.db.execute(
            query("store", "visits", name="unsettle"), block["init_setl_id"]
        )
    return Nothing()


TRANSACTION = Transaction(
    "2601", "冲正交易", Input2601, Nothing, Asking(ask, compensated)
)
