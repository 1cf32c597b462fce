"""What the ledger keeps of a request: when its lines arose, who referred."""

import json
from typing import Any

import pytest
from tests.domain import asking
from tests.domain.asking import Message, line, message

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.record import Record
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

EIGHT, NINE, TEN = (f"2022-03-01T{hour}:50:00+08:00" for hour in ("08", "09", "10"))


def kept(asked: Message) -> dict[str, Any]:
    """Return what the ledger keeps of a bill."""
    entries: list[Record] = []

    def keep(topic: str, record: Record, **_: Any) -> None:
        if topic == LEDGER:
            entries.append(record)

    made = Trial(load_packs(), keep=keep)
    for one in (*asking.institutions(), asking.enrol("E1"), asked):
        made.answer(asking.text(one), 1)
    fact: dict[str, Any] = json.loads(entries[-1].value or b"")
    return fact


def billed(*times: str) -> Message:
    """Settle a bill of a line at each of these times."""
    lines = [
        line(str(at), 100) | {"fee_ocur_time": time} for at, time in enumerate(times)
    ]
    return message("settle", "S1", asking.bill(lines))


@pytest.mark.parametrize(
    ("times", "first"),
    [
        ((NINE,), None),
        ((NINE, NINE), None),
        ((NINE, NINE, NINE), None),
        ((EIGHT, NINE), EIGHT),
        ((NINE, EIGHT), EIGHT),
        ((NINE, TEN, EIGHT, TEN), EIGHT),
        ((EIGHT, EIGHT, TEN, NINE, TEN), EIGHT),
    ],
)
def test_a_settlement_keeps_its_latest_time_and_the_first_if_another(
    times: tuple[str, ...], first: str | None
) -> None:
    """The latest line's time is kept, the earliest's where that is another moment."""
    fact = kept(billed(*times))
    assert fact["fee_ocur_time"] == max(times)
    assert fact.get("fee_ocur_time_from") == first


def test_a_filing_keeps_who_referred() -> None:
    """The institution that referred the person stands in the ledger."""
    data = {
        "psn_no": asking.PERSON,
        "insutype": "310",
        "filing_type": "referred",
        "rloc_admdvs": "310000",
        "begndate": "2022-01-01",
        "refl_fixmedins_code": asking.TERTIARY,
    }
    fact = kept(message("file", "F1", data))
    assert fact["refl_fixmedins_code"] == asking.TERTIARY
