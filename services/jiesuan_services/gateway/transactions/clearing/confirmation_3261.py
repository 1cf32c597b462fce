"""3261 异地清分结果确认: rows that are to be cleared now, and rows that are not."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.transactions.clearing.rows_3260 import (
    TreatmentMonthNode,
)
from jiesuan_services.gateway.transactions.kinds import (
    AnsweredRequest,
    Asking,
    LedgerRequest,
    Nothing,
    Transaction,
)
from jiesuan_services.gateway.wire.payload import Node
from jiesuan_services.gateway.wire.values import CountIn, Flag, Id, YuanIn

CONFIRM: Final = "jiesuan.clearing.confirm.v1"
MOST_ROWS: Final = 1_000


class ConfirmedMonth(TreatmentMonthNode):
    """Which month; how many rows come is seen from the rows."""

    totalrow: CountIn | None = Field(default=None, title="总行数")


class RowToConfirm(Node):
    """One row as 3260 gave it, and whether it is to be cleared now."""

    setl_sn: Id = Field(title="结算流水号")
    medfee_sumamt: YuanIn = Field(title="总费用")
    optins_pay_sumamt: YuanIn = Field(title="经办机构支付总额")
    cnfm_flag: Flag = Field(title="确认标志")


class Input3261(Node):
    """The nodes of the transaction."""

    data: ConfirmedMonth
    detail: Annotated[list[RowToConfirm], Field(min_length=1, max_length=MOST_ROWS)]


async def ask(call: Call[Input3261]) -> LedgerRequest:
    """Confirm rows of the institution's statements of the month."""
    sent, place = call.input, call.place
    data = {
        "clr_ym": sent.data.clr_ym,
        "fixmedins_code": place.fixmedins_code,
        "rows": rows_asked(sent.detail),
    }
    return LedgerRequest(CONFIRM, place.source, place.admdvs, data)


def rows_asked(sent: Sequence[RowToConfirm]) -> list[dict[str, Any]]:
    """Return rows as the ledger is asked; what stands twice in all figures, once.

    Pages may overlap; of a row that stands with two flags the ledger says so.
    """
    return [
        {
            "setl_id": row.setl_sn,
            "cnfm_flag": row.cnfm_flag,
            "medfee_sumamt_fen": row.medfee_sumamt,
            "fund_pay_sumamt_fen": row.optins_pay_sumamt,
        }
        for row in dict.fromkeys(sent)
    ]


async def confirmed(answered: AnsweredRequest) -> Nothing:
    """Say no more than that it is done."""
    return Nothing()


TRANSACTION = Transaction(
    "3261", "异地清分结果确认", Input3261, Nothing, Asking(ask, confirmed)
)
