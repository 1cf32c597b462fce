"""2206, 2206A 门诊预结算: what a settlement would come to; nothing is entered."""

from typing import Any

from jiesuan_events.words.instants import moment
from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.ledger.asking import QUOTE
from jiesuan_services.gateway.transactions.asking.message import question_of
from jiesuan_services.gateway.transactions.asking.refusal import sentence_of
from jiesuan_services.gateway.transactions.kinds import (
    LedgerRequest,
    Reading,
    Transaction,
)
from jiesuan_services.gateway.transactions.settlement import (
    Setl,
    SetlInfo,
    detail_of,
    setlinfo_of,
)
from jiesuan_services.gateway.transactions.settling.bill import (
    Charge,
    visit_bill,
)
from jiesuan_services.gateway.wire.payload import Node


class Input2206(Node):
    """The node of the transaction."""

    data: Charge


async def quote(call: Call[Input2206]) -> Setl:
    """Ask the ledger what the batch would come to now."""
    return await quoted(call, await visit_bill(call, call.input.data, type_=QUOTE))


async def quoted(call: Call[Any], asked: LedgerRequest) -> Setl:
    """Return the ledger's quote of a bill."""
    answer = await call.services.ledger.ask(question_of(call, asked))
    if answer.is_refused:
        raise CounterFault(sentence_of(answer.data, asked.echo))
    block = answer.data
    return Setl(
        setlinfo=SetlInfo(
            **setlinfo_of(
                block,
                asked.subject,
                msgid=call.envelope.msgid,
                balance=asked.echo["balc_fen"] - block["acct_pay_fen"],
                at=moment(answer.time),
                mdtrt_cert_type=asked.echo["mdtrt_cert_type"],
            )
        ),
        setldetail=detail_of(block),
    )


TRANSACTION = Transaction(
    "2206", "门诊预结算", Input2206, Setl, Reading(quote), names_person=True
)
ALIAS = Transaction(
    "2206A", "门诊预结算", Input2206, Setl, Reading(quote), names_person=True
)
