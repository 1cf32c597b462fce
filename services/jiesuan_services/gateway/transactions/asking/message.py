"""What is asked of the ledger as the message that Kafka carries."""

from datetime import datetime
from typing import Any

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
