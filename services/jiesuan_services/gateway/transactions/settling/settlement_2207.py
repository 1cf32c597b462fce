"""2207, 2207A 门诊结算: one batch settled once, whoever asks how often."""

from typing import Final

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.ledger.asking import SETTLE
from jiesuan_services.gateway.ledger.naming import carried
from jiesuan_services.gateway.transactions.kinds import (
    AnsweredRequest,
    Asking,
    LedgerRequest,
    SoughtSettlement,
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
    takes_of_account,
    visit_bill,
)
from jiesuan_services.gateway.wire.payload import Node


class Input2207(Node):
    """The node of the transaction."""

    data: Charge


async def ask(call: Call[Input2207]) -> LedgerRequest:
    """Say what is to be settled: the lines that were uploaded, as they were split."""
    return await visit_bill(call, call.input.data, type_=SETTLE)


async def settled(answered: AnsweredRequest) -> Setl:
    """Return the money of the settlement."""
    return setl_of(answered)


def setl_of(answered: AnsweredRequest) -> Setl:
    """Return the money of a settlement as the counter says it."""
    block = answered.answer.data
    return Setl(
        setlinfo=SetlInfo(
            **setlinfo_of(
                block,
                answered.psn_no,
                msgid=answered.msgid,
                balance=answered.echo["balc_fen"] - block["acct_pay_fen"],
                at=answered.answer.time,
                mdtrt_cert_type=answered.echo["mdtrt_cert_type"],
            )
        ),
        setldetail=detail_of(block),
    )


def holds(call: Call[Input2207]) -> bool:
    """Whether it takes from an account, which two tills must not overspend."""
    return takes_of_account(call.input.data, type_=SETTLE)


def sought(call: Call[Input2207]) -> SoughtSettlement:
    """Say what can be known of the settlement without its visit and its lines."""
    charge = call.input.data
    return SoughtSettlement(
        charge.mdtrt_id,
        charge.chrg_bchno,
        charge.medfee_sumamt,
        None if charge.invono is None else carried(charge.invono),
        echo={"mdtrt_cert_type": charge.mdtrt_cert_type or ""},
    )


_WORK: Final = Asking(ask, settled, settles=True, holds=holds, sought=sought)
TRANSACTION = Transaction("2207", "门诊结算", Input2207, Setl, _WORK, names_person=True)
ALIAS = Transaction("2207A", "门诊结算", Input2207, Setl, _WORK, names_person=True)
