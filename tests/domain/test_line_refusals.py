"""What is told of lines that cannot be settled, to the letter (contracts §3, §4)."""

from pathlib import Path
from typing import Any

import pytest
from tests.domain import asking
from tests.domain.asking import line
from tests.domain.refusal_cases import (
    CHRONIC,
    DAY,
    ELSEWHERE,
    ENROLLED,
    OUTPATIENT,
    QUALIFIED,
    Case,
    ExpectedRefusal,
    bill,
    refusal,
)

from jiesuan_events.words.money import yuan


def wrong(what: str) -> str:
    """Say in the words of the law that something does not add up."""
    return f"{what}，请核对后重新发送。"


def sums(sn: str | None, expected: int, *, found: int, what: str) -> dict[str, Any]:
    """Return the particulars of a sum that is not what it should be."""
    return {
        "feedetl_sn": sn,
        "expected_fen": expected,
        "found_fen": found,
        "what": what,
    }


LINES: dict[str, Case] = {
    "lines of two years": (
        {},
        (
            ENROLLED,
            bill(
                line("1", 1, day="2023-01-01"),
                line("2", 1, day="2022-12-31"),
                line("3", 1, day="2023-01-01"),
            ),
        ),
        ExpectedRefusal(
            "mixed-years",
            "费用明细跨2022、2023年度，请按年度分开结算。",
            {"lines": {"2022": ["2"], "2023": ["1", "3"]}},
        ),
    ),
    "lines of two diseases": (
        {},
        (
            ENROLLED,
            QUALIFIED,
            bill(
                line("1", 1), line("2", 1, dise_codg="M07801"), line("3", 1), **CHRONIC
            ),
        ),
        ExpectedRefusal(
            "mixed-diseases",
            "费用明细含与本次病种无关的项目，请按恶性肿瘤门诊治疗（M00500）、"
            "慢性肾功能衰竭透析（M07801）分开结算。",
            {"lines": {"M00500": ["1", "3"], "M07801": ["2"]}},
        ),
    ),
    "an item of no disease, tagged with another": (
        {"disease_items": {"M00500": ["X1"]}},
        (
            ENROLLED,
            QUALIFIED,
            bill(
                line("1", 1),
                line("2", 1, dise_codg="M07801"),
                line("3", 1, dise_codg="M00500"),
                **CHRONIC,
            ),
        ),
        ExpectedRefusal(
            "mixed-diseases",
            "费用明细含与本次病种无关的项目，请按恶性肿瘤门诊治疗（M00500）、"
            "慢性肾功能衰竭透析（M07801）和普通门诊分开结算。",
            {"lines": {"11": ["3"], "M00500": ["1"], "M07801": ["2"]}},
        ),
    ),
    "tags of two diseases on an ordinary bill, whatever the lists say": (
        {"disease_items": {"M07801": ["X1"]}},
        (
            ENROLLED,
            bill(
                line("1", 1, dise_codg="M00500"),
                line("2", 1, dise_codg="M07801"),
                dise_codg="M00500",
            ),
        ),
        ExpectedRefusal(
            "mixed-diseases",
            "按普通门诊结算的费用不能填写病种：病种恶性肿瘤门诊治疗（M00500）、"
            "慢性肾功能衰竭透析（M07801）的费用请按门诊慢特病结算，"
            "与病种无关的费用请不填病种、按普通门诊结算。",
            {"lines": {"M00500": ["1"], "M07801": ["2"]}},
        ),
    ),
    "a purchase at a pharmacy with a line of a disease": (
        {},
        (
            ENROLLED,
            bill(
                line("1", 1),
                line("2", 1, dise_codg="M00500"),
                at=asking.PHARMACY,
                care="41",
            ),
        ),
        ExpectedRefusal(
            "mixed-diseases",
            "按普通药店购药结算的费用不能填写病种：病种恶性肿瘤门诊治疗（M00500）"
            "的费用请按门诊慢特病结算，"
            "与病种无关的费用请不填病种、按普通药店购药结算。",
            {"lines": {"41": ["1"], "M00500": ["2"]}},
        ),
    ),
    "a sum that is not the total": (
        {},
        (ENROLLED, bill(line("1", 100), medfee_sumamt_fen=99)),
        ExpectedRefusal(
            "lines-do-not-add-up",
            wrong("医疗费总额0.99元与各行明细的合计1.00元不符"),
            sums(None, 100, found=99, what="sum"),
        ),
    ),
    "a price times a quantity that is not the amount": (
        {},
        (ENROLLED, bill(line("1", 100) | {"pric": "2.00"})),
        ExpectedRefusal(
            "lines-do-not-add-up",
            wrong("费用明细1的单价乘数量为2.00元，与该行金额1.00元不符"),
            sums("1", 200, found=100, what="product"),
        ),
    ),
    "four parts that are not the line": (
        {},
        (
            ENROLLED,
            bill(
                line(
                    "1",
                    100,
                    fulamt_ownpay_amt_fen=1,
                    overlmt_amt_fen=2,
                    preselfpay_amt_fen=3,
                    inscp_scp_amt_fen=4,
                )
            ),
        ),
        ExpectedRefusal(
            "lines-do-not-add-up",
            wrong("费用明细1分割后的四项合计0.10元，与该行金额1.00元不符"),
            sums("1", 100, found=10, what="parts"),
        ),
    ),
    "a part of the other sign": (
        {},
        (
            ENROLLED,
            bill(
                line(
                    "1",
                    100,
                    fulamt_ownpay_amt_fen=-1,
                    overlmt_amt_fen=0,
                    preselfpay_amt_fen=0,
                    inscp_scp_amt_fen=101,
                )
            ),
        ),
        ExpectedRefusal(
            "lines-do-not-add-up",
            wrong("费用明细1分割后有一项为-0.01元，与该行金额正负相反"),
            sums("1", 0, found=-1, what="sign"),
        ),
    ),
    "a negative total": (
        {},
        (ENROLLED, bill(line("1", -100))),
        ExpectedRefusal(
            "lines-do-not-add-up",
            wrong("医疗费总额为-1.00元，不能小于零"),
            sums(None, 0, found=-100, what="total"),
        ),
    ),
    "more 自费 taken back than given": (
        {},
        (ENROLLED, bill(line("1", 1000), line("2", -500, chrgitm_lv="03"))),
        ExpectedRefusal(
            "lines-do-not-add-up",
            wrong("费用明细中全自费金额的合计为-5.00元，不能小于零"),
            sums(None, 0, found=-500, what="excluded"),
        ),
    ),
    "more 超限价 taken back than given": (
        {},
        (ENROLLED, bill(line("1", 1000), line("2", -500, pric_uplmt_amt="0.01"))),
        ExpectedRefusal(
            "lines-do-not-add-up",
            wrong("费用明细中超限价金额的合计为-4.99元，不能小于零"),
            sums(None, 0, found=-499, what="over_limit"),
        ),
    ),
    "more 先行自付 taken back than given": (
        {},
        (
            ENROLLED,
            bill(
                line("1", 1000),
                line("2", -500, chrgitm_lv="02", selfpay_prop="0.5"),
            ),
        ),
        ExpectedRefusal(
            "lines-do-not-add-up",
            wrong("费用明细中先行自付金额的合计为-2.50元，不能小于零"),
            sums(None, 0, found=-250, what="upfront_copay"),
        ),
    ),
    "more in scope taken back than given": (
        {},
        (
            ENROLLED,
            bill(line("1", 1000, chrgitm_lv="03"), line("2", -500)),
        ),
        ExpectedRefusal(
            "lines-do-not-add-up",
            wrong("费用明细中政策范围内金额的合计为-5.00元，不能小于零"),
            sums(None, 0, found=-500, what="in_scope"),
        ),
    ),
    "乙类 without a ratio": (
        OUTPATIENT,
        (
            asking.enrol("E1", **ELSEWHERE),
            bill(line("1", 100, chrgitm_lv="02"), **ELSEWHERE),
        ),
        ExpectedRefusal(
            "policy-not-in-force",
            "参保地2022-03-01没有配置“乙类先行自付比例”，请联系参保地经办机构配置后重试。",
            {"parameter": "class_b_selfpay_prop", "on": DAY},
        ),
    ),
}


