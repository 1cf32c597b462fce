"""Answers as CloudEvents: the data of the law in an envelope, on Kafka or in a line."""

from typing import Any, Final, Self

import msgspec
import orjson
from msgspec import Struct

from jiesuan_domain.asked.asked import Asked
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.answers import ANSWER_SOURCE, ANSWER_TYPE
from jiesuan_ledger.facts import Fact
from jiesuan_ledger.log.record import Record
from jiesuan_ledger.ours import with_checksum
from jiesuan_services.intake.read import Malformed, answer_id

_SPEC: Final = ("ce_specversion", b"1.0")
_SOURCE: Final = ("ce_source", ANSWER_SOURCE.encode())
_TYPE: Final = ("ce_type", ANSWER_TYPE.encode())
_JSON: Final = ("content-type", b"application/json")

encode: Final = msgspec.json.Encoder().encode
"""Write an answer's data as JSON."""


class Answer(Struct, frozen=True, gc=False):
    """One answer: to whom, its envelope's id, subject and time, its data as bytes."""

    source: str | None
    id: str | None
    subject: str | None
    time: str | None
    data: bytes

    @classmethod
    def of(cls, asked: Asked, data: bytes, *, time: str) -> Self:
        """Answer a request that was read."""
        source = asked.source
        return cls(source, f"{source}:{asked.id}", asked.person_id, time, data)

    @classmethod
    def to_fact(cls, fact: Fact, data: bytes, *, time: str) -> Self:
        """Answer the request that a fact of the ledger came of."""
        source = fact.request_source
        return cls(source, f"{source}:{fact.request_id}", fact.person_id, time, data)

    def line(self) -> str:
        """Render as one line of structured JSON."""
        envelope = {
            "specversion": "1.0",
            "type": ANSWER_TYPE,
            "source": ANSWER_SOURCE,
            "id": self.id,
            "subject": self.subject,
            "time": self.time,
            "data": orjson.Fragment(self.data),
        }
        return orjson.dumps(envelope).decode()

    def record(self, cause: str) -> Record:
        """Write under the sender's key; ``cause`` is the place of the request."""
        key = (self.source or "").rsplit("/", 1)[-1].encode()
        headers = [
            _SPEC,
            ("ce_id", (self.id or "").encode()),
            _SOURCE,
            _TYPE,
            ("ce_time", (self.time or "").encode()),
            ("ce_subject", (self.subject or "").encode()),
            _JSON,
            ("cause", cause.encode()),
        ]
        return with_checksum(Record(key, self.data, headers))


def to_request(asked: Asked, data: dict[str, Any], *, time: str) -> Answer:
    """Answer a request that was read: what it asked for, then what came of it."""
    whole = {
        "request_source": asked.source,
        "request_id": asked.id,
        "request_type": asked.type,
        "psn_no": getattr(asked.command, "person_id", None),
        **data,
    }
    return Answer.of(asked, encode(whole), time=time)


def refusal_data(refusals: tuple[Refusal, ...]) -> dict[str, Any]:
    """Render refusals in their order."""
    return {
        "outcome": "refused",
        "refusals": [refusal.wire() for refusal in refusals],
    }


def to_malformed(wrong: Malformed, *, time: str | None, line: int | None) -> Answer:
    """Answer a request that could not be read, with the number of its line."""
    refusal = wrong.refusal.wire()
    if line is not None and (wrong.source is None or wrong.id is None):
        refusal["details"] = {**refusal["details"], "line": line}
    data = {
        "request_source": wrong.source,
        "request_id": wrong.id,
        "request_type": wrong.type,
        "psn_no": wrong.person_id,
        "outcome": "refused",
        "refusals": [refusal],
    }
    id_ = answer_id(wrong.source, wrong.id)
    return Answer(wrong.source, id_, wrong.subject, time, encode(data))
