"""A line's split, edge by edge: the care place's, and ours by the catalogue."""

from itertools import product
from typing import Any

import msgspec
import pytest
from tests.domain import asking

from jiesuan_domain.asked.commands import BillLine
from jiesuan_domain.benefit.lines.split import Fault, NeedsClassBRatio, split_line
from jiesuan_ledger.parts.block import SplitLine

PARTS = (
    "fulamt_ownpay_amt_fen",
    "overlmt_amt_fen",
    "preselfpay_amt_fen",
    "inscp_scp_amt_fen",
)
CLASS_B = 1000


def read(amount: int, **more: Any) -> BillLine:
    """Read a line of that many fen as the edge does."""
    return msgspec.convert(asking.line("1", amount, **more), BillLine)


def parts(split: SplitLine | Fault | NeedsClassBRatio) -> tuple[int, int, int, int]:
    """Return 自费, 超限价, 先行自付 and in scope of a line that was split."""
    assert isinstance(split, SplitLine)
    return split.excluded, split.line_over_limit, split.upfront_copay, split.in_scope


@pytest.mark.parametrize("given", list(product((-1, 0, 1), repeat=4)))
def test_a_given_split_is_taken_if_no_part_is_of_another_sign(
    given: tuple[int, int, int, int],
) -> None:
    """Four parts of one sign, or nothing, are taken as they are; others are a fault."""
    amount = sum(given)
    line = read(amount, **dict(zip(PARTS, given, strict=True)))
    found = split_line(line, CLASS_B)
    if min(given) < 0 < max(given):
        assert isinstance(found, Fault)
        assert found.what == "sign"
    else:
        assert parts(found) == given


@pytest.mark.parametrize("missing", range(4))
def test_a_given_split_that_misses_a_fen_is_a_fault(missing: int) -> None:
    """The four parts add up to the line, each of them counted."""
    given = [25, 25, 25, 25]
    given[missing] -= 1
    line = read(100, **dict(zip(PARTS, given, strict=True)))
    assert split_line(line, CLASS_B) == Fault("1", 100, 99, "parts")


@pytest.mark.parametrize(
    ("amount", "is_a_fault"), [(98, True), (99, False), (101, False), (102, True)]
)
def test_a_product_may_miss_the_line_by_one_fen(
    amount: int, *, is_a_fault: bool
) -> None:
    """Price times quantity is 100 fen; a line of 99 to 101 passes."""
    found = split_line(read(amount, pric="1.00"), CLASS_B)
    assert isinstance(found, Fault) == is_a_fault


@pytest.mark.parametrize(
    ("facts", "split"),
    [
        ({"chrgitm_lv": "01"}, (0, 0, 0, 1000)),
        ({"chrgitm_lv": "02"}, (0, 0, 100, 900)),
        ({"chrgitm_lv": "02", "selfpay_prop": "0.25"}, (0, 0, 250, 750)),
        ({"chrgitm_lv": "02", "selfpay_prop": "0"}, (0, 0, 0, 1000)),
        ({"chrgitm_lv": "03"}, (1000, 0, 0, 0)),
        ({"chrgitm_lv": "02", "pric_uplmt_amt": "6.00"}, (0, 400, 60, 540)),
        ({"chrgitm_lv": "01", "pric_uplmt_amt": "10.00"}, (0, 0, 0, 1000)),
        ({"chrgitm_lv": "01", "pric_uplmt_amt": "10.01"}, (0, 0, 0, 1000)),
        ({"chrgitm_lv": "01", "pric_uplmt_amt": "9.99"}, (0, 1, 0, 999)),
        ({"chrgitm_lv": "01", "pric_uplmt_amt": "9.995000"}, (0, 1, 0, 999)),
        ({"chrgitm_lv": "01", "pric_uplmt_amt": "9.995001"}, (0, 0, 0, 1000)),
        ({"chrgitm_lv": "01", "pric_uplmt_amt": "0.00"}, (0, 1000, 0, 0)),
        ({"lmt_used_flag": "1"}, (1000, 0, 0, 0)),
        ({"lmt_used_flag": "1", "hosp_appr_flag": "0"}, (1000, 0, 0, 0)),
        ({"lmt_used_flag": "1", "hosp_appr_flag": "1"}, (0, 0, 0, 1000)),
        ({"lmt_used_flag": "0", "hosp_appr_flag": "0"}, (0, 0, 0, 1000)),
        ({"lmt_used_flag": "0", "hosp_appr_flag": "2"}, (1000, 0, 0, 0)),
    ],
)
def test_a_line_and_its_return_split_alike(
    facts: dict[str, Any], split: tuple[int, ...]
) -> None:
    """A line of ten yuan splits by its facts, and a return is its mirror (V18)."""
    assert parts(split_line(read(1000, **facts), CLASS_B)) == split
    back = tuple(-part for part in split)
    assert parts(split_line(read(-1000, **facts), CLASS_B)) == back


