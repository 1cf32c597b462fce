"""What is asked of the ledger as the message that Kafka carries."""

from datetime import datetime
from typing import Any

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.ledger.naming import second_name
from jiesuan_services.gateway.transactions.kinds import LedgerRequest


def message_of(asked: LedgerRequest, id_: str, *, at: datetime) -> dict[str, Any]:
    """Return the request in structured mode; ``id_`` names it for ever."""
    return {
        "specversion": "1.0",
        "type": asked.type,
        "source": asked.source,
        "id": id_,
        "time": at.isoformat(timespec="milliseconds"),
        "subject": asked.subject,
        "data": asked.data,
    }


def question_of(call: Call[Any], asked: LedgerRequest) -> dict[str, Any]:
    """Return a quote as a message: nothing is left of it, and it takes nobody's name.

    Another message of the same msgid may have settled, or was compensated.
    """
    envelope = call.envelope
    id_ = second_name(envelope.msgid, envelope.infno, digest=call.digest)
    return message_of(asked, id_, at=call.received)
