"""What travels where: the topics, and who says what on each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from jiesuan_events.answers import ANSWER_TYPE, ANSWERED
from jiesuan_events.entries.entry import GENESIS_TYPE
from jiesuan_events.entries.ledger import LedgerCreated
from jiesuan_events.facts import FACT_TYPES
from jiesuan_events.requests import AGENCY_TYPES, REFUND_TYPES, REQUEST_TYPES
from jiesuan_events.words.topics import ANSWERS, LEDGER, REQUESTS

Sender = Literal["agency", "institution", "either", "jiesuan"]


@dataclass(frozen=True, slots=True)
class MessageType:
    """One type of message: where it travels, who says it, what it looks like."""

    type: str
    topic: str
    sender: Sender
    adapter: TypeAdapter[Any]

    @property
    def schema_file(self) -> str:
        """Name the file of its JSON Schema."""
        return f"{self.type}.json"


def sender_of(type_: str) -> Sender:
    """Tell who may send a request of this type; a claim's refund comes from its agency.

    >>> sender_of("jiesuan.enrol.v1"), sender_of("jiesuan.settle.v1")
    ('agency', 'institution')
    """
    if type_ in REFUND_TYPES:
        return "either"
    return "agency" if type_ in AGENCY_TYPES else "institution"


def catalogue() -> Iterator[MessageType]:
    """List every type of message: requests, facts, the answer."""
    for type_, model in REQUEST_TYPES.items():
        yield MessageType(type_, REQUESTS, sender_of(type_), TypeAdapter(model))
    yield MessageType(GENESIS_TYPE, LEDGER, "jiesuan", TypeAdapter(LedgerCreated))
    for type_, adapter in FACT_TYPES.items():
        yield MessageType(type_, LEDGER, "jiesuan", adapter)
    yield MessageType(ANSWER_TYPE, ANSWERS, "jiesuan", ANSWERED)
