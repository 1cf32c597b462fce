"""A line split at the counter: the ratio that is shown is the one that was applied."""

from typing import Any

import pytest

from jiesuan_events.words.money import rate_of, share
from jiesuan_services.gateway.transactions.lines.splitting import (
    SplitRow,
    row_of,
    split_one,
)
from jiesuan_services.gateway.transactions.visits.lines_2204 import FeeLine

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
