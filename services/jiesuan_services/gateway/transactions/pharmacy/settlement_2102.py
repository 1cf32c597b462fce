"""2102 药店结算: a purchase settled in one message."""

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.ledger.asking import SETTLE
from jiesuan_services.gateway.store.sql import query
from jiesuan_services.gateway.transactions.kinds import (
    PHARMACIES,
    AnsweredRequest,
    Asking,
    LedgerRequest,
    Transaction,
)
from jiesuan_services.gateway.transactions.lines.splitting import (
    read_lines,
    row_of,
    write_lines,
)
from jiesuan_services.gateway.transactions.pharmacy.purchase import (
    PurchaseInput,
    purchase,
)
from jiesuan_services.gateway.transactions.pharmacy.quote_2101 import Purchased
from jiesuan_services.gateway.transactions.settling.settlement_2207 import setl_of


async def ask(call: Call[PurchaseInput]) -> LedgerRequest:
    """Say what is to be settled, and keep the lines under a visit of their own."""
    asked, lines = await purchase(call, type_=SETTLE)
    assert asked.mdtrt_id is not None
    await call.db.execute(
        query("store", "visits", name="register_purchase"),
        asked.mdtrt_id,
        call.place.fixmedins_code,
        asked.subject,
        asked.data["insutype"],
        asked.data["insuplc_admdvs"],
        asked.mdtrt_id,
        call.input.druginfo.begntime or call.received,
    )
    await call.db.execute(
        query("store", "visits", name="put_batch"),
        asked.mdtrt_id,
        asked.mdtrt_id,
        write_lines(lines),
    )
    return LedgerRequest(
        asked.type,
        asked.source,
        asked.subject,
        asked.data,
        mdtrt_id=asked.mdtrt_id,
        chrg_bchno=asked.mdtrt_id,
        uses_account=asked.uses_account,
        echo=asked.echo,
    )


async def sold(answered: AnsweredRequest) -> Purchased:
    """Return the money and the split."""
    said = setl_of(answered)
    row = await answered.db.fetchrow(
        query("store", "visits", name="batch"), answered.mdtrt_id, answered.chrg_bchno
    )
    return Purchased(
        setlinfo=said.setlinfo,
        setldetail=said.setldetail,
        detlcutinfo=[row_of(line) for line in read_lines(row["lines"])],
    )


TRANSACTION = Transaction(
    "2102",
    "药店结算",
    PurchaseInput,
    Purchased,
    Asking(ask, sold, settles=True),
    who=PHARMACIES,
    names_person=True,
)
