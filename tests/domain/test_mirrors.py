"""The mirror of a settlement (2208): every amount turned round, nothing else."""

import json
from pathlib import Path
from typing import Any

from tests.domain import asking
from tests.domain.asking import line, message, undo
from tests.domain.refusal_cases import start

OWN = ("setl_id", "medins_setl_id", "init_setl_id", "init_medins_setl_id")
GROWN = ("cum", "entry", "outcome", "request_id", "request_type", "request_source")


def amounts(value: Any, *, sign: int) -> Any:
    """Return every amount of a rendered block that sign; the sentences are left out."""
    if isinstance(value, dict):
        return {
            name: sign * one if name.endswith("_fen") else amounts(one, sign=sign)
            for name, one in value.items()
            if name != "zh"
        }
    if isinstance(value, list):
        return [amounts(one, sign=sign) for one in value]
    return value


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a mirror has of its own, and what its place in the ledger is."""
    return {name: one for name, one in data.items() if name not in OWN + GROWN}


def test_a_refund_is_the_settlement_with_every_amount_turned_round(
    tmp_path: Path,
) -> None:
    """Amounts, lines and steps are the negatives; identity, policy and day stay."""
    made = start(tmp_path, {"large_sum_ratio": "0.9000"})
    lines = [
        line("1", 300_000, chrgitm_lv="02", pric_uplmt_amt="2900.00"),
        line("2", 50_000, chrgitm_lv="03"),
        line("3", 400_000),
    ]
    asked = (
        asking.enrol("E1"),
        asking.inpatient("I1", "2022", 23_800_000),
        message(
            "settle", "S1", asking.bill(lines, acct_used_flag="1", balc_fen=100_000)
        ),
        undo("refund", "R1", "S1"),
    )
    answers = [json.loads(made.answer(asking.text(one), 1))["data"] for one in asked]
    settled, mirror = answers[2:]
    assert settled["hifob_pay_fen"] > 0
    assert amounts(plain(settled), sign=-1) == amounts(plain(mirror), sign=1)
    assert mirror["init_setl_id"] == settled["setl_id"]
    assert mirror["init_medins_setl_id"] == "S1"
    assert mirror["medins_setl_id"] == "R1"
    assert mirror["setl_id"] != settled["setl_id"]
