"""Reading a request: the glance at the envelope never sees more than the contract."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from jiesuan_events.envelope import Envelope
from jiesuan_services.intake.read import is_plain

SOURCES = ["/medins/H1", "/agency/429900", "/agency/42990", "/medins/", "/medins/a/b"]
TIMES = ["2022-03-01T08:50:00+08:00", "2022-03-01T08:50:00Z", "2022-03-01", "x"]
IDS = st.sampled_from(["A1", "a.b:c/d-e_f", "", "x" * 50, "x" * 51, "a b", "é", "a\n"])


def accepts(envelope: dict[str, Any]) -> bool:
    """Ask the contract."""
    try:
        Envelope.model_validate(envelope, by_name=False)
    except ValidationError:
        return False
    return True


@given(
    specversion=st.sampled_from(["1.0", "1.1", 1]),
    source=st.sampled_from(SOURCES),
    time=st.sampled_from(TIMES),
    id_=IDS,
    subject=IDS,
    type_=IDS,
    extra=st.sampled_from([{}, {"traceparent": "00-1"}, {"unknown": "x"}]),
)
def test_the_glance_agrees_with_the_contract(
    *,
    specversion: Any,
    source: str,
    time: str,
    id_: str,
    subject: str,
    type_: str,
    extra: dict[str, str],
) -> None:
    """An envelope is plain only if the contract takes it, and always without extras."""
    envelope = {
        "specversion": specversion,
        "source": source,
        "time": time,
        "id": id_,
        "subject": subject,
        "type": type_,
        **extra,
    }
    assert is_plain(envelope) == (accepts(envelope) and not extra)
