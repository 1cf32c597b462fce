"""The rows of 5204: their bytes, of what is kept here and of the ledger's lines."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from jiesuan_events.words.instants import BEIJING
from jiesuan_services.gateway.transactions.lines.splitting import SplitRow
from jiesuan_services.gateway.transactions.queries.fee_row import (
    FeeRow,
    LinePlace,
)
from jiesuan_services.gateway.wire.payload import Output
from jiesuan_services.gateway.wire.reply import encode

SPLIT: dict[str, Any] = {
    "feedetl_sn": "1",
    "det_item_fee_sumamt": 300_000,
    "fulamt_ownpay_amt": 0,
    "overlmt_amt": 100,
    "preselfpay_amt": 0,
    "inscp_scp_amt": 299_900,
}
PRICED: dict[str, Any] = {
    "cnt": Decimal("1.0000"),
    "pric": Decimal("3000.000000"),
    "pric_uplmt_amt": Decimal(2999),
    "selfpay_prop": Decimal("0.0000"),
    "chrgitm_lv": "01",
    "med_chrgitm_type": "09",
    "memo": "x",
}
PLACED = {"mdtrt_id": "V1", "setl_id": "S1", "med_list_codg": "XA"}
UPLOADED: dict[str, Any] = {
    "chrg_bchno": "B1",
    "medins_list_codg": "H1",
    "fee_ocur_time": datetime(2022, 3, 1, 8, 50, tzinfo=BEIJING),
    "rxno": "",
}


def written(row: Output) -> str:
    """Write a row as a reply writes it."""
    return encode(row.model_dump(exclude_none=True)).decode()


def test_a_kept_line_is_written_with_its_split_and_its_place() -> None:
    """All columns of a line's split are there, each in its place."""
    split = SplitRow(**SPLIT, **PRICED)
    row = FeeRow(
        **{name: getattr(split, name) for name in SplitRow.model_fields},
        **PLACED,
        **UPLOADED,
    )
    assert written(row) == (
        '{"feedetl_sn":"1","mdtrt_id":"V1","setl_id":"S1","med_list_codg":"XA",'
        '"det_item_fee_sumamt":3000.00,"fulamt_ownpay_amt":0.00,"overlmt_amt":1.00,'
        '"preselfpay_amt":0.00,"inscp_scp_amt":2999.00,"chrg_bchno":"B1",'
        '"medins_list_codg":"H1","fee_ocur_time":"2022-03-01 08:50:00","rxno":"",'
        '"cnt":1.0000,"pric":3000.000000,"pric_uplmt_amt":2999,"selfpay_prop":0.0000,'
        '"chrgitm_lv":"01","med_chrgitm_type":"09","bas_medn_flag":"0",'
        '"hi_nego_drug_flag":"0","chld_medc_flag":"0","list_sp_item_flag":"0",'
        '"lmt_used_flag":"0","drt_reim_flag":"0","memo":"x","exp_content":""}'
    )


def test_a_line_of_the_ledger_has_no_more_than_the_ledger_keeps() -> None:
    """What the ledger does not keep of a line is left out, not made up."""
    assert written(FeeRow.of({**SPLIT, **PLACED})) == (
        '{"feedetl_sn":"1","mdtrt_id":"V1","setl_id":"S1","med_list_codg":"XA",'
        '"det_item_fee_sumamt":3000.00,"fulamt_ownpay_amt":0.00,"overlmt_amt":1.00,'
        '"preselfpay_amt":0.00,"inscp_scp_amt":2999.00,"memo":"","exp_content":""}'
    )


def test_a_column_of_a_split_line_is_said_once() -> None:
    """Every column of a split line is one of the row's, under the same title."""
    titles = {name: field.title for name, field in FeeRow.model_fields.items()}
    ours = {name: field.title for name, field in SplitRow.model_fields.items()}
    assert titles.items() >= ours.items()
    assert not ours.keys() & LinePlace.model_fields.keys()