def test_a_quantity_is_over_the_limit_as_a_whole() -> None:
    """Three at 10 yuan with a limit of 8 yuan are 6 yuan over."""
    line = read(3000, pric="10.00", cnt="3", pric_uplmt_amt="8.00")
    assert parts(split_line(line, CLASS_B)) == (0, 600, 0, 2400)


def test_the_least_excess_counts_by_its_quantity() -> None:
    """A millionth of a yuan over the limit, five thousand times, rounds to a fen."""
    line = read(500_001, pric="1.000001", cnt="5000", pric_uplmt_amt="1.000000")
    assert parts(split_line(line, CLASS_B)) == (0, 1, 0, 500_000)


def test_what_is_over_the_limit_is_never_more_than_the_line() -> None:
    """A line rounded down to 99 fen of a price of 100 is over by 99 at most."""
    line = read(99, pric="1.00", pric_uplmt_amt="0.00")
    assert parts(split_line(line, CLASS_B)) == (0, 99, 0, 0)


def test_class_b_without_any_ratio_names_its_line() -> None:
    """A 乙类 line without a ratio where the region has none is not split."""
    line = read(1000, chrgitm_lv="02")
    assert split_line(line, None) == NeedsClassBRatio("1")
    assert parts(split_line(read(1000), None)) == (0, 0, 0, 1000)


def test_a_split_line_keeps_its_name_item_and_amount() -> None:
    """Line number, item and amount come through every way of splitting."""
    given = dict(zip(PARTS, (0, 0, 0, 1000), strict=True))
    for line in (read(1000), read(1000, chrgitm_lv="03"), read(1000, **given)):
        found = split_line(line, CLASS_B)
        assert isinstance(found, SplitLine)
        assert (found.line_id, found.item, found.line_total) == ("1", "X1", 1000)


@pytest.mark.parametrize(
    ("price", "quantity", "amount", "is_a_fault"),
    [
        ("0.01", "1", 1, False),
        ("0.00", "1", 1, False),
        ("0.00", "1", -1, True),
        ("0.00", "-1", -1, False),
        ("0.00", "-1", 1, True),
        ("0.001", "0.0001", -1, True),
        ("0.01", "1", 0, False),
        ("0.01", "-1", 0, False),
        ("1.00", "0", 1, True),
        ("1.00", "0", -1, True),
        ("1.00", "-0.0000", 1, True),
        ("1.00", "0", 0, False),
    ],
)
def test_an_amount_has_the_sign_of_its_quantity_or_is_nothing(
    price: str, quantity: str, amount: int, is_a_fault: bool
) -> None:
    """Within the one fen of rounding no amount may change sides."""
    made = {**asking.line("1", amount), "pric": price, "cnt": quantity}
    line = msgspec.convert(made, BillLine)
    found = split_line(line, CLASS_B)
    assert isinstance(found, Fault) == is_a_fault
    if isinstance(found, Fault):
        assert (found.what, found.found) == ("product", amount)
