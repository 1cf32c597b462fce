"""What travels where: the topics, and who says what on each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from jiesuan_events.answers import ANSWER_TYPE, ANSWERED
from jiesuan_events.clearing.facts import CLEARING_FACT_TYPES
from jiesuan_events.clearing.requests import (
    CLEARING_REQUEST_TYPES,
    CONFIRMING_TYPES,
    PAYEE_TYPES,
)
from jiesuan_events.entries.entry import GENESIS_TYPE
from jiesuan_events.facts import FACT_TYPES, LedgerCreated
from jiesuan_events.requests import AGENCY_TYPES, REFUND_TYPES, REQUEST_TYPES
from jiesuan_events.words.topics import (
    ANSWERS,
    CLEARING,
    CLEARING_REQUESTS,
    LEDGER,
    REQUESTS,
)

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
        """Return the name of the file of its JSON Schema."""
        return f"{self.type}.json"


def sender_of(type_: str) -> Sender:
    """Return who may send a request of this type; a refund comes from either.

    >>> sender_of("jiesuan.enrol.v1"), sender_of("jiesuan.settle.v1")
    ('agency', 'institution')
    """
    if type_ in REFUND_TYPES or type_ in PAYEE_TYPES:
        return "either"
    if type_ in CLEARING_REQUEST_TYPES:
        return "institution" if type_ in CONFIRMING_TYPES else "agency"
    return "agency" if type_ in AGENCY_TYPES else "institution"


def catalogue() -> Iterator[MessageType]:
    """List every type of message: requests, facts, the answer."""
    for type_, model in REQUEST_TYPES.items():
        yield MessageType(type_, REQUESTS, sender_of(type_), TypeAdapter(model))
    yield MessageType(GENESIS_TYPE, LEDGER, "jiesuan", TypeAdapter(LedgerCreated))
    for type_, adapter in FACT_TYPES.items():
        yield MessageType(type_, LEDGER, "jiesuan", adapter)
    for type_, asked in CLEARING_REQUEST_TYPES.items():
        adapter = TypeAdapter(asked)
        yield MessageType(type_, CLEARING_REQUESTS, sender_of(type_), adapter)
    for type_, adapter in CLEARING_FACT_TYPES.items():
        yield MessageType(type_, CLEARING, "jiesuan", adapter)
    yield MessageType(ANSWER_TYPE, ANSWERS, "jiesuan", ANSWERED)
