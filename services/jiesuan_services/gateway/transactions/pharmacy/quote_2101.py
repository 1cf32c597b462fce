"""2101 药店预结算: what a purchase would come to."""

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.ledger.asking import QUOTE
from jiesuan_services.gateway.transactions.kinds import (
    PHARMACIES,
    Reading,
    Transaction,
)
from jiesuan_services.gateway.transactions.lines.splitting import SplitRow, row_of
from jiesuan_services.gateway.transactions.pharmacy.purchase import (
    PurchaseInput,
    purchase,
)
from jiesuan_services.gateway.transactions.settlement import SetlDetail, SetlInfo
from jiesuan_services.gateway.transactions.settling.quote_2206 import quoted
from jiesuan_services.gateway.wire.payload import Output


class Purchased(Output):
    """What 2101 and 2102 give back: the money, and the split of the lines."""

    setlinfo: SetlInfo
    setldetail: list[SetlDetail]
    detlcutinfo: list[SplitRow]


async def quote(call: Call[PurchaseInput]) -> Purchased:
    """Ask the ledger what the purchase would come to now."""
    async with call.services.pool.acquire() as db, db.transaction():
        asked, lines = await purchase(call.on(db), type_=QUOTE)
    said = await quoted(call, asked)
    return Purchased(
        setlinfo=said.setlinfo,
        setldetail=said.setldetail,
        detlcutinfo=[row_of(line) for line in lines],
    )


TRANSACTION = Transaction(
    "2101",
    "药店预结算",
    PurchaseInput,
    Purchased,
    Reading(quote),
    who=PHARMACIES,
    names_person=True,
)
