"""A line split at the counter: what is shown was applied, what is not is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from jiesuan_events.words.money import (
    MAX_LINE_FEN,
    price_times_quantity,
    rate_of,
    share,
    yuan,
)
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.transactions.lines.splitting import (
    SplitRow,
    read_lines,
    row_of,
    split_one,
    write_lines,
)
from jiesuan_services.gateway.transactions.pharmacy.purchase import DrugLine
from jiesuan_services.gateway.transactions.visits.lines_2204 import FeeLine
from jiesuan_services.gateway.wire.reply import encode

CLASS_B = 1_000
"""The region's own ratio, in ten-thousandths."""
LINE: dict[str, Any] = {
    "feedetl_sn": "L-1",
    "mdtrt_id": "V1",
    "psn_no": "P1",
    "chrg_bchno": "B1",
    "fee_ocur_time": "2022-03-01 08:50:00",
    "med_list_codg": "XA",
    "det_item_fee_sumamt": 3000,
    "cnt": 1,
    "pric": 3000,
}


def item(level: str, **facts: str) -> dict[str, Any]:
    """Return an item as the catalogue has it."""
    none = dict.fromkeys(
        ("pric_uplmt_amt", "selfpay_prop", "hi_nego_drug_flag", "lmt_used_flag")
    )
    return {"chrgitm_lv": level, "med_chrgitm_type": "09", **none, **facts}


def shown(facts: dict[str, Any], **fields: Any) -> SplitRow:
    """Return the row of a line of 3,000 yuan, or as given."""
    line = FeeLine.model_validate({**LINE, **fields})
    return row_of(split_one(line, facts, class_b=CLASS_B, region="429900"))


@pytest.mark.parametrize("level", ["01", "02", "03"])
@pytest.mark.parametrize(
    "facts", [{}, {"selfpay_prop": "0.3000"}, {"pric_uplmt_amt": "2000"}]
)
@pytest.mark.parametrize("negotiated", ["0", "1"])
def test_the_ratio_shown_is_the_one_applied(
    level: str, facts: dict[str, str], negotiated: str
) -> None:
    """What is within the ceiling, times the ratio, is what its person pays first; a
    negotiated drug goes by the region's, whatever class and ratio it has."""
    row = shown(item(level, hi_nego_drug_flag=negotiated, **facts))
    within = 300_000 - row.overlmt_amt - row.fulamt_ownpay_amt
    ratio = format(row.selfpay_prop, "f")
    if row.fulamt_ownpay_amt:
        assert (ratio, row.preselfpay_amt) == ("1.0000", 0)
    else:
        assert row.preselfpay_amt == share(within, rate_of(ratio))
    if negotiated == "1":
        assert ratio == "0.1000"


@pytest.mark.parametrize("negotiated", ["0", "1"])
@pytest.mark.parametrize("fields", [{}, {"pric": 0, "det_item_fee_sumamt": 0}])
def test_an_excluded_line_shows_that_its_person_pays_all(
    negotiated: str, fields: dict[str, int]
) -> None:
    """Restricted and not approved it is all its person's, negotiated, of nothing or
    not."""
    facts = item("02", hi_nego_drug_flag=negotiated, lmt_used_flag="1")
    row = shown(facts, **fields)
    assert format(row.selfpay_prop, "f") == "1.0000"
    assert row.fulamt_ownpay_amt == row.det_item_fee_sumamt


def refused(fen: int) -> str:
    """Return what is said of a line of one piece that costs so much."""
    price = yuan(fen)
    line = FeeLine.model_validate({**LINE, "det_item_fee_sumamt": price, "pric": 1})
    with pytest.raises(CounterFault) as wrong:
        split_one(line, item("01"), class_b=CLASS_B, region="429900")
    return wrong.value.sentence


@pytest.mark.parametrize("sign", [1, -1])
def test_a_line_larger_than_the_ledger_takes_is_refused_by_its_number(
    sign: int,
) -> None:
    """Beyond 10,000,000,000 yuan the line, its amount and the bound are named, and what
    to do; at the bound itself it is compared with price and quantity, as any line."""
    said = refused(sign * (MAX_LINE_FEN + 1))
    assert said == (
        f"费用明细L-1的金额{yuan(sign * (MAX_LINE_FEN + 1))}元过大，一条明细正负"
        "不超过10000000000.00元，请核对后重新发送。"
    )
    assert "单价乘数量" in refused(sign * MAX_LINE_FEN)


AMOUNTS = st.integers(-(10**17), 10**17).map(yuan) | st.decimals(
    allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=1000
).map(str)
PRICES = st.sampled_from(["0.01", "1", "12.3456789"]) | st.from_regex(
    r"[0-9]{1,10}(\.[0-9]{1,8})?", fullmatch=True
)
QUANTITIES = st.sampled_from(["1", "-1", "0.5"]) | st.from_regex(
    r"-?[0-9]{1,12}(\.[0-9]{1,6})?", fullmatch=True
)
SENT = st.fixed_dictionaries(
    {"det_item_fee_sumamt": AMOUNTS, "pric": PRICES, "cnt": QUANTITIES},
    optional={
        "hosp_appr_flag": st.sampled_from(["0", "1", "2", "9", "x"]),
        "feedetl_sn": st.text(max_size=70),
        "fee_ocur_time": st.datetimes().map(str)
        | st.sampled_from(
            ["0002-01-01", "9998-12-31 23:59:59", "2022-03-01T00:00:00Z"]
        ),
    },
)
FLAGS = st.sampled_from([None, "0", "1"])
ITEMS = st.fixed_dictionaries(
    {
        "chrgitm_lv": st.sampled_from(["01", "02", "03"]),
        "med_chrgitm_type": st.just("09"),
        "pric_uplmt_amt": st.sampled_from([None, "0", "9999999999.999999"]),
        "selfpay_prop": st.sampled_from([None, "0", "0.0001", "1.0000"]),
        "hi_nego_drug_flag": FLAGS,
        "lmt_used_flag": FLAGS,
    }
)


@pytest.mark.parametrize("model", [FeeLine, DrugLine])
@given(SENT, ITEMS, st.none() | st.integers(0, 10_000), st.integers(-1, 1) | st.none())
def test_what_the_counter_reads_as_a_line_is_split_or_refused(
    model: type[FeeLine | DrugLine],
    sent: dict[str, Any],
    facts: dict[str, Any],
    class_b: int | None,
    off: int | None,
) -> None:
    """No line that is read, of any item, ends in a fault of ours: it has its row, or
    a sentence that names it. ``off`` makes its amount the product, or a fen beside."""
    try:
        line = model.model_validate({**LINE, **sent})
        if off is not None:
            product = price_times_quantity(line.pric, line.cnt) + off
            sent = {**sent, "det_item_fee_sumamt": yuan(product)}
            line = model.model_validate({**LINE, **sent})
    except ValidationError:
        return
    try:
        kept = split_one(line, facts, class_b=class_b, region="429900")
    except CounterFault as wrong:
        said = wrong.sentence
    else:
        said = None
    if said is not None:
        assert said.startswith(f"费用明细{line.feedetl_sn}")
        assert len(said) <= 200
        return
    assert read_lines(write_lines([kept])) == [kept]
    row = row_of(kept)
    parts = (row.fulamt_ownpay_amt, row.overlmt_amt, row.preselfpay_amt)
    assert sum(parts) + row.inscp_scp_amt == line.det_item_fee_sumamt
    assert abs(line.det_item_fee_sumamt) <= MAX_LINE_FEN
    encode(row.model_dump())
