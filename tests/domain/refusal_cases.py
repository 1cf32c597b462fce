"""Refusals as the table of contracts §4 tells them: code, sentence, particulars."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from tests.domain import asking
from tests.domain.asking import Message, message
from tests.domain.overlays import trial

from jiesuan_services.clerk.trial import Trial

ELSEWHERE = {"insuplc_admdvs": "999900"}
CHRONIC = {"care": "14", "dise_codg": "M00500"}
DAY = "2022-03-01"
OUTPATIENT: dict[str, Any] = {
    "pack": "999900-310",
    "local_area": "42",
    "outpatient_deductible": 0,
    "outpatient_ratio": "0.5000",
    "outpatient_cap": 100_000,
}
ONE_HOSPITAL = {"psn_no": asking.PERSON, "fixmedins_code": asking.PRIMARY}
ENROLLED = asking.enrol("E1")
QUALIFIED = asking.qualify("Q1", "M00500", "2022-01-01")


class ExpectedRefusal(NamedTuple):
    """Why the last request is refused: its code, sentence and particulars."""

    code: str
    sentence: str
    details: dict[str, Any]


def start(folder: Path, settings: dict[str, Any]) -> Trial:
    """Make a trial under these settings in which every institution is registered."""
    made = trial(folder if settings else None, **settings)
    for one in asking.institutions():
        made.answer(asking.text(one), 1)
    return made


def last(made: Trial, *asked: Message) -> dict[str, Any]:
    """Ask in order and give the data of the last answer."""
    lines = [made.answer(asking.text(one), 1) for one in asked]
    data: dict[str, Any] = json.loads(lines[-1])["data"]
    return data


def bill(*lines: Message, **more: Any) -> Message:
    """Settle a bill of these lines."""
    return message("settle", "S1", asking.bill(list(lines), **more))


Case = tuple[dict[str, Any], tuple[Message, ...], ExpectedRefusal]
"""Settings, requests, and why the last of them is refused."""


def refusal(folder: Path, case: Case) -> tuple[ExpectedRefusal, ExpectedRefusal]:
    """Return the first reason of a case's last request, and what it should be."""
    settings, asked, expected = case
    first = last(start(folder, settings), *asked)["refusals"][0]
    return ExpectedRefusal(first["code"], first["message"], first["details"]), expected
