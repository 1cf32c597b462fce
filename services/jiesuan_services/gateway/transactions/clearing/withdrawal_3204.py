"""3204, 3204A 清算申请撤销: an application taken back, statement by statement."""

from typing import Any, Final

from pydantic import AliasChoices, Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store.statements import (
    applied_for,
    latest_applications,
    own_statements,
)
from jiesuan_services.gateway.transactions.kinds import (
    AnsweredRequest,
    Asking,
    LedgerRequest,
    Nothing,
    Transaction,
)
from jiesuan_services.gateway.wire.payload import Node
from jiesuan_services.gateway.wire.values import Id, Text

WITHDRAW: Final = "jiesuan.clearing.withdraw.v1"
DECLARED: Final = "10"
NOT_APPLIED: Final = (
    "没有本机构的清算申请{}，请用3203返回或3205A查到的机构清算申请事件ID重新发送。"
)
REPLACED: Final = "清算申请{}已被之后的申请代替，请用3205A查到的事件ID重新发送。"


class ClearingWithdrawal(Node):
    """Which application; a statement's own id names what was declared elsewhere."""

    clr_appy_evt_id: Id = Field(
        title="机构清算申请事件ID",
        validation_alias=AliasChoices("clr_appy_evt_id", "clr_apply_evt_id"),
    )
    clr_optins: Text | None = Field(default=None, title="清算经办机构")


class Input3204(Node):
    """The node of the transaction."""

    data: ClearingWithdrawal


async def ask(call: Call[Input3204]) -> LedgerRequest:
    """Withdraw the statements of the application: all, or none if one is not declared.

    One that the agency takes in meanwhile ends it: the reply names those withdrawn.
    """
    application = call.input.data.clr_appy_evt_id
    states = {
        row["statement_id"]: row["clr_stas"]
        for row in await own_statements(call, month=None)
    }
    named = await _statements_of(call, application, known=states)
    # What is not declared any more comes first: the ledger says what it is, and no more
    # is asked.
    named.sort(key=lambda one: states.get(one) == DECLARED)
    first, *more = [{"statement_id": one} for one in named]
    place = call.place
    return LedgerRequest(WITHDRAW, place.source, place.admdvs, first, then=more)


async def _statements_of(
    call: Call[Any], application: str, *, known: dict[str, str]
) -> list[str]:
    if application in known:
        return [application]
    named = await applied_for(call, application)
    if named is None:
        raise CounterFault(NOT_APPLIED.format(application))
    latest = await latest_applications(call, named)
    own = [one for one in named if latest.get(one) == application]
    if not own:
        raise CounterFault(REPLACED.format(application))
    return own


async def withdrawn(answered: AnsweredRequest) -> Nothing:
    """Say no more than that it is done."""
    return Nothing()


TRANSACTION = Transaction(
    "3204", "清算申请撤销", Input3204, Nothing, Asking(ask, withdrawn)
)
ALIAS = Transaction("3204A", "清算申请撤销", Input3204, Nothing, Asking(ask, withdrawn))
