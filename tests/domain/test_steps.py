"""The steps of a settlement: each rule with what it was put to and what it took."""

from pathlib import Path
from typing import Any

import pytest
from tests.domain import asking
from tests.domain.asking import Message, line
from tests.domain.refusal_cases import CHRONIC, ENROLLED, QUALIFIED, bill, last, start

Steps = list[tuple[str, int, int]]
GIVEN: dict[str, Any] = dict(
    zip(
        (
            "fulamt_ownpay_amt_fen",
            "overlmt_amt_fen",
            "preselfpay_amt_fen",
            "inscp_scp_amt_fen",
        ),
        (100, 200, 300, 400),
        strict=True,
    )
)
CASES: dict[str, tuple[dict[str, Any], tuple[Message, ...], Steps]] = {
    "the deductible, then the cap, then the ratio": (
        {},
        (bill(line("1", 700_000)),),
        [
            ("outpatient-deductible", 700_000, 240_000),
            ("over-cap", 460_000, 100_000),
            ("outpatient-pool", 360_000, 288_000),
            ("outpatient-person", 360_000, 72_000),
        ],
    ),
    "what a disease limit leaves": (
        {"disease_limits": {"M00500": 10_000}},
        (QUALIFIED, bill(line("1", 100_000), **CHRONIC)),
        [
            ("disease-limit", 90_000, 80_000),
            ("chronic-pool", 100_000, 10_000),
            ("chronic-person", 100_000, 10_000),
        ],
    ),
    "the tail above 24万": (
        {"large_sum_ratio": "0.9000"},
        (
            QUALIFIED,
            asking.inpatient("I1", "2022", 23_950_000),
            bill(line("1", 100_000), **CHRONIC),
        ),
        [
            ("chronic-pool", 50_000, 45_000),
            ("chronic-person", 50_000, 5_000),
            ("large-sum", 50_000, 45_000),
            ("large-sum-person", 50_000, 5_000),
        ],
    ),
    "the tail above 24万 where large-sum pays nothing": (
        {"large_sum_ratio": "0.0000"},
        (
            QUALIFIED,
            asking.inpatient("I1", "2022", 23_950_000),
            bill(line("1", 100_000), **CHRONIC),
        ),
        [
            ("chronic-pool", 50_000, 45_000),
            ("chronic-person", 50_000, 5_000),
            ("large-sum-person", 50_000, 50_000),
        ],
    ),
    "an inpatient stay": (
        {"inpatient_deductible": 100_000, "inpatient_ratio": "0.8500"},
        (bill(line("1", 300_000), care="21"),),
        [
            ("inpatient-deductible", 300_000, 100_000),
            ("inpatient-pool", 200_000, 170_000),
            ("inpatient-person", 200_000, 30_000),
        ],
    ),
    "the employer's supplement": (
        {"employer_supplement_ratio": "0.5000"},
        (bill(line("1", 250_000)),),
        [
            ("outpatient-deductible", 250_000, 240_000),
            ("outpatient-pool", 10_000, 8_000),
            ("outpatient-person", 10_000, 2_000),
            ("employer-supplement", 242_000, 121_000),
        ],
    ),
    "lines split by the care place and by the catalogue": (
        {},
        (
            bill(
                line("1", 1000, **GIVEN),
                line("2", 2000, chrgitm_lv="02", pric_uplmt_amt="15.00"),
                line("3", 500, chrgitm_lv="03"),
            ),
        ),
        [
            ("care-place-excluded", 1000, 100),
            ("care-place-over-limit", 1000, 200),
            ("care-place-upfront", 1000, 300),
            ("catalogue-excluded", 2500, 500),
            ("price-limit", 2500, 500),
            ("class-b-upfront", 2500, 150),
            ("outpatient-deductible", 1750, 1750),
        ],
    ),
    "乙类 ratios that lines brought, beside the region's": (
        {},
        (
            bill(
                line("1", 1000, **GIVEN),
                line("2", 2000, chrgitm_lv="02", selfpay_prop="0.2000"),
                line("3", 3000, chrgitm_lv="02"),
                line("4", 500, chrgitm_lv="02", selfpay_prop="0.1000"),
                line(
                    "5", 700, chrgitm_lv="02", selfpay_prop="0.3", hi_nego_drug_flag="1"
                ),
            ),
        ),
        [
            ("care-place-excluded", 1000, 100),
            ("care-place-over-limit", 1000, 200),
            ("care-place-upfront", 3000, 700),
            ("class-b-upfront", 6200, 420),
            ("outpatient-deductible", 5780, 5780),
        ],
    ),
    "one 乙类 line with a ratio of its own, beside a 丙类 one that has one": (
        {},
        (
            bill(
                line("1", 2000, chrgitm_lv="02", selfpay_prop="0.2000"),
                line("2", 900, chrgitm_lv="03", selfpay_prop="1.0000"),
            ),
        ),
        [
            ("care-place-upfront", 2000, 400),
            ("catalogue-excluded", 2900, 900),
            ("outpatient-deductible", 1600, 1600),
        ],
    ),
    "lines split by the care place alone": (
        {},
        (bill(line("1", 1000, **GIVEN)),),
        [
            ("care-place-excluded", 1000, 100),
            ("care-place-over-limit", 1000, 200),
            ("care-place-upfront", 1000, 300),
            ("outpatient-deductible", 400, 400),
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_step_says_what_it_was_put_to(case: str, tmp_path: Path) -> None:
    """Rules stand in their order, each with the amount before it and what it took."""
    settings, asked, steps = CASES[case]
    explained = last(start(tmp_path, settings), ENROLLED, *asked)["setl_proc_info"]
    assert [(one["rule"], one["in_fen"], one["out_fen"]) for one in explained] == steps