@pytest.mark.parametrize("case", LINES)
def test_a_refusal_says_what_is_wrong_to_the_letter(case: str, tmp_path: Path) -> None:
    """The first reason is the code, the sentence and the particulars of the table."""
    found, expected = refusal(tmp_path, LINES[case])
    assert found == expected


PARTS = (
    "fulamt_ownpay_amt_fen",
    "overlmt_amt_fen",
    "preselfpay_amt_fen",
    "inscp_scp_amt_fen",
)


@pytest.mark.parametrize(
    ("amount", "parts", "found"),
    [
        (100, (1, -1, 0, 100), -1),
        (1, (1, -1, 0, 1), -1),
        (100, (0, 0, 101, -1), -1),
        (-100, (-1, 0, 1, -100), 1),
        (-1, (0, -2, 0, 1), 1),
        (0, (0, 1, 0, -1), 1),
        (0, (0, -1, 0, 1), -1),
    ],
)
def test_the_first_part_of_another_sign_is_named(
    amount: int, parts: tuple[int, ...], *, found: int, tmp_path: Path
) -> None:
    """A part against the sign of its line is wrong; on a line of nothing, any part."""
    split: dict[str, Any] = dict(zip(PARTS, parts, strict=True))
    asked = bill(line("1", amount, **split))
    expected = ExpectedRefusal(
        "lines-do-not-add-up",
        wrong(f"费用明细1分割后有一项为{yuan(found)}元，与该行金额正负相反"),
        sums("1", 0, found=found, what="sign"),
    )
    assert refusal(tmp_path, ({}, (ENROLLED, asked), expected)) == (expected, expected)
