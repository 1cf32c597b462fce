"""A request as the Kafka record to send: CloudEvents 1.0 in binary mode.

Any Kafka client will do: it is handed a topic, a partition, a key, a value, headers.
"""

import json
from dataclasses import dataclass
from typing import Final

from jiesuan_events.entries.partition import partition_of
from jiesuan_events.envelope import Envelope
from jiesuan_events.requests import REQUEST_TYPES, Request, entity_of
from jiesuan_events.words.topics import REQUESTS

TYPE_OF: Final[dict[type[Request], str]] = {
    model: type_ for type_, model in REQUEST_TYPES.items()
}


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """What a Kafka client sends."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]

    def partition(self, partitions: int) -> int:
        """Return the partition to send to, out of as many as the topic has."""
        return partition_of(self.key.decode(), partitions)


def request_record(
    request: Request, *, source: str, id_: str, time: str
) -> RequestRecord:
    """Write a checked request, named by source and id for ever, as a record."""
    subject = entity_of(request)
    envelope = Envelope.model_validate(
        {
            "specversion": "1.0",
            "type": TYPE_OF[type(request)],
            "source": source,
            "id": id_,
            "time": time,
            "subject": subject,
        }
    )
    headers = [
        (f"ce_{name}", str(text).encode()) for name, text in envelope.wire().items()
    ]
    return RequestRecord(
        REQUESTS,
        subject.encode(),
        json.dumps(request.wire(), ensure_ascii=False).encode(),
        [*headers, ("content-type", b"application/json")],
    )
