"""2103 药店结算撤销: as 2208."""

from jiesuan_services.gateway.transactions.kinds import (
    PHARMACIES,
    Asking,
    Transaction,
)
from jiesuan_services.gateway.transactions.settling.refund_2208 import (
    Input2208,
    RefundReply,
    ask,
    refunded,
)

TRANSACTION = Transaction(
    "2103",
    "药店结算撤销",
    Input2208,
    RefundReply,
    Asking(ask, refunded),
    who=PHARMACIES,
    names_person=True,
)
