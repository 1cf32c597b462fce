"""What the naive law expects of an answer, held against the answer."""

import json
from typing import Any

from tests.domain.naive_bill import Money

Expected = dict[str, Any]
CUM = (
    "ordinary_inscp_fen",
    "inscp_fen",
    "dedc_fen",
    "overcap_fen",
    "hifp_fen",
    "hifob_fen",
    "psn_part_fen",
    "setl_cnt",
)
PAYERS = (
    "fund_pay_sumamt_fen",
    "hifp_pay_fen",
    "hifob_pay_fen",
    "psn_part_amt_fen",
    "acct_pay_fen",
    "psn_cash_pay_fen",
)


def refused(*codes: str, **more: Any) -> Expected:
    """Expect a refusal by its codes, in their order."""
    return {"outcome": "refused", "codes": list(codes), **more}


def codes_of(data: dict[str, Any]) -> list[str]:
    """List the codes of a refusal, each once, in their order."""
    return list(dict.fromkeys(one["code"] for one in data["refusals"]))


def differences(expected: Expected, answer: str) -> list[str]:
    """Return everything in which an answer is not what was expected of it."""
    data = json.loads(answer)["data"]
    found: list[str] = []

    def hold(what: str, wanted: Any, got: Any) -> None:
        if wanted != got:
            found.append(f"{what}: wanted {wanted}, got {got}")

    def hold_all(what: str, wanted: Money, got: Any) -> None:
        hold(what, wanted, {name: got.get(name) for name in wanted})

    hold("outcome", expected["outcome"], data["outcome"])
    if "refused" in (expected["outcome"], data["outcome"]):
        got = codes_of(data) if data["outcome"] == "refused" else []
        hold("codes", expected.get("codes", []), got)
    if found:
        return found
    if "blocking" in expected:
        blocking = data["refusals"][0]["details"]["blocking"]
        ids = [one["medins_setl_id"] for one in blocking]
        hold("blocking", expected["blocking"], ids)
    for name in ("money", "said"):
        hold_all(name, expected.get(name, {}), data)
    hold_all("cum", expected.get("cum", {}), data.get("cum", {}))
    hold("compensated", expected.get("compensated"), data.get("compensated"))
    for name in ("reversed", "resettled"):
        for wanted, got in zip(expected.get(name, []), data.get(name, []), strict=True):
            hold_all(name, wanted, got)
    if "total" in expected:
        hold("total", expected["total"], data["difference"]["total"])
    return found
