"""What a sentence says is what its step did: every number is made again from it."""

import re
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.domain import asking
from tests.domain.asking import Message, line
from tests.domain.overlays import trial
from tests.domain.refusal_cases import last

from jiesuan_services.clerk.trial import Trial

LIVES = 60
BILLS = 9
MONEY = re.compile(r"(\d+\.\d\d)元")
PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
PRODUCT = re.compile(
    r"(?P<of>\d+\.\d\d)元[^0-9]*支付(?P<ratio>[0-9.]+)%"
    r"(?:（计(?P<comes_to>\d+\.\d\d)元，其中(?P<less>\d+\.\d\d)元超过年度基金限额，不予支付）)?"
    r"(?:（另有(?P<above>\d+\.\d\d)元在年度累计(?P<line>\d+\.\d\d)元以上）)?"
    r"，即(?P<is_>\d+\.\d\d)元"
)
LIMITS = {"M00500": 90_000, "M07801": 45_000}
SETTINGS: dict[str, Any] = {
    "disease_limits": LIMITS,
    "large_sum_threshold": 600_000,
    "large_sum_ratio": "0.8725",
    "employer_supplement_ratio": "0.3333",
    "inpatient_deductible": {
        "primary": 20_000,
        "secondary": 40_000,
        "tertiary": 60_000,
        "ministry": 80_000,
    },
    "inpatient_ratio": "0.8550",
}
VALUES = {
    "outpatient-deductible": 240_000,
    "large-sum": 600_000,
    "inpatient-deductible": 20_000,
}
PAYING = re.compile("-pool$|^large-sum$|^employer-supplement$")


def fen(yuan: str) -> int:
    """Read yuan as fen."""
    return int(yuan.replace(".", ""))


def half_up(amount: int, ratio: str) -> int:
    """Return a share of an amount, rounded half up to the fen."""
    return int(amount * Fraction(ratio) / 100 + Fraction(1, 2))


def bills(chance: Random) -> list[Message]:
    """Draw the bills of a year: ordinary, chronic of two diseases, and stays."""
    drawn = []
    for number in range(BILLS):
        care = chance.choice(("11", "13", "14", "14", "21"))
        more = {"dise_codg": chance.choice(tuple(LIMITS))} if care == "14" else {}
        lines = [
            line(
                str(at),
                chance.randint(1, 120_000),
                chrgitm_lv=chance.choice(("01", "02", "03")),
            )
            for at in range(3)
        ]
        data = asking.bill(lines, care=care, mdtrt_id=f"V{number}", **more)
        drawn.append(asking.message("settle", f"S{number}", data))
    return drawn


def hold(step: dict[str, Any], among: dict[str, dict[str, Any]]) -> None:
    """Make every number of a sentence again from the step that it explains."""
    rule, said = step["rule"], step["zh"]
    into, out = abs(step["in_fen"]), abs(step["out_fen"])
    amounts = [fen(one) for one in MONEY.findall(said)]
    assert out in amounts, said
    if PAYING.search(rule) is None:
        known = {into, out, VALUES.get(rule), *LIMITS.values()}
        known |= {600_000, 800_000, 1_000_000} if rule == "over-cap" else set()
        assert set(amounts) <= known, said
        assert PERCENT.findall(said) == []
        return
    product = PRODUCT.search(said)
    assert product is not None, said
    (ratio,) = PERCENT.findall(said)
    comes_to = half_up(into, ratio)
    limit = among.get("disease-limit") if rule == "chronic-pool" else None
    less = abs(limit["out_fen"]) if limit else 0
    tail = among.get("large-sum") or among.get("large-sum-person")
    above = abs(tail["in_fen"]) if tail and rule.endswith("-pool") else 0
    assert comes_to - less == out, said
    assert fen(product["of"]) == into, said
    assert fen(product["is_"]) == out, said
    assert (product["comes_to"] is not None) == bool(less), said
    if less:
        assert (fen(product["comes_to"]), fen(product["less"])) == (comes_to, less)
    assert (product["above"] is not None) == bool(above), said
    if above:
        assert (fen(product["above"]), fen(product["line"])) == (above, 600_000)


def answered_steps(made: Trial, asked: Message) -> list[dict[str, Any]]:
    """Ask, and return the steps of the answer."""
    steps: list[dict[str, Any]] = last(made, asked).get("setl_proc_info", [])
    return steps


@pytest.fixture
def seen(tmp_path: Path) -> set[str]:
    """Hold every sentence of many lives, and return the rules that were told."""
    rules: set[str] = set()
    chance = Random(20220301)
    for _ in range(LIVES):
        made = trial(tmp_path, **SETTINGS)
        so_far = (*asking.institutions(), asking.enrol("E1"))
        qualified = (asking.qualify(f"Q{d}", d, "2022-01-01") for d in LIMITS)
        last(made, *so_far, *qualified)
        drawn = bills(chance)
        undone = [asking.undo("refund", "R1", drawn[-1]["id"])]
        for asked in (*drawn, *undone):
            steps = answered_steps(made, asked)
            among = {step["rule"]: step for step in steps}
            for step in steps:
                hold(step, among)
            rules |= among.keys()
    return rules


def test_every_number_in_a_sentence_is_made_again_from_its_step(
    seen: set[str],
) -> None:
    """Amounts, ratios and limits in each sentence follow from the step and the law."""
    assert seen >= {
        "outpatient-deductible",
        "outpatient-pool",
        "outpatient-person",
        "over-cap",
        "chronic-pool",
        "disease-limit",
        "inpatient-deductible",
        "inpatient-pool",
        "large-sum",
        "large-sum-person",
        "employer-supplement",
        "class-b-upfront",
        "catalogue-excluded",
    }


def test_a_limit_is_said_beside_the_ratio_that_it_cuts(tmp_path: Path) -> None:
    """90 % of 1000 is not 500: what the limit takes is told between the two (F11)."""
    made = trial(tmp_path, disease_limits={"M00500": 50_000})
    so_far = (*asking.institutions(), asking.enrol("E1"))
    qualified = asking.qualify("Q1", "M00500", "2022-01-01")
    asked = asking.settle("S1", 100_000, care="14", dise_codg="M00500")
    steps = last(made, *so_far, qualified, asked)["setl_proc_info"]
    assert [step["zh"] for step in steps] == [
        "超过该病种年度基金限额500.00元的400.00元，由个人负担",
        "门诊慢特病费用1000.00元不设起付线，统筹基金支付90%"
        "（计900.00元，其中400.00元超过年度基金限额，不予支付），即500.00元",
        "其余100.00元由个人按比例负担",
    ]
