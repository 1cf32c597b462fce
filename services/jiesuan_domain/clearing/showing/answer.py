"""The data of an answer to a request about a month, from the fact that counts alone."""

from typing import Any

from msgspec import Struct

from jiesuan_events.words.glossary import wire_name
from jiesuan_ledger.clearing.facts import (
    CLEARING_REQUEST_OF,
    CLEARING_TYPE_OF,
    ClearingFact,
    ClearingPart,
    QuotaSet,
)


def whole(row: Struct) -> dict[str, Any]:
    """Render a row with all its columns: null what does not apply or did not happen."""
    return {wire_name(word): getattr(row, word) for word in row.__struct_fields__}


def clearing_answer(fact: ClearingFact, *, entry: dict[str, Any]) -> dict[str, Any]:
    """Render the answer's data to the request that a fact came of."""
    head = {
        "request_source": fact.request_source,
        "request_id": fact.request_id,
        "request_type": CLEARING_REQUEST_OF[CLEARING_TYPE_OF[type(fact)]],
        "psn_no": None,
        "outcome": "decided",
        "entry": entry,
    }
    if isinstance(fact, QuotaSet):
        return {**head, "prepayment": whole(fact.prepayment)}
    assert not isinstance(fact, ClearingPart), "a part answers nothing"
    return {
        **head,
        "statement_cnt": fact.statement_count,
        "statements": [whole(one) for one in fact.statements],
    }
